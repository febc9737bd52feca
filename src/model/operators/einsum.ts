/**
 * Einstein summation as numpy and ONNX define it: operands are multiplied pair by pair, and a label
 * is summed over as soon as no later operand and not the result names it.
 */

import type { TapeBuilder } from "../tape_builder.ts";
import { matrixProduct } from "./matrix_product.ts";
import { OperatorError, type Value } from "./operator.ts";
import { runsOver } from "./reduction.ts";
import { count, stridesOf } from "./shape.ts";
import { binary, reshape, transpose, view } from "./values.ts";

/** A value whose axes are named, each name once. */
interface Labelled {
  readonly value: Value;
  readonly labels: readonly string[];
}

interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
}

/** The contraction that `equation` describes, such as "bij,bjk->bik". */
export function einsum(
  builder: TapeBuilder,
  equation: string,
  operands: readonly Value[],
): Value {
  const { operands: labels, result } = parse(equation, operands.map(({ shape }) => shape.length));
  const sizes = new Map<string, number>();
  const named = operands.map((value, k) => {
    const own = labels[k] as readonly string[];
    own.forEach((label, axis) => {
      const size = value.shape[axis] as number;
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && known !== size) {
        throw new OperatorError(`label ${label} of "${equation}" is both ${known} and ${size}`);
      }
      sizes.set(label, Math.max(known, size));
    });
    return diagonal(builder, { value, labels: own });
  });
  const unknown = result.find((label) => !sizes.has(label));
  if (unknown !== undefined) throw new OperatorError(`no input of "${equation}" has ${unknown}`);
  const [first, ...rest] = named as [Labelled, ...Labelled[]];
  const all = rest.reduce((product, next, k) => {
    const later = rest.slice(k + 1).flatMap((operand) => operand.labels);
    return contract(builder, [product, next], [...result, ...later]);
  }, first);
  const { value, labels: left } = sumOut(builder, all, result);
  return transpose(builder, value, result.map((label) => left.indexOf(label)));
}

/** Labels of every operand and of the result; an ellipsis becomes labels of its own. */
function parse(equation: string, ranks: readonly number[]): Equation {
  const text = equation.replaceAll(" ", "");
  const [inputs = "", output, ...more] = text.split("->");
  const terms = inputs.split(",");
  const wellFormed = /^([A-Za-z]*(\.\.\.)?[A-Za-z]*)$/;
  if (more.length > 0 || terms.length !== ranks.length) {
    throw new OperatorError(`"${equation}" does not fit ${ranks.length} inputs`);
  }
  const widest = Math.max(
    0,
    ...terms.map((term, k) => (ranks[k] as number) - term.replace("...", "").length),
  );
  const labelsOf = (term: string, ellipsis: number): string[] => {
    if (!wellFormed.test(term)) throw new OperatorError(`"${equation}" is no contraction`);
    const [before = "", after] = term.split("...");
    if (after === undefined) return [...before];
    const dots = Array.from({ length: ellipsis }, (_, i) => `.${widest - ellipsis + i}`);
    return [...before, ...dots, ...after];
  };
  const operands = terms.map((term, k) => {
    const rank = ranks[k] as number;
    const named = term.replace("...", "").length;
    if (named > rank || (named < rank && !term.includes("..."))) {
      throw new OperatorError(`"${term}" of "${equation}" does not fit ${rank} dimensions`);
    }
    return labelsOf(term, rank - named);
  });
  const anyDots = terms.some((term) => term.includes("..."));
  const result = output === undefined
    ? impliedResult(operands.flat())
    : labelsOf(output, anyDots ? widest : 0);
  if (new Set(result).size !== result.length) {
    throw new OperatorError(`"${equation}" names a label of its result twice`);
  }
  return { operands, result };
}

/** Without an arrow the result has every label that occurs once, in alphabetical order. */
function impliedResult(labels: readonly string[]): string[] {
  const dots = [...new Set(labels.filter((label) => label.startsWith(".")))].sort();
  const once = labels.filter((label) =>
    !label.startsWith(".") && labels.indexOf(label) === labels.lastIndexOf(label)
  );
  return [...dots, ...once.sort()];
}

