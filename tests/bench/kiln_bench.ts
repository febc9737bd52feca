/**
 * kiln-20 and kiln-60 of ../shared/bench, cold and warm: where the time of a solve goes, what one
 * evaluation costs, and how far that is from the matrix products inside it.
 *
 *   deno run -A tests/bench/kiln_bench.ts
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { build } from "../../native/build.ts";
import type { EndPoint } from "../../src/solve/outcome.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import type { Kiln } from "./kiln_program.ts";
import { kilnProgram, kilnRequest, kilnWidths } from "./kiln_program.ts";
import { compileMeasure, measure } from "./measure.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SHARED = process.env["SETPOINT_SHARED"] ?? join(ROOT, "../shared");
/** Solves per figure, over the perturbed parameter sets in turn. */
const SOLVES = 80;

interface Solved {
  readonly wallMs: number;
  readonly end: EndPoint;
}

/** Solves `SOLVES` times; throws where the answer is not the reference's. */
async function solves(kiln: Kiln, start: "cold" | "warm"): Promise<Solved[]> {
  const solver = new NativeSolver();
  try {
    const program = kilnProgram(kiln);
    const loaded = await solver.load(program);
    const results: Solved[] = [];
    let last: EndPoint | undefined;
    for (let i = -10; i < SOLVES; i++) {
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function row(name: string, cells: readonly (number | string)[]): void {
  const text = cells.map((cell) => typeof cell === "number" ? cell.toPrecision(4) : cell);
  console.log(name.padEnd(34) + text.map((cell) => cell.padStart(12)).join(""));
}

function solveRow(name: string, results: readonly Solved[]): void {
  const of = (part: (solved: Solved) => number) => median(results.map(part));
  row(name, [
    of(({ wallMs }) => wallMs),
    of(({ end }) => end.times.evaluationMs),
    of(({ end }) => end.times.totalMs - end.times.evaluationMs),
    of(({ wallMs, end }) => wallMs - end.times.totalMs),
    of(({ end }) => end.iterations).toFixed(0),
  ]);
}

/** Prints the tables; needs the definitions of ../shared/bench. */
export async function kilnBench(): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const binary = await compileMeasure(folder);
    for (const name of ["kiln-20", "kiln-60"]) {
      const path = join(SHARED, "bench", `${name}.json`);
      if (!existsSync(path)) throw new Error(`${path} is not there: set SETPOINT_SHARED`);
      const kiln = JSON.parse(readFileSync(path, "utf8")) as Kiln;
      console.log();
      row(`${name}, medians of ${SOLVES} in ms`, [
        "solve",
        "evaluation",
        "IPOPT",
        "rest",
        "iterations",
      ]);
      solveRow("cold", await solves(kiln, "cold"));
      solveRow("warm", await solves(kiln, "warm"));
      const figures = await measure(binary, {
        program: kilnProgram(kiln),
        x: Float64Array.from(kiln.reference.x),
        p: Float64Array.from(kiln.p),
        networks: kiln.nets.length,
        widths: kilnWidths(kiln),
      });
      const whole = figures.get("value+jacobian+hessian")!;
      console.log();
      row(`${name}, medians in µs`, ["one", "per second", "share"]);
      for (const [figure, microseconds] of figures) {
        row(figure, [microseconds, 1e6 / microseconds, `${(whole / microseconds).toFixed(2)} x`]);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  await build();
  await kilnBench();
}
