/**
 * kiln-20 and kiln-60 of ../shared/bench, cold and warm: where the time of a solve goes, what one
 * evaluation costs, and how far that is from the matrix products inside it.
 *
 *   deno run -A tests/bench/kiln_bench.ts
 */

import { IpoptLibrary } from "deno-ipopt-ffi";
import { build } from "../../native/build.ts";
import { KILNS, kilnSolves, median, readKiln, row } from "./kiln_solves.ts";
import type { Manner, Solved } from "./kiln_solves.ts";
import { kilnProgram, kilnWidths } from "./kiln_program.ts";
import { compileMeasure, measure } from "./measure.ts";

/** Solves per figure: four rounds over the perturbed parameter sets. */
const SOLVES = 100;

const MANNERS: readonly Manner[] = [
  { start: "cold", where: "here" },
  { start: "warm", where: "here" },
  { start: "cold", where: "child" },
  { start: "warm", where: "child" },
];

/** Floating-point operations in the products of one value, Jacobian and Hessian: shared/bench. */
const FLOPS: Readonly<Record<string, number>> = { "kiln-20": 0.94e6, "kiln-60": 18.4e6 };
/** The same of all evaluations of a cold solve. */
const SOLVE_FLOPS: Readonly<Record<string, number>> = { "kiln-20": 11e6, "kiln-60": 234e6 };
/** The figure that tells the core's peak. */
const MEGAFLOP = "a megaflop in registers";

function solveRow(name: string, results: readonly Solved[]): void {
  const of = (part: (solved: Solved) => number) => median(results.map(part));
  // What IPOPT does not tell, as 3.11 does not of its linear systems, counts as its own.
  const linear = (solved: Solved) => {
    const { linearMs } = solved.end.times;
    return Number.isNaN(linearMs) ? 0 : linearMs;
  };
  row(name, [
    of(({ wallMs }) => wallMs),
    ...[0, 1, 2].map((order) => of(({ end }) => end.times.evaluationsMs[order]!)),
    of(linear),
    of((solved) => solved.end.times.totalMs - solved.end.times.evaluationMs - linear(solved)),
    of(({ wallMs, end }) => wallMs - end.times.totalMs),
    of(({ end }) => end.iterations).toFixed(0),
  ]);
}

/** Prints the tables; needs the definitions of ../shared/bench. */
export async function kilnBench(): Promise<void> {
  const library = IpoptLibrary.open();
  console.log(`\nIPOPT ${library.ipoptVersion}`);
  library.close();
  const folder = await Deno.makeTempDir();
  try {
    const binary = await compileMeasure(folder);
    for (const name of KILNS) {
      const kiln = readKiln(name);
      console.log();
      row(`${name}, medians of ${SOLVES} in ms`, [
        ...["solve", "values", "first", "second", "linear", "IPOPT's", "crossing", "iterations"],
      ]);
      let used = "";
      let coldMs = 0;
      for (const manner of MANNERS) {
        const results = await kilnSolves(kiln, { count: SOLVES, ...manner });
        used = results[0]!.end.linearSolver;
        if (coldMs === 0) coldMs = median(results.map(({ wallMs }) => wallMs));
        solveRow(
          `${manner.start}, ${manner.where === "here" ? "by FFI" : "in the child"}`,
          results,
        );
      }
      console.log(`linear systems by ${used}`);
      const figures = await measure(binary, {
        program: kilnProgram(kiln),
        x: Float64Array.from(kiln.reference.x),
        p: Float64Array.from(kiln.p),
        networks: kiln.nets.length,
        widths: kilnWidths(kiln),
      });
      const whole = figures.get("value+jacobian+hessian")!;
      console.log();
      row(`${name}, medians in µs`, ["one", "per second", "share", "GFLOP/s"]);
      for (const [figure, microseconds] of figures) {
        const flops = figure === MEGAFLOP ? 1e6 : FLOPS[name]!;
        const counts = figure !== "value" && figure !== "value+jacobian";
        row(figure, [
          microseconds,
          1e6 / microseconds,
          `${(microseconds / whole).toFixed(2)} x`,
          counts ? flops / microseconds / 1e3 : "",
        ]);
      }
      const peak = 1e12 / figures.get(MEGAFLOP)!;
      const limit = FLOPS[name]! / peak * 1e6;
      const solveLimit = SOLVE_FLOPS[name]! / peak * 1e3;
      console.log(
        `limit at the ${
          (peak / 1e9).toPrecision(3)
        } GFLOP/s that this core has just reached (that of ` +
          `shared/bench: 58): evaluation ${limit.toPrecision(3)} µs, ` +
          `${(whole / limit).toFixed(1)} x that here; cold solve ${
            solveLimit.toPrecision(2)
          } ms, ` +
          `${(coldMs / solveLimit).toFixed(1)} x that here`,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  await build();
  await kilnBench();
}
