/** Finds instructions that were appended before, so that equal ones are shared. */

import type { Instruction, NodeId } from "./tape.ts";

/** A list of instructions in which no two are equal. */
export class InstructionTable {
  readonly #instructions: Instruction[];
  readonly #byHash = new Map<string, NodeId[]>();

  /** `instructions` is the list to append to; it must be empty. */
  constructor(instructions: Instruction[]) {
    this.#instructions = instructions;
  }

  /** The place of an instruction equal to this one, appended now if there is none. */
  share(instruction: Instruction): NodeId {
    const hash = hashOf(instruction);
    const places = this.#byHash.get(hash) ?? [];
    const same = places.find((place) => isEqual(this.#instructions[place], instruction));
    if (same !== undefined) return same;
    const place = this.#instructions.push(instruction) - 1;
    this.#byHash.set(hash, [...places, place]);
    return place;
  }
}

type Field = string | number | Int32Array | Float64Array | readonly number[];

function fieldsOf(instruction: Instruction): [string, Field][] {
  return Object.entries(instruction) as [string, Field][];
}

function hashOf(instruction: Instruction): string {
  return fieldsOf(instruction).map(([, field]) =>
    typeof field === "object" ? `${field.length}#${hashOfNumbers(field)}` : String(field)
  ).join(" ");
}

/** FNV-1a over the numbers' bytes (G. Fowler, L. Noll, K.-P. Vo, RFC 9923). */
function hashOfNumbers(values: ArrayLike<number>): number {
  const bytes = new Uint32Array(Float64Array.from(values).buffer);
  let hash = 0x811c9dc5;
  for (const word of bytes) hash = Math.imul(hash ^ word, 0x01000193);
  return hash >>> 0;
}

function isEqual(a: Instruction | undefined, b: Instruction): boolean {
  if (a === undefined || a.op !== b.op) return false;
  const others = new Map(fieldsOf(a));
  return fieldsOf(b).every(([name, field]) => isEqualField(others.get(name), field));
}

/** Object.is tells −0 from 0, whose reciprocals differ, and finds NaN equal to itself. */
function isEqualField(a: Field | undefined, b: Field): boolean {
  if (typeof a !== "object" || typeof b !== "object") return Object.is(a, b);
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (!Object.is(a[i], b[i])) return false;
  }
  return true;
}
