/** The reference problems kiln-20 and kiln-60 (their README: ../shared/bench) as programs. */

import type { Program } from "../../src/solve/program.ts";
import type { SolveRequest } from "../../src/solve/outcome.ts";
import { handProgram, HandTape, requestFor } from "../solve/programs.ts";

/** One problem as its JSON file has it. */
export interface Kiln {
  readonly name: string;
  readonly nx: number;
  readonly np: number;
  readonly nets: readonly {
    readonly W1: readonly number[][];
    readonly b1: readonly number[];
    readonly W2: readonly number[][];
    readonly b2: readonly number[];
    readonly W3: readonly number[][];
    readonly b3: readonly number[];
  }[];
  readonly x0: readonly number[];
  readonly x_start: readonly number[];
  readonly p: readonly number[];
  readonly limits: {
    readonly y_lo: readonly (number | null)[];
    readonly y_hi: readonly (number | null)[];
    readonly alg0_hi: number;
    readonly alg1_eq: number;
  };
  readonly reference: { readonly objective: number; readonly x: readonly number[] };
  readonly perturbed_p: readonly (readonly number[])[];
  readonly perturbed_objective: readonly number[];
}

/** min y0 + 0.3 y1² + 0.05 Σ(x − x0)² under the limits on y2 … and the two formulas. */
export function kilnProgram(kiln: Kiln): Program {
  const t = new HandTape();
  const x = t.input(...kiln.x0.keys());
  const both = t.concat(x, t.parameter(...kiln.p.keys()));
  const outputs = kiln.nets.map((net) => {
    const a = t.map(t.affine(both, { weights: net.W1, offset: net.b1 }), "tanh");
    const b = t.map(t.affine(a, { weights: net.W2, offset: net.b2 }), "tanh");
    return t.affine(b, { weights: net.W3, offset: net.b3 });
  });
  const away = t.plus(x, t.constant(...kiln.x0.map((value) => -value)));
  const objective = t.plus(
    t.plus(outputs[0]!, t.scale(t.map(outputs[1]!, "square"), [0.3, 0])),
    t.scale(t.sum(t.map(away, "square")), [0.05, 0]),
  );
  const first = t.plus(
    t.times(t.gather(x, 1), t.gather(x, 2)),
    t.map(t.gather(x, 3), "sin"),
  );
  const second = t.sum(t.gather(x, 0, 1, 2, 3, 4, 5));
  const { y_lo, y_hi, alg0_hi, alg1_eq } = kiln.limits;
  return handProgram({
    tape: t.finish({ inputs: kiln.nx, parameters: kiln.np }),
    objective,
    rows: [
      ...outputs.slice(2).map((output, i) =>
        [output, y_lo[i + 2] ?? -Infinity, y_hi[i + 2] ?? Infinity] as const
      ),
      [first, -Infinity, alg0_hi],
      [second, alg1_eq, alg1_eq],
    ],
    bounds: [-1, 1],
  });
}

export function kilnRequest(
  program: Program,
  { kiln, p }: { readonly kiln: Kiln; readonly p: readonly number[] },
): SolveRequest {
  return requestFor(program, {
    start: Float64Array.from(kiln.x_start),
    parameters: Float64Array.from(p),
  });
}

/** Layer widths of the networks, inputs first. */
export function kilnWidths(kiln: Kiln): number[] {
  const { W1, W2, W3 } = kiln.nets[0]!;
  return [W1[0]!.length, W1.length, W2.length, W3.length];
}
