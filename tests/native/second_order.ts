/**
 * A slow reference for derivatives: every scalar of a tape carries its value, gradient and Hessian
 * with respect to all decision variables, forward, by the chain rule as the textbook has it. It
 * shares no idea with the native interpreter: no supports, no blocks, no reverse sweep.
 */

import { FUNCTIONS } from "../../src/model/functions.ts";
import type { Instruction, Tape } from "../../src/model/tape.ts";

/** A scalar with its gradient (n) and its Hessian (n × n, row-major, both triangles). */
export interface SecondOrder {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

/** Every element of every instruction. */
export function secondOrder(
  tape: Tape,
  { x, p }: { readonly x: Float64Array; readonly p: Float64Array },
): SecondOrder[][] {
  const n = tape.inputs;
  const results: SecondOrder[][] = [];
  const fixed = (value: number): SecondOrder => ({
    value,
    gradient: new Float64Array(n),
    hessian: new Float64Array(n * n),
  });
  const variable = (i: number): SecondOrder => {
    const result = fixed(x[i]!);
    result.gradient[i] = 1;
    return result;
  };
  for (const instruction of tape.instructions) {
    results.push(elements(instruction, { results, fixed, variable, p }));
  }
  return results;
}

function elements(instruction: Instruction, { results, fixed, variable, p }: {
  readonly results: readonly SecondOrder[][];
  readonly fixed: (value: number) => SecondOrder;
  readonly variable: (i: number) => SecondOrder;
  readonly p: Float64Array;
}): SecondOrder[] {
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);
  const of = (node: number) => results[node]!;
  const combine = (offset: number, terms: readonly (readonly [number, SecondOrder])[]) =>
    terms.reduce((sum, [factor, term]) => plus(sum, times(factor, term)), fixed(offset));
  switch (instruction.op) {
    case "input":
      return [...instruction.indices].map(variable);
    case "parameter":
      return [...instruction.indices].map((i) => fixed(p[i]!));
    case "constant":
      return [...instruction.values].map(fixed);
    case "affine": {
      const { repeat, rows, cols, weights, offset } = instruction;
      return range(repeat * rows).map((i) => {
        const [segment, row] = [Math.floor(i / rows), i % rows];
        return combine(
          offset[row]!,
          range(cols).map((col) =>
            [weights[row * cols + col]!, of(instruction.of)[segment * cols + col]!] as const
          ),
        );
      });
    }
    case "gather":
      return [...instruction.indices].map((i) => of(instruction.of)[i]!);
    case "concat":
      return instruction.operands.flatMap(of);
    case "add":
      return range(instruction.size).map((i) => plus(of(instruction.a)[i]!, of(instruction.b)[i]!));
    case "scale":
      return range(instruction.size).map((i) =>
        combine(instruction.offset[i]!, [[instruction.factor[i]!, of(instruction.of)[i]!]])
      );
    case "sum":
      return range(instruction.size).map((i) =>
        combine(
          0,
          range(instruction.length).map((k) =>
            [1, of(instruction.of)[i * instruction.length + k]!] as const
          ),
        )
      );
    case "map": {
      const { value, first, second } = FUNCTIONS[instruction.fn];
      const c = instruction.constants;
      return of(instruction.of).map((a) => ({
        value: value(a.value, c),
        gradient: a.gradient.map((g) => first(a.value, c) * g),
        hessian: a.hessian.map((h, k) =>
          first(a.value, c) * h + second(a.value, c) * outer(a, a, k)
        ),
      }));
    }
    case "product":
      return of(instruction.a).map((a, i) => {
        const b = of(instruction.b)[i]!;
        return {
          value: a.value * b.value,
          gradient: a.gradient.map((g, k) => g * b.value + a.value * b.gradient[k]!),
          hessian: a.hessian.map((h, k) =>
            h * b.value + a.value * b.hessian[k]! + outer(a, b, k) + outer(b, a, k)
          ),
        };
      });
  }
}

/** Element k of ∇a ∇bᵀ. */
function outer(a: SecondOrder, b: SecondOrder, k: number): number {
  const n = a.gradient.length;
  return a.gradient[Math.floor(k / n)]! * b.gradient[k % n]!;
}

function plus(a: SecondOrder, b: SecondOrder): SecondOrder {
  return {
    value: a.value + b.value,
    gradient: a.gradient.map((g, k) => g + b.gradient[k]!),
    hessian: a.hessian.map((h, k) => h + b.hessian[k]!),
  };
}

function times(factor: number, a: SecondOrder): SecondOrder {
  return {
    value: factor * a.value,
    gradient: a.gradient.map((g) => factor * g),
    hessian: a.hessian.map((h) => factor * h),
  };
}
