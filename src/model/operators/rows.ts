/** Inputs of the ai.onnx.ml operators: a matrix of samples, or one sample. */

import type { Call, Value } from "./operator.ts";
import { OperatorError } from "./operator.ts";
import { count } from "./shape.ts";
import { anyInput } from "./values.ts";

/** The first input as rows of samples; integers count as the floats that they stand for. */
export function rowsInput(
  call: Call<unknown>,
): { readonly x: Value; readonly rows: number; readonly width: number } {
  const x = anyInput(call, 0);
  const { shape, type } = x;
  if (type === "bool" || type === "string" || type === "other") {
    throw new OperatorError(`its input is of type ${type}, not a number`);
  }
  if (shape.length < 1 || shape.length > 2 || count(shape) === 0) {
    throw new OperatorError(`its input has the shape [${shape}], not [samples, features]`);
  }
  return { x, rows: shape.length === 1 ? 1 : shape[0] as number, width: shape.at(-1) as number };
}
