/** Sums, means, extremes and norms over axes, softmax included. */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { flag, int, optionalInts } from "./attributes.ts";
import { foldVisible, hiddenElements } from "./mask.ts";
import {
  type Call,
  type Operator,
  operator,
  OperatorError,
  type OperatorTable,
  type Value,
} from "./operator.ts";
import { foldRuns, logSumExpRuns, runsOver, spread } from "./reduction.ts";
import { axesOf, axisOf, count } from "./shape.ts";
import { anyInput, floatInput, isFloat, optionalIntegers, transpose } from "./values.ts";

interface RunsOf {
  readonly node: NodeId;
  readonly length: number;
}

/** What a reduction makes of runs of neighbouring elements. */
type Reduce = (builder: TapeBuilder, runs: RunsOf) => NodeId;

interface Reduction {
  readonly reduce: Reduce;
  /** What nothing reduces to. */
  readonly empty: number;
  /** Integers stay integers. */
  readonly forIntegers?: true;
}

const sumOf: Reduce = (builder, { node, length }) => builder.sum(node, length);

const squaresOf: Reduce = (builder, { node, length }) =>
  builder.sum(builder.map("square", node), length);

const SUM: Reduction = { empty: 0, forIntegers: true, reduce: sumOf };
const MEAN: Reduction = {
  empty: NaN,
  reduce: (builder, runs) => builder.scaleBy(sumOf(builder, runs), 1 / runs.length),
};
const MAX: Reduction = {
  empty: -Infinity,
  forIntegers: true,
  reduce: (builder, runs) => foldRuns(builder, runs, (a, b) => builder.maximum(a, b)),
};
const MIN: Reduction = {
  empty: Infinity,
  forIntegers: true,
  reduce: (builder, runs) => foldRuns(builder, runs, (a, b) => builder.minimum(a, b)),
};
const PRODUCT: Reduction = {
  empty: 1,
  forIntegers: true,
  reduce: (builder, runs) => foldRuns(builder, runs, (a, b) => builder.product(a, b)),
};
/** Σ |x|. */
const L1: Reduction = {
  empty: 0,
  reduce: (builder, { node, length }) => builder.sum(builder.map("abs", node), length),
};
/** √ Σ x²; no derivative at 0. */
const L2: Reduction = {
  empty: 0,
  reduce: (builder, runs) => builder.map("sqrt", squaresOf(builder, runs)),
};
const SUM_SQUARE: Reduction = { empty: 0, reduce: squaresOf };
const LOG_SUM: Reduction = {
  empty: -Infinity,
  reduce: (builder, runs) => builder.map("log", sumOf(builder, runs)),
};
const LOG_SUM_EXP: Reduction = { empty: -Infinity, reduce: logSumExpRuns };

function reduceOver(
  call: Call<unknown>,
  { reduce, empty, forIntegers }: Reduction,
  { axes, keep }: { axes: readonly number[]; keep: boolean },
): Value {
  const x = anyInput(call, 0);
  if (!isFloat(x.type) && forIntegers === undefined) {
    throw new OperatorError(`its input is of type ${x.type}, not a float`);
  }
  const runs = runsOver(call.builder, x, axesOf(axes, x.shape.length));
  const node = runs.length === 0
    ? call.builder.fill(empty, count(runs.dropped))
    : reduce(call.builder, runs);
  return { ...x, shape: keep ? runs.kept : runs.dropped, node };
}

function allAxes(x: Value): number[] {
  return x.shape.map((_, axis) => axis);
}

function byAttribute(reduction: Reduction): Operator {
  return operator({
    since: 1,
    inputs: [1, 1],
    attributes: { axes: optionalInts, keepdims: flag(1) },
    lower: (call) => {
      const { axes = allAxes(anyInput(call, 0)), keepdims } = call.attributes;
      return [reduceOver(call, reduction, { axes, keep: keepdims })];
    },
  });
}

