/** The smooth operators of ai.onnx.ml beside support vectors. */

import { choice, float, int, optionalFloats, optionalInts } from "./attributes.ts";
import { divideByNorm } from "./normalisation.ts";
import { operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { foldRuns, spread } from "./reduction.ts";
import { rowsInput } from "./rows.ts";
import { count } from "./shape.ts";
import { anyInput, isFloat } from "./values.ts";

/** (x − offset) · scale, per column or with one number for all. */
const scaler = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { offset: optionalFloats, scale: optionalFloats },
  lower: (call) => {
    const { x, width } = rowsInput(call);
    const { offset, scale } = call.attributes;
    if (offset === undefined || scale === undefined) {
      throw new OperatorError("it lacks its offset or its scale");
    }
    for (const values of [offset, scale]) {
      if (values.length !== 1 && values.length !== width) {
        throw new OperatorError(`${values.length} factors do not fit ${width} columns`);
      }
    }
    const of = (values: readonly number[], i: number) =>
      values[values.length === 1 ? 0 : i % width] as number;
    const all = Array.from({ length: count(x.shape) }, (_, i) => i);
    const factor = Float64Array.from(all, (i) => of(scale, i));
    const shift = Float64Array.from(all, (i) => -of(offset, i) * of(scale, i));
    return [{ ...x, type: "float32", node: call.builder.scale(x.node, factor, shift) }];
  },
});

/** Each row divided by its largest element, its L1 or its L2 norm. */
const normalizer = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { norm: choice(["MAX", "L1", "L2"], "MAX") },
  lower: (call) => {
    const { x, width } = rowsInput(call);
    const { builder, attributes: { norm } } = call;
    const float = { ...x, type: "float32" as const };
    if (norm !== "MAX") {
      return [divideByNorm(builder, float, { axis: x.shape.length - 1, norm })];
    }
    const largest = foldRuns(
      builder,
      { node: x.node, length: width },
      (a, b) => builder.maximum(a, b),
    );
    return [{ ...float, node: builder.divide(x.node, spread(builder, largest, width)) }];
  },
});

/** Coefficients per target over the columns, plus an intercept per target. */
const linearRegressor = operator({
  since: 1,
  inputs: [1, 1],
  attributes: {
    coefficients: optionalFloats,
    intercepts: optionalFloats,
    post_transform: choice(["NONE"], "NONE"),
    targets: int(1),
  },
  lower: (call) => {
    const { x, rows, width } = rowsInput(call);
    const { coefficients = [], intercepts, targets } = call.attributes;
    const fits = targets >= 1 && coefficients.length === targets * width &&
      (intercepts === undefined || intercepts.length === targets);
    if (!fits) {
      throw new OperatorError(
        `${coefficients.length} coefficients and ${
          intercepts?.length ?? 0
        } intercepts do not fit ` +
          `${targets} targets of ${width} columns`,
      );
    }
    const offset = Float64Array.from(intercepts ?? new Float64Array(targets));
    const node = call.builder.affine(x.node, Float64Array.from(coefficients), offset);
    return [{ ...x, type: "float32", shape: [rows, targets], node }];
  },
});

/**
 * Replaces missing values. Inputs of an optimizer are never missing, so replacing NaN (or infinity, as
 * scikit-learn's power transform does after a logarithm) does nothing; replacing a number would be a
 * hole at that number, which no derivative shows.
 */
const imputer = operator({
  since: 1,
  inputs: [1, 1],
  attributes: {
    imputed_value_floats: optionalFloats,
    imputed_value_int64s: optionalInts,
    replaced_value_float: float(0),
    replaced_value_int64: int(0),
  },
  lower: (call) => {
    const { x, width } = rowsInput(call);
    const { imputed_value_floats: imputed = [], replaced_value_float: replaced } = call.attributes;
    if (!isFloat(x.type) || Number.isFinite(replaced)) {
      throw new OperatorError(
        `it replaces the number ${replaced}, which the plant may give`,
        "train it to replace NaN",
      );
    }
    if (imputed.length !== 1 && imputed.length !== width) {
      throw new OperatorError(`${imputed.length} replacements do not fit ${width} columns`);
    }
    return [x];
  },
});

/** Columns of all inputs side by side. */
const featureVectorizer = operator({
  since: 1,
  inputs: [1, Infinity],
  attributes: { inputdimensions: optionalInts },
  lower: (call) => {
    const parts = call.inputs.map((_, index): Value => {
      const value = anyInput(call, index);
      if (value.shape.length !== 2) {
        throw new OperatorError(`its input ${index} has the shape [${value.shape}]`);
      }
      return value;
    });
    const widths = parts.map((part) => part.shape[1] as number);
    const { inputdimensions = widths } = call.attributes;
    const [first] = parts as [Value];
    const rows = first.shape[0] as number;
    const fits = `${inputdimensions}` === `${widths}` &&
      parts.every((part) => part.shape[0] === rows && part.type === first.type);
    if (!fits) {
      throw new OperatorError(`widths [${inputdimensions}] do not fit inputs of [${widths}]`);
    }
    const starts = widths.map((_, k) =>
      parts.slice(0, k).reduce((sum, part) => sum + count(part.shape), 0)
    );
    const order = Array.from(
      { length: rows },
      (_, row) =>
        widths.map((width, k) =>
          Array.from({ length: width }, (_, i) => (starts[k] as number) + row * width + i)
        ),
    ).flat(2);
    const both = call.builder.concat(parts.map((part) => part.node));
    return [{
      type: "float32",
      shape: [rows, order.length / rows],
      node: call.builder.gather(both, order),
    }];
  },
});

/** Rows of ai.onnx.ml. */
export const MACHINE_LEARNING: OperatorTable = {
  Scaler: [scaler],
  Normalizer: [normalizer],
  LinearRegressor: [linearRegressor],
  Imputer: [imputer],
  FeatureVectorizer: [featureVectorizer],
};
