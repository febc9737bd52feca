/**
 * Values, gradients and Hessians of every element of a tape, by second-order dual numbers: the
 * derivative reference that the native evaluator is held against. Dense and slow on purpose.
 */

import { FUNCTIONS } from "../../src/model/functions.ts";
import type { Instruction, Tape } from "../../src/model/tape.ts";

/** A number with its gradient and its Hessian (row-major, n × n) in the n decision variables. */
export interface SecondOrder {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

/** One vector of second-order numbers per instruction, in tape order. */
export function evaluateSecondOrder(
  tape: Tape,
  x: Float64Array,
  p: Float64Array,
): SecondOrder[][] {
  const n = tape.inputs;
  const results: SecondOrder[][] = [];
  for (const instruction of tape.instructions) {
    results.push(second(instruction, (node) => results[node] as SecondOrder[], { x, p, n }));
  }
  return results;
}

function second(
  instruction: Instruction,
  of: (node: number) => SecondOrder[],
  { x, p, n }: { x: Float64Array; p: Float64Array; n: number },
): SecondOrder[] {
  const number = (value: number) => constant(value, n);
  switch (instruction.op) {
    case "input":
      return Array.from(instruction.indices, (index) => {
        const variable = number(x[index] as number);
        variable.gradient[index] = 1;
        return variable;
      });
    case "parameter":
      return Array.from(instruction.indices, (index) => number(p[index] as number));
    case "constant":
      return Array.from(instruction.values, number);
    case "affine": {
      const { repeat, rows, cols, weights, offset } = instruction;
      return Array.from({ length: repeat * rows }, (_, i) => {
        const [segment, row] = [Math.floor(i / rows), i % rows];
        const part = of(instruction.of).slice(segment * cols, (segment + 1) * cols);
        return combine(part, weights.slice(row * cols, (row + 1) * cols), offset[row] as number, n);
      });
    }
    case "gather":
      return Array.from(instruction.indices, (i) => of(instruction.of)[i] as SecondOrder);
    case "concat":
      return instruction.operands.flatMap(of);
    case "add":
      return of(instruction.a).map((a, i) =>
        combine([a, of(instruction.b)[i] as SecondOrder], [1, 1], 0, n)
      );
    case "scale":
      return of(instruction.of).map((a, i) =>
        combine([a], [instruction.factor[i] as number], instruction.offset[i] as number, n)
      );
    case "sum":
      return Array.from({ length: instruction.size }, (_, i) => {
        const start = i * instruction.length;
        const part = of(instruction.of).slice(start, start + instruction.length);
        return combine(part, new Float64Array(part.length).fill(1), 0, n);
      });
    case "map":
      return of(instruction.of).map((a) => chain(a, instruction));
    case "product":
      return of(instruction.a).map((a, i) => multiply(a, of(instruction.b)[i] as SecondOrder));
  }
}

function constant(value: number, n: number): SecondOrder {
  return { value, gradient: new Float64Array(n), hessian: new Float64Array(n * n) };
}

function combine(
  terms: readonly SecondOrder[],
  factors: ArrayLike<number>,
  offset: number,
  n: number,
): SecondOrder {
  let value = offset;
  const { gradient, hessian } = constant(0, n);
  terms.forEach((term, k) => {
    const factor = factors[k] as number;
    value += factor * term.value;
    for (let i = 0; i < n; i++) (gradient[i] as number) += factor * (term.gradient[i] as number);
    for (let i = 0; i < n * n; i++) (hessian[i] as number) += factor * (term.hessian[i] as number);
  });
  return { value, gradient, hessian };
}

/** (σ ∘ a)″ = σ″ ∇a ∇aᵀ + σ′ a″. */
function chain(
  a: SecondOrder,
  { fn, constants }: Extract<Instruction, { op: "map" }>,
): SecondOrder {
  const row = FUNCTIONS[fn];
  const n = a.gradient.length;
  const [first, second] = [row.first(a.value, constants), row.second(a.value, constants)];
  return {
    value: row.value(a.value, constants),
    gradient: a.gradient.map((g) => g === 0 ? 0 : first * g),
    hessian: a.hessian.map((h, k) => {
      const [i, j] = [Math.floor(k / n), k % n];
      const outer = (a.gradient[i] as number) * (a.gradient[j] as number);
      return (outer === 0 ? 0 : second * outer) + (h === 0 ? 0 : first * h);
    }),
  };
}

function multiply(a: SecondOrder, b: SecondOrder): SecondOrder {
  const n = a.gradient.length;
  return {
    value: a.value * b.value,
    gradient: a.gradient.map((g, i) => g * b.value + a.value * (b.gradient[i] as number)),
    hessian: a.hessian.map((h, k) => {
      const [i, j] = [Math.floor(k / n), k % n];
      return h * b.value + a.value * (b.hessian[k] as number) +
        (a.gradient[i] as number) * (b.gradient[j] as number) +
        (a.gradient[j] as number) * (b.gradient[i] as number);
    }),
  };
}