/** A label that stands twice in one operand walks its diagonal. */
function diagonal(builder: TapeBuilder, { value, labels }: Labelled): Labelled {
  const distinct = [...new Set(labels)];
  if (distinct.length === labels.length) return { value, labels };
  const own = stridesOf(value.shape);
  const axesNamed = (label: string) =>
    labels.flatMap((other, axis) => other === label ? [axis] : []);
  const shape = distinct.map((label) => {
    const sizes = axesNamed(label).map((axis) => value.shape[axis] as number);
    if (new Set(sizes).size !== 1) throw new OperatorError(`label ${label} is [${sizes}] long`);
    return sizes[0] as number;
  });
  const strides = distinct.map((label) =>
    axesNamed(label).reduce((sum, axis) => sum + (own[axis] as number), 0)
  );
  return { value: view(builder, value, { shape, strides }), labels: distinct };
}

/** Sums over every label that is not in `keep`. */
function sumOut(
  builder: TapeBuilder,
  { value, labels }: Labelled,
  keep: readonly string[],
): Labelled {
  const axes = labels.flatMap((label, axis) => keep.includes(label) ? [] : [axis]);
  if (axes.length === 0) return { value, labels };
  const runs = runsOver(builder, value, axes);
  return {
    value: { ...value, shape: runs.dropped, node: builder.sum(runs.node, runs.length) },
    labels: labels.filter((label) => keep.includes(label)),
  };
}

/** Product of two operands as one batched matrix product: batch, rows, columns, contracted. */
function contract(
  builder: TapeBuilder,
  pair: readonly [Labelled, Labelled],
  keep: readonly string[],
): Labelled {
  const [a, b] = pair.map((operand, k) =>
    sumOut(builder, operand, [...keep, ...(pair[1 - k] as Labelled).labels])
  ) as [Labelled, Labelled];
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => keep.includes(label));
  const inner = shared.filter((label) => !keep.includes(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const sizeOf = ({ value, labels }: Labelled, label: string) =>
    value.shape[labels.indexOf(label)] as number;
  if (shared.some((label) => sizeOf(a, label) !== sizeOf(b, label))) {
    return multiplyBroadcast(builder, [a, b], keep);
  }
  const sizes = (operand: Labelled, labels: readonly string[]) =>
    labels.map((label) => sizeOf(operand, label));
  const arrange = (operand: Labelled, order: readonly string[], shape: readonly number[]) =>
    reshape(
      transpose(builder, operand.value, order.map((label) => operand.labels.indexOf(label))),
      shape,
    );
  const batchSizes = sizes(a, batch);
  const k = count(sizes(a, inner));
  const left = arrange(a, [...batch, ...rows, ...inner], [...batchSizes, count(sizes(a, rows)), k]);
  const right = arrange(b, [...batch, ...inner, ...columns], [
    ...batchSizes,
    k,
    count(sizes(b, columns)),
  ]);
  const product = matrixProduct(builder, [left, right]);
  return {
    value: reshape(product, [...batchSizes, ...sizes(a, rows), ...sizes(b, columns)]),
    labels: [...batch, ...rows, ...columns],
  };
}

/** The rare case of a label that is 1 long in one operand and longer in the other. */
function multiplyBroadcast(
  builder: TapeBuilder,
  [a, b]: readonly [Labelled, Labelled],
  keep: readonly string[],
): Labelled {
  const labels = [...new Set([...a.labels, ...b.labels])];
  const wide = (operand: Labelled) => {
    const own = stridesOf(operand.value.shape);
    const axes = labels.map((label) => operand.labels.indexOf(label));
    return view(builder, operand.value, {
      shape: axes.map((axis) => axis < 0 ? 1 : operand.value.shape[axis] as number),
      strides: axes.map((axis) => axis < 0 ? 0 : own[axis] as number),
    });
  };
  const value = binary(builder, [wide(a), wide(b)], (x, y) => builder.product(x, y));
  return sumOut(builder, { value, labels }, keep);
}
