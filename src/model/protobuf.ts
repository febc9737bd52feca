/**
 * The protobuf wire format: tags, varints, fixed numbers and byte strings.
 *
 * https://protobuf.dev/programming-guides/encoding/
 */

/** Bytes that are no protobuf message, or end too early. */
export class WireError extends Error {
  override readonly name = "WireError";
  /** What to do, where it is not to export once more what may be damaged. */
  readonly cure: string | undefined;

  constructor(message: string, cure?: string) {
    super(message);
    this.cure = cure;
  }
}

/** One field of a message as it stands on the wire. */
export type WireField =
  | { readonly number: number; readonly wire: "varint"; readonly value: bigint }
  | { readonly number: number; readonly wire: "fixed64" | "fixed32"; readonly value: Uint8Array }
  | { readonly number: number; readonly wire: "bytes"; readonly value: Uint8Array };

const WIRE_TYPES = { 0: "varint", 1: "fixed64", 2: "bytes", 5: "fixed32" } as const;

/** All fields of one message in the order of the file. */
export function readFields(message: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  while (at < message.length) {
    const tag = readVarint(message, at);
    at = tag.next;
    const number = Number(tag.value >> 3n);
    const wire = WIRE_TYPES[Number(tag.value & 7n) as keyof typeof WIRE_TYPES];
    if (wire === undefined || number < 1 || number > 536_870_911) {
      throw new WireError(`byte ${at}: tag ${tag.value} is not one of a protobuf field`);
    }
    if (wire === "varint") {
      const { value, next } = readVarint(message, at);
      fields.push({ number, wire, value });
      at = next;
      continue;
    }
    let length = wire === "fixed64" ? 8 : 4;
    if (wire === "bytes") {
      const prefix = readVarint(message, at);
      at = prefix.next;
      length = Number(prefix.value);
    }
    if (at + length > message.length) {
      throw new WireError(
        `byte ${at}: field ${number} needs ${length} bytes, the message has ${
          message.length - at
        } left`,
      );
    }
    fields.push({ number, wire, value: message.subarray(at, at + length) });
    at += length;
  }
  return fields;
}

/** The varints packed one after another into a byte string. */
export function readPackedVarints(packed: Uint8Array): bigint[] {
  const values: bigint[] = [];
  let at = 0;
  while (at < packed.length) {
    const { value, next } = readVarint(packed, at);
    values.push(value);
    at = next;
  }
  return values;
}

function readVarint(bytes: Uint8Array, start: number): { value: bigint; next: number } {
  let value = 0n;
  for (let k = 0; k < 10; k++) {
    const byte = bytes[start + k];
    if (byte === undefined) {
      throw new WireError(`byte ${start + k}: the message ends inside a number`);
    }
    value |= BigInt(byte & 0x7f) << BigInt(7 * k);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: start + k + 1 };
  }
  throw new WireError(`byte ${start}: a number of more than 10 bytes`);
}
