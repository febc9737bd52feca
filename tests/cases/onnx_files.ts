/** The file forms of the cases: TensorProto files, and arrays as JSON. */

import type { Tensor } from "../../src/model/graph.ts";
import { Message } from "../../src/model/message.ts";
import { decodeTensor } from "../../src/model/tensor_bytes.ts";

/** A tensor from a `.pb` file. */
export function readTensorFile(path: string): Tensor {
  return decodeTensor(new Message("TensorProto", Deno.readFileSync(path)));
}
