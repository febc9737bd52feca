/**
 * Builds a tape instruction by instruction, and keeps it small while doing so: what is constant is
 * computed at once, what was said before is shared, and neighbours that are one linear map become
 * one instruction. finish() drops what no output needs.
 */

import { evaluateInstruction } from "./evaluate.ts";
import { type FunctionName, FUNCTIONS } from "./functions.ts";
import { extremum } from "./extremum.ts";
import { type FinishedTape, finishTape } from "./finish_tape.ts";
import { fuseGate } from "./gate_fusion.ts";
import { InstructionTable } from "./instruction_table.ts";
import { affineOfScale } from "./linear_fusion.ts";
import { operandsOf } from "./operands.ts";
import type { Instruction, NodeId } from "./tape.ts";

/** Wrong use of the builder: sizes that do not fit, or a node that it never gave. */
export class TapeError extends Error {
  override readonly name = "TapeError";
}

const NO_POINT = { x: new Float64Array(0), p: new Float64Array(0) };

/** A tape under construction. Every method that adds a node returns its id. */
export class TapeBuilder {
  readonly #instructions: Instruction[] = [];
  readonly #table = new InstructionTable(this.#instructions);

  /** The decision variables at `indices`. */
  input(indices: ArrayLike<number>): NodeId {
    return this.#append({ op: "input", size: indices.length, indices: Int32Array.from(indices) });
  }

