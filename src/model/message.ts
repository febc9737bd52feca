/** One protobuf message with access to its fields by number and expected type. */

import { readFields, readPackedVarints, WireError, type WireField } from "./protobuf.ts";

/**
 * A message that refuses what a tolerant parser would pass over: a field of another wire type, or
 * a single field that stands twice. Both are signs of a damaged file.
 */
export class Message {
  readonly #type: string;
  readonly #fields = new Map<number, WireField[]>();

  /** `type` is the message's name in its proto file, for error messages. */
  constructor(type: string, bytes: Uint8Array) {
    this.#type = type;
    for (const field of readFields(bytes)) {
      const others = this.#fields.get(field.number);
      if (others === undefined) this.#fields.set(field.number, [field]);
      else others.push(field);
    }
  }

  message(number: number, type: string): Message | undefined {
    const bytes = this.bytes(number);
    return bytes && new Message(type, bytes);
  }

  messages(number: number, type: string): Message[] {
    return this.#all(number).map((field) => new Message(type, this.#bytes(field)));
  }

  bytes(number: number): Uint8Array | undefined {
    const field = this.#single(number);
    return field && this.#bytes(field);
  }

  text(number: number): string | undefined {
    const bytes = this.bytes(number);
    return bytes && decodeText(bytes);
  }

  texts(number: number): string[] {
    return this.#all(number).map((field) => decodeText(this.#bytes(field)));
  }

  /** A signed integer; beyond 2⁵³ it is rounded to the nearest float64. */
  int(number: number): number | undefined {
    const field = this.#single(number);
    if (field === undefined) return undefined;
    if (field.wire !== "varint") throw this.#wrong(field);
    return toInt(field.value);
  }

  /** Signed integers, packed or one by one. */
  ints(number: number): number[] {
    return this.#varints(number).map(toInt);
  }

  /** Unsigned integers, packed or one by one. */
  unsigned(number: number): number[] {
    return this.#varints(number).map(Number);
  }

  float(number: number): number | undefined {
    const field = this.#single(number);
    if (field === undefined) return undefined;
    if (field.wire !== "fixed32") throw this.#wrong(field);
    return view(field.value).getFloat32(0, true);
  }

  floats(number: number): number[] {
    return this.#fixed(number, "fixed32").map((bytes) => view(bytes).getFloat32(0, true));
  }

  doubles(number: number): number[] {
    return this.#fixed(number, "fixed64").map((bytes) => view(bytes).getFloat64(0, true));
  }

  #varints(number: number): bigint[] {
    return this.#all(number).flatMap((field) => {
      if (field.wire === "varint") return [field.value];
      if (field.wire === "bytes") return readPackedVarints(field.value);
      throw this.#wrong(field);
    });
  }

  #fixed(number: number, wire: "fixed32" | "fixed64"): Uint8Array[] {
    const size = wire === "fixed32" ? 4 : 8;
    return this.#all(number).flatMap((field) => {
      if (field.wire === wire) return [field.value];
      if (field.wire !== "bytes" || field.value.length % size !== 0) throw this.#wrong(field);
      const { value } = field;
      return Array.from(
        { length: value.length / size },
        (_, i) => value.subarray(i * size, (i + 1) * size),
      );
    });
  }

  #all(number: number): WireField[] {
    return this.#fields.get(number) ?? [];
  }

  #single(number: number): WireField | undefined {
    const fields = this.#all(number);
    if (fields.length > 1) {
      throw new WireError(`${this.#type} holds its field ${number} ${fields.length} times`);
    }
    return fields[0];
  }

  #bytes(field: WireField): Uint8Array {
    if (field.wire !== "bytes") throw this.#wrong(field);
    return field.value;
  }

  #wrong(field: WireField): WireError {
    return new WireError(
      `field ${field.number} of ${this.#type} cannot be of wire type ${field.wire}`,
    );
  }
}

function toInt(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
