/** Operator cases as models. */

import type { WrittenModel, WrittenTensor } from "./onnx_writer.ts";
import type { OperatorCase } from "./operator_cases.ts";

/** A one-node model; variable inputs are the graph's, tensors are its initializers. */
export function oneNodeModel(one: OperatorCase, opset: number): WrittenModel {
  const domain = one.domain ?? "ai.onnx";
  const names = one.inputs.map((input, k) => input === null ? "" : `in${k}`);
  const initializers: Record<string, WrittenTensor> = {};
  const inputs = one.inputs.flatMap((input, k) => {
    if (input === null) return [];
    if ("values" in input) {
      initializers[`in${k}`] = input;
      return [];
    }
    return [{ name: `in${k}`, shape: input.shape }];
  });
  const outputs = Array.from({ length: one.outputs ?? 1 }, (_, k) => `out${k}`);
  return {
    opsets: domain === "ai.onnx" ? { [domain]: opset } : { "ai.onnx": 13, [domain]: opset },
    nodes: [{
      op: one.op,
      ...(one.domain === undefined ? {} : { domain: one.domain }),
      inputs: names,
      outputs,
      attributes: one.attributes ?? {},
    }],
    inputs,
    outputs: outputs.map((name) => ({ name, ...(one.type && { type: one.type }) })),
    initializers,
  };
}
