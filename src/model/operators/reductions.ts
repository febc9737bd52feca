/** Sums, means, extremes and norms over axes, softmax included. */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { flag, int, optionalInts } from "./attributes.ts";
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

const sumOf: Reduce = (builder, { node, length }) => builder.sum(node, length);

const REDUCTIONS = {
  sum: sumOf,
  mean: (builder, runs) => builder.scaleBy(sumOf(builder, runs), 1 / runs.length),
  max: (builder, runs) => foldRuns(builder, runs, (a, b) => builder.maximum(a, b)),
  min: (builder, runs) => foldRuns(builder, runs, (a, b) => builder.minimum(a, b)),
  product: (builder, runs) => foldRuns(builder, runs, (a, b) => builder.product(a, b)),
  /** Σ |x|. */
  l1: (builder, { node, length }) => builder.sum(builder.map("abs", node), length),
  /** √ Σ x²; no derivative at 0. */
  l2: (builder, { node, length }) =>
    builder.map("sqrt", builder.sum(builder.map("square", node), length)),
  sumSquare: (builder, { node, length }) => builder.sum(builder.map("square", node), length),
  logSum: (builder, runs) => builder.map("log", sumOf(builder, runs)),
  logSumExp: logSumExpRuns,
} satisfies Record<string, Reduce>;

/** Of integers only these stay integers. */
const FOR_INTEGERS: readonly Reduce[] = [
  REDUCTIONS.sum,
  REDUCTIONS.max,
  REDUCTIONS.min,
  REDUCTIONS.product,
];

function reduceOver(
  call: Call<unknown>,
  reduce: Reduce,
  { axes, keep }: { axes: readonly number[]; keep: boolean },
): Value {
  const x = anyInput(call, 0);
  if (!isFloat(x.type) && !FOR_INTEGERS.includes(reduce)) {
    throw new OperatorError(`its input is of type ${x.type}, not a float`);
  }
  const runs = runsOver(call.builder, x, axesOf(axes, x.shape.length));
  if (runs.length === 0) throw new OperatorError(`it reduces nothing: shape [${x.shape}]`);
  return { ...x, shape: keep ? runs.kept : runs.dropped, node: reduce(call.builder, runs) };
}

function allAxes(x: Value): number[] {
  return x.shape.map((_, axis) => axis);
}

function byAttribute(reduce: Reduce): Operator {
  return operator({
    since: 1,
    inputs: [1, 1],
    attributes: { axes: optionalInts, keepdims: flag(1) },
    lower: (call) => {
      const { axes = allAxes(anyInput(call, 0)), keepdims } = call.attributes;
      return [reduceOver(call, reduce, { axes, keep: keepdims })];
    },
  });
}

function byInput(since: number, reduce: Reduce): Operator {
  return operator({
    since,
    inputs: [1, 2],
    attributes: { keepdims: flag(1), noop_with_empty_axes: flag(0) },
    lower: (call) => {
      const axes = optionalIntegers(call, 1) ?? [];
      const { keepdims, noop_with_empty_axes } = call.attributes;
      if (axes.length > 0) return [reduceOver(call, reduce, { axes, keep: keepdims })];
      const x = anyInput(call, 0);
      if (!noop_with_empty_axes) {
        return [reduceOver(call, reduce, { axes: allAxes(x), keep: keepdims })];
      }
      return [{ ...x, node: reduce(call.builder, { node: x.node, length: 1 }) }];
    },
  });
}

/** Axes became an input with opset 18, for ReduceSum with 13. */
function reduction(reduce: Reduce, axesAreInputSince = 18): Operator[] {
  return [byAttribute(reduce), byInput(axesAreInputSince, reduce)];
}

/** x − log Σ exp(x) along runs; softmax is its exp, which cannot overflow. */
function logSoftmax(builder: TapeBuilder, { node, length }: RunsOf): NodeId {
  const sum = logSumExpRuns(builder, { node, length });
  return builder.subtract(node, spread(builder, sum, length));
}

type Finish = (builder: TapeBuilder, logarithm: NodeId) => NodeId;

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
      return [{ ...x, node: finish(builder, logSoftmax(builder, { node: x.node, length })) }];
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
      const node = finish(builder, logSoftmax(builder, { node: rows.node, length }));
      return [transpose(builder, { ...rows, node }, back)];
    },
  });
}

function softmax(finish: Finish): Operator[] {
  return [softmaxOverRest(finish), softmaxOverAxis(finish)];
}

export const REDUCTION_OPERATORS: OperatorTable = {
  ReduceSum: reduction(REDUCTIONS.sum, 13),
  ReduceMean: reduction(REDUCTIONS.mean),
  ReduceMax: reduction(REDUCTIONS.max),
  ReduceMin: reduction(REDUCTIONS.min),
  ReduceProd: reduction(REDUCTIONS.product),
  ReduceL1: reduction(REDUCTIONS.l1),
  ReduceL2: reduction(REDUCTIONS.l2),
  ReduceSumSquare: reduction(REDUCTIONS.sumSquare),
  ReduceLogSum: reduction(REDUCTIONS.logSum),
  ReduceLogSumExp: reduction(REDUCTIONS.logSumExp),
  Softmax: softmax((builder, logarithm) => builder.map("exp", logarithm)),
  LogSoftmax: softmax((_, logarithm) => logarithm),
};
