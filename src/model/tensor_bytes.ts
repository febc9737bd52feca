/** TensorProto to a tensor of float64 values. */

import { ELEMENT_TYPES, type ElementType, type Tensor } from "./graph.ts";
import type { Message } from "./message.ts";
import { WireError } from "./protobuf.ts";

interface Layout {
  /** Bytes per element in raw_data. */
  readonly bytes: number;
  readonly raw: (view: DataView, at: number) => number;
  /** The typed field that holds the values where raw_data does not. */
  readonly typed: (tensor: Message) => number[];
}

const int32s = (tensor: Message) => tensor.ints(5);
const uint64s = (tensor: Message) => tensor.unsigned(11);

/** How each element type stands in a TensorProto. */
const LAYOUTS: Partial<Record<ElementType, Layout>> = {
  float32: { bytes: 4, raw: (v, at) => v.getFloat32(at, true), typed: (t) => t.floats(4) },
  float64: { bytes: 8, raw: (v, at) => v.getFloat64(at, true), typed: (t) => t.doubles(10) },
  int64: { bytes: 8, raw: (v, at) => Number(v.getBigInt64(at, true)), typed: (t) => t.ints(7) },
  uint64: { bytes: 8, raw: (v, at) => Number(v.getBigUint64(at, true)), typed: uint64s },
  int32: { bytes: 4, raw: (v, at) => v.getInt32(at, true), typed: int32s },
  uint32: { bytes: 4, raw: (v, at) => v.getUint32(at, true), typed: uint64s },
  int16: { bytes: 2, raw: (v, at) => v.getInt16(at, true), typed: int32s },
  uint16: { bytes: 2, raw: (v, at) => v.getUint16(at, true), typed: int32s },
  int8: { bytes: 1, raw: (v, at) => v.getInt8(at), typed: int32s },
  uint8: { bytes: 1, raw: (v, at) => v.getUint8(at), typed: int32s },
  bool: { bytes: 1, raw: (v, at) => v.getUint8(at), typed: int32s },
  float16: {
    bytes: 2,
    raw: (v, at) => v.getFloat16(at, true),
    typed: (t) => int32s(t).map(fromHalfBits),
  },
  bfloat16: {
    bytes: 2,
    raw: (v, at) => fromBrainBits(v.getUint16(at, true)),
    typed: (t) => int32s(t).map(fromBrainBits),
  },
};

/**
 * Decodes a TensorProto.
 * @throws {WireError} where its values do not fill its shape or stand in another file.
 */
export function decodeTensor(tensor: Message): Tensor {
  const name = tensor.text(8) ?? "";
  const shape = tensor.ints(1);
  const count = shape.reduce((product, size) => product * size, 1);
  if (shape.some((size) => size < 0) || count > 2 ** 31) {
    throw new WireError(`tensor "${name}" has the shape [${shape}]`);
  }
  if ((tensor.int(14) ?? 0) !== 0) {
    const places = tensor.messages(13, "StringStringEntryProto");
    const file = places.find((place) => place.text(1) === "location")?.text(2) ?? "?";
    throw new WireError(
      `tensor "${name}" keeps its values in another file, "${file}"`,
      "make it one file: torch.onnx.export(…, external_data=False), or " +
        "onnx.save(onnx.load(FILE), FILE) in the folder that holds both",
    );
  }
  const type = ELEMENT_TYPES[(tensor.int(2) ?? 0) as keyof typeof ELEMENT_TYPES] ?? "other";
  const layout = LAYOUTS[type];
  if (layout === undefined) return { type, shape, values: undefined };
  const raw = tensor.bytes(9);
  const values = raw === undefined
    ? Float64Array.from(layout.typed(tensor))
    : decodeRaw(raw, layout);
  if (values.length !== count) {
    throw new WireError(`tensor "${name}" of shape [${shape}] holds ${values.length} values`);
  }
  return { type, shape, values };
}

function decodeRaw(raw: Uint8Array, { bytes, raw: read }: Layout): Float64Array {
  if (raw.length % bytes !== 0) {
    throw new WireError(`${raw.length} bytes are no whole number of ${bytes}-byte elements`);
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Float64Array.from({ length: raw.length / bytes }, (_, i) => read(view, i * bytes));
}

function fromHalfBits(bits: number): number {
  const view = new DataView(new ArrayBuffer(2));
  view.setUint16(0, bits & 0xffff);
  return view.getFloat16(0);
}

/** The number that 16 bits mean as a bfloat16, which is the upper half of a float32. */
export function fromBrainBits(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, (bits & 0xffff) << 16);
  return view.getFloat32(0);
}