  /** The parameters at `indices`. */
  parameter(indices: ArrayLike<number>): NodeId {
    return this.#append({
      op: "parameter",
      size: indices.length,
      indices: Int32Array.from(indices),
    });
  }

  constant(values: ArrayLike<number>): NodeId {
    return this.#append({
      op: "constant",
      size: values.length,
      values: Float64Array.from(values),
    });
  }

  /** A vector of `size` equal values. */
  fill(value: number, size: number): NodeId {
    return this.constant(new Float64Array(size).fill(value));
  }

  /** Length of a node's result. */
  size(node: NodeId): number {
    return this.instruction(node).size;
  }

  /** The instruction behind a node. */
  instruction(node: NodeId): Instruction {
    const instruction = this.#instructions[node];
    if (instruction === undefined) throw new TapeError(`this builder has no node ${node}`);
    return instruction;
  }

  /** The values of a node that depends on no input and no parameter, else undefined. */
  constantOf(node: NodeId): Float64Array | undefined {
    const instruction = this.instruction(node);
    return instruction.op === "constant" ? instruction.values : undefined;
  }

  /**
   * W segment + offset over consecutive segments of `of`, each as long as W has columns. `weights`
   * is row-major and `offset` has one element per row.
   */
  affine(of: NodeId, weights: Float64Array, offset: Float64Array): NodeId {
    const rows = offset.length;
    const cols = rows === 0 ? 0 : weights.length / rows;
    const repeat = cols === 0 ? 0 : this.size(of) / cols;
    if (!Number.isInteger(cols) || !Number.isInteger(repeat) || repeat < 1) {
      throw new TapeError(
        `affine with ${weights.length} weights and ${rows} rows does not fit ${
          this.size(of)
        } elements`,
      );
    }
    const before = this.instruction(of);
    const both = before.op === "scale" ? affineOfScale(before, { weights, offset }) : undefined;
    if (before.op === "scale" && both !== undefined) {
      return this.affine(before.of, both.weights, both.offset);
    }
    return this.#append({
      op: "affine",
      size: repeat * rows,
      of,
      repeat,
      rows,
      cols,
      weights,
      offset,
    });
  }

  /** result[i] = of[indices[i]]. */
  gather(of: NodeId, indices: ArrayLike<number>): NodeId {
    const wanted = Int32Array.from(indices);
    const size = this.size(of);
    for (const index of wanted) {
      if (index < 0 || index >= size) {
        throw new TapeError(`gather of element ${index} from ${size} elements`);
      }
    }
    if (wanted.length === size && wanted.every((index, i) => index === i)) return of;
    const source = this.instruction(of);
    switch (source.op) {
      case "input":
        return this.input(wanted.map((index) => source.indices[index] as number));
      case "parameter":
        return this.parameter(wanted.map((index) => source.indices[index] as number));
      case "gather":
        return this.gather(source.of, wanted.map((index) => source.indices[index] as number));
      case "concat": {
        const single = this.#singleOperand(source.operands, wanted);
        if (single !== undefined) return this.gather(single.of, single.indices);
        break;
      }
    }
    return this.#append({ op: "gather", size: wanted.length, of, indices: wanted });
  }

  /** The operands one after another. */
  concat(operands: readonly NodeId[]): NodeId {
    const flat = operands.flatMap((node) => {
      const instruction = this.instruction(node);
      return instruction.op === "concat" ? instruction.operands : [node];
    }).filter((node) => this.size(node) > 0);
    const joined: NodeId[] = [];
    for (const node of flat) {
      const last = joined.at(-1);
      const both = last === undefined ? undefined : this.#join(last, node);
      if (both === undefined) joined.push(node);
      else joined[joined.length - 1] = both;
    }
    const [first] = joined;
    if (first === undefined) return this.constant([]);
    if (joined.length === 1) return first;
    const size = joined.reduce((sum, node) => sum + this.size(node), 0);
    return this.#append({ op: "concat", size, operands: joined });
  }

  /** Elementwise a + b. */
  add(a: NodeId, b: NodeId): NodeId {
    const size = this.#sameSize("add", a, b);
    const one = new Float64Array(size).fill(1);
    const [left, right] = [this.constantOf(a), this.constantOf(b)];
    if (right !== undefined) return this.scale(a, one, right);
    if (left !== undefined) return this.scale(b, one, left);
    if (a === b) return this.scale(a, new Float64Array(size).fill(2), new Float64Array(size));
    return this.#append({ op: "add", size, a: Math.min(a, b), b: Math.max(a, b) });
  }

  /** result[i] = factor[i] · of[i] + offset[i]. */
  scale(of: NodeId, factor: Float64Array, offset: Float64Array): NodeId {
    const size = this.size(of);
    if (factor.length !== size || offset.length !== size) {
      throw new TapeError(
        `scale of ${size} elements by ${factor.length} factors and ${offset.length} offsets`,
      );
    }
    if (factor.every((f) => f === 1) && offset.every((o) => o === 0)) return of;
    const before = this.instruction(of);
    if (before.op === "scale") {
      return this.scale(
        before.of,
        factor.map((f, i) => f * (before.factor[i] as number)),
        factor.map((f, i) => f * (before.offset[i] as number) + (offset[i] as number)),
      );
    }
    return this.#append({ op: "scale", size, of, factor, offset });
  }

  /** Sums of consecutive runs of `length` elements. */
  sum(of: NodeId, length: number): NodeId {
    const size = length > 0 ? this.size(of) / length : NaN;
    if (!Number.isInteger(size)) {
      throw new TapeError(`sum over runs of ${length} in ${this.size(of)} elements`);
    }
    if (length === 1) return of;
    return this.#append({ op: "sum", size, of, length });
  }

  /** Elementwise σ; `constants` are the row's c0 and c1. */
  map(fn: FunctionName, of: NodeId, constants: readonly number[] = []): NodeId {
    if (FUNCTIONS[fn] === undefined) throw new TapeError(`no function ${fn} in the table`);
    const [c0 = 0, c1 = 0] = constants;
    if (fn === "power" && c0 === 1) return of;
    if (fn === "power" && c0 === 2) return this.map("square", of);
    return this.#append({ op: "map", size: this.size(of), of, fn, constants: [c0, c1] });
  }

  /** Elementwise a · b. */
  product(a: NodeId, b: NodeId): NodeId {
    const size = this.#sameSize("product", a, b);
    const [left, right] = [this.constantOf(a), this.constantOf(b)];
    if (right !== undefined) return this.scale(a, right, new Float64Array(size));
    if (left !== undefined) return this.scale(b, left, new Float64Array(size));
    if (a === b) return this.map("square", a);
    const gated = fuseGate(this, a, b);
    if (gated !== undefined) return gated;
    return this.#append({ op: "product", size, a: Math.min(a, b), b: Math.max(a, b) });
  }

  /** −a. */
  negate(a: NodeId): NodeId {
    return this.scaleBy(a, -1);
  }

  /** factor · a + offset with the same two numbers for every element. */
  scaleBy(a: NodeId, factor: number, offset = 0): NodeId {
    const size = this.size(a);
    return this.scale(
      a,
      new Float64Array(size).fill(factor),
      new Float64Array(size).fill(offset),
    );
  }

  /** a − b. */
  subtract(a: NodeId, b: NodeId): NodeId {
    return this.add(a, this.negate(b));
  }

  /** a / b. */
  divide(a: NodeId, b: NodeId): NodeId {
    return this.product(a, this.map("reciprocal", b));
  }

  /**
   * a to the power b: a map where b is one constant, maps per run of equal constants where b is a
   * constant vector, else exp(b · log a), which needs a > 0.
   */
  power(a: NodeId, b: NodeId): NodeId {
    this.#sameSize("power", a, b);
    const exponents = this.constantOf(b);
    if (exponents === undefined) {
      return this.map("exp", this.product(b, this.map("log", a)));
    }
    const distinct = [...new Set(exponents)];
    const [only] = distinct;
    if (only === undefined) return a;
    if (distinct.length === 1) return this.map("power", a, [only]);
    const parts = Array.from(
      exponents,
      (exponent, i) => this.map("power", this.gather(a, [i]), [exponent]),
    );
    return this.concat(parts);
  }

  /** Larger of a and b; at a tie the left derivative in a counts, so b's is taken. */
  maximum(a: NodeId, b: NodeId): NodeId {
    return extremum(this, [a, b], "maximum");
  }

  /** Smaller of a and b; at a tie the left derivative in a counts, so a's is taken. */
  minimum(a: NodeId, b: NodeId): NodeId {
    return extremum(this, [a, b], "minimum");
  }

  /**
   * The tape with only what `outputs` need, and the outputs' places in it. The tape has at least
   * `inputs` decision variables and `parameters` parameters, used or not.
   */
  finish(
    outputs: readonly NodeId[],
    atLeast: { readonly inputs?: number; readonly parameters?: number } = {},
  ): FinishedTape {
    outputs.forEach((node) => this.instruction(node));
    return finishTape(this.#instructions, outputs, atLeast);
  }

  #append(instruction: Instruction): NodeId {
    const operands = operandsOf(instruction);
    const values = operands.map((node) => this.constantOf(node));
    if (operands.length > 0 && values.every((value) => value !== undefined)) {
      const results: Float64Array[] = [];
      operands.forEach((node, i) => results[node] = values[i] as Float64Array);
      return this.constant(evaluateInstruction(instruction, results, NO_POINT));
    }
    return this.#table.share(instruction);
  }

  #sameSize(what: string, a: NodeId, b: NodeId): number {
    if (this.size(a) !== this.size(b)) {
      throw new TapeError(`${what} of ${this.size(a)} and ${this.size(b)} elements`);
    }
    return this.size(a);
  }

  /** The operand of a concatenation that holds all of `indices`, and where in it. */
  #singleOperand(operands: readonly NodeId[], indices: Int32Array) {
    let start = 0;
    for (const of of operands) {
      const end = start + this.size(of);
      if (indices.every((index) => index >= start && index < end)) {
        return { of, indices: indices.map((index) => index - start) };
      }
      start = end;
    }
    return undefined;
  }

  /** Two neighbours of a concatenation as one node, where they read from one source. */
  #join(first: NodeId, second: NodeId): NodeId | undefined {
    const [a, b] = [this.instruction(first), this.instruction(second)];
    if (a.op === "input" && b.op === "input") return this.input([...a.indices, ...b.indices]);
    if (a.op === "parameter" && b.op === "parameter") {
      return this.parameter([...a.indices, ...b.indices]);
    }
    if (a.op === "constant" && b.op === "constant") {
      return this.constant([...a.values, ...b.values]);
    }
    if (a.op === "gather" && b.op === "gather" && a.of === b.of) {
      return this.gather(a.of, [...a.indices, ...b.indices]);
    }
    return undefined;
  }
}
