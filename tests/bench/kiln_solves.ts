/** The solves of kiln-20 and kiln-60 that the benches time: 25 drifting parameter sets in turn. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import type { EndPoint } from "../../src/solve/outcome.ts";
import type { Solver } from "../../src/solve/solver.ts";
import { SolverProcess } from "../../src/solve/solver_process.ts";
import type { Kiln } from "./kiln_program.ts";
import { kilnProgram, kilnRequest } from "./kiln_program.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SHARED = process.env["SETPOINT_SHARED"] ?? join(ROOT, "../shared");
const WARM_UP = 10;

export const KILNS = ["kiln-20", "kiln-60"] as const;

export interface Solved {
  readonly wallMs: number;
  readonly end: EndPoint;
}

/** How to solve: from the stated start or from the last answer, in this process or as the service. */
export interface Manner {
  readonly start: "cold" | "warm";
  readonly where: "here" | "child";
}

/** @throws where the definitions of ../shared/bench are not there. */
export function kilnFile(name: string): string {
  const path = join(SHARED, "bench", `${name}.json`);
  if (!existsSync(path)) throw new Error(`${path} is not there: set SETPOINT_SHARED`);
  return path;
}

export function readKiln(name: string): Kiln {
  return JSON.parse(readFileSync(kilnFile(name), "utf8")) as Kiln;
}

/** Solves `count` times after some for warming up; throws where an answer is not the reference's. */
export async function kilnSolves(
  kiln: Kiln,
  { count, start, where }: Manner & { readonly count: number },
): Promise<Solved[]> {
  const solver: Solver = where === "here" ? new NativeSolver() : await SolverProcess.start();
  try {
    const program = kilnProgram(kiln);
    const loaded = await solver.load(program);
    const results: Solved[] = [];
    let last: EndPoint | undefined;
    for (let i = -WARM_UP; i < count; i++) {
      const set = (i + kiln.perturbed_p.length) % kiln.perturbed_p.length;
      const request = kilnRequest(program, { kiln, p: kiln.perturbed_p[set]! });
      const begin = performance.now();
      const end = await solver.solve(
        loaded,
        start === "cold" || last === undefined
          ? request
          : { ...request, start: last.point, warm: last.multipliers },
      );
      const wallMs = performance.now() - begin;
      const reference = kiln.perturbed_objective[set]!;
      if (end.kind !== "solved" || Math.abs(end.objective - reference) > 1e-7) {
        throw new Error(`${kiln.name} set ${set} ${start}: ${JSON.stringify(end)} != ${reference}`);
      }
      last = end;
      if (i >= 0) results.push({ wallMs, end });
    }
    return results;
  } finally {
    await solver.close();
  }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** One line of a table; numbers with four digits. */
export function row(name: string, cells: readonly (number | string)[]): void {
  const text = cells.map((cell) => typeof cell === "number" ? cell.toPrecision(4) : cell);
  console.log(name.padEnd(38) + text.map((cell) => cell.padStart(11)).join(""));
}