function byInput(since: number, reduction: Reduction): Operator {
  return operator({
    since,
    inputs: [1, 2],
    attributes: { keepdims: flag(1), noop_with_empty_axes: flag(0) },
    lower: (call) => {
      const axes = optionalIntegers(call, 1) ?? [];
      const { keepdims, noop_with_empty_axes } = call.attributes;
      if (axes.length > 0) return [reduceOver(call, reduction, { axes, keep: keepdims })];
      const x = anyInput(call, 0);
      if (!noop_with_empty_axes) {
        return [reduceOver(call, reduction, { axes: allAxes(x), keep: keepdims })];
      }
      return [{ ...x, node: reduction.reduce(call.builder, { node: x.node, length: 1 }) }];
    },
  });
}

/** Axes became an input with opset 18, for ReduceSum with 13. */
function versions(reduction: Reduction, axesAreInputSince = 18): Operator[] {
  return [byAttribute(reduction), byInput(axesAreInputSince, reduction)];
}

/** x − log Σ exp(x) along runs; softmax is its exp, which cannot overflow. */
function logSoftmax(builder: TapeBuilder, { node, length }: RunsOf): NodeId {
  const sum = logSumExpRuns(builder, { node, length });
  return builder.subtract(node, spread(builder, sum, length));
}

/** What is made of x − log Σ exp(x), and of an element that a mask hides. */
interface Finish {
  readonly of: (builder: TapeBuilder, logarithm: NodeId) => NodeId;
  readonly hidden: number;
}

/** softmax or log-softmax of each run, over the elements that no mask hides. */
function softmaxRuns(builder: TapeBuilder, { node, length }: RunsOf, finish: Finish): NodeId {
  const fold = (runs: RunsOf) => finish.of(builder, logSoftmax(builder, runs));
  const hidden = hiddenElements(builder, node);
  return hidden === undefined
    ? fold({ node, length })
    : foldVisible(builder, { node, length, hidden }, { fold, filler: finish.hidden });
}

/** Up to opset 12 the axis splits the tensor into a matrix, whose rows are normalised. */
function softmaxOverRest(finish: Finish): Operator {
  return operator({
    since: 1,
    inputs: [1, 1],
    attributes: { axis: int(1) },
    lower: (call) => {
      const x = floatInput(call, 0);
      const rank = x.shape.length;
      const axis = call.attributes.axis === rank ? rank : axisOf(call.attributes.axis, rank);
      const length = count(x.shape.slice(axis));
      if (length === 0) return [x];
      const { builder } = call;
      return [{ ...x, node: softmaxRuns(builder, { node: x.node, length }, finish) }];
    },
  });
}

function softmaxOverAxis(finish: Finish): Operator {
  return operator({
    since: 13,
    inputs: [1, 1],
    attributes: { axis: int(-1) },
    lower: (call) => {
      const { builder } = call;
      const x = floatInput(call, 0);
      const axis = axisOf(call.attributes.axis, x.shape.length);
      const length = x.shape[axis] as number;
      if (length === 0) return [x];
      const last = [...allAxes(x).filter((other) => other !== axis), axis];
      const back = allAxes(x).map((other) => last.indexOf(other));
      const rows = transpose(builder, x, last);
      const node = softmaxRuns(builder, { node: rows.node, length }, finish);
      return [transpose(builder, { ...rows, node }, back)];
    },
  });
}

function softmax(finish: Finish): Operator[] {
  return [softmaxOverRest(finish), softmaxOverAxis(finish)];
}

const SOFTMAX: Finish = { of: (builder, logarithm) => builder.map("exp", logarithm), hidden: 0 };

/** softmax of each run of neighbouring elements; what −∞ hides takes no part. */
export function softmaxOfRuns(builder: TapeBuilder, runs: RunsOf): NodeId {
  return softmaxRuns(builder, runs, SOFTMAX);
}

/** Rows of ai.onnx. */
export const REDUCTION_OPERATORS: OperatorTable = {
  ReduceSum: versions(SUM, 13),
  ReduceMean: versions(MEAN),
  ReduceMax: versions(MAX),
  ReduceMin: versions(MIN),
  ReduceProd: versions(PRODUCT),
  ReduceL1: versions(L1),
  ReduceL2: versions(L2),
  ReduceSumSquare: versions(SUM_SQUARE),
  ReduceLogSum: versions(LOG_SUM),
  ReduceLogSumExp: versions(LOG_SUM_EXP),
  Softmax: softmax(SOFTMAX),
  LogSoftmax: softmax({ of: (_, logarithm) => logarithm, hidden: -Infinity }),
};
