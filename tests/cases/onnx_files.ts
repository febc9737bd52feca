/** The file forms of the cases: TensorProto files, and arrays as JSON. */

import type { ElementType, Tensor } from "../../src/model/graph.ts";
import { Message } from "../../src/model/message.ts";
import { decodeTensor, fromBrainBits } from "../../src/model/tensor_bytes.ts";

/** A tensor from a `.pb` file; `declared` is the type that the model gives it. */
export function readTensorFile(path: string, declared: ElementType): Tensor {
  const tensor = decodeTensor(new Message("TensorProto", Deno.readFileSync(path)));
  // numpy has no bfloat16, so that the ONNX project's files hold its bits as whole numbers.
  return declared === "bfloat16" && tensor.type === "uint16"
    ? { ...tensor, type: declared, values: tensor.values?.map(fromBrainBits) }
    : tensor;
}
