/**
 * Perturbed instances of a site's program, each solved cold and warm from the instance before.
 *
 *   deno run -A tests/campaigns/sweep.ts [instances, 1000] [seed, 1]
 */

import type { Reading } from "../../src/cycle/judge_reading.ts";
import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import { climb } from "../../src/solve/ladder.ts";
import type { LadderOutcome, LadderRequest } from "../../src/solve/ladder.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { converged } from "../../src/solve/outcome.ts";
import type { EndPoint, SolveRequest } from "../../src/solve/outcome.ts";
import type { LoadedProgram } from "../../src/solve/solver.ts";
import { createPlant } from "../../strategies/cement-kiln/simulator.ts";
import { sitePlan } from "../end_to_end/site_plan.ts";
import { stopForHelp } from "./campaign_help.ts";
import { Random } from "./random.ts";

export interface SweepResult {
  readonly site: string;
  readonly instances: number;
  /** Solved and verified. */
  readonly solved: number;
  /** Solved and verified after limits had to give. */
  readonly relaxed: number;
  /** Infeasible with the conflict named: no limit of it has a rank. */
  readonly conflicting: number;
  /** Everything else, by outcome. */
  readonly others: Readonly<Record<string, number>>;
  readonly cold: Effort;
  /** Cold retries included. */
  readonly warm: Effort;
  /** Total time of the warm climbs over that of the cold ones. */
  readonly warmOverCold: number;
  /** Warm answers that are worse than the cold ones by more than 1e-4 of the objective's scale. */
  readonly warmWorse: number;
}

export interface Effort {
  readonly iterations: number;
  readonly medianMs: number;
  readonly slowestMs: number;
}

/** Standard deviation of each parameter's perturbation, relative: more leaves the trained range. */
const PERTURBED = 0.005;
/** Most that a start moves, as a share of its box. */
const MOVED = 0.3;

const TURBINE = {
  ...{ AT: 17.7, AP: 1013, AH: 78, AFDP: 3.9, GTEP: 25.5, TIT: 1081, TAT: 546, CDP: 12.1 },
  ...{ TEY: 133.8, CO: 2, NOX: 65 },
};

/** Ordinary values of each site. */
const VALUES: Readonly<Record<string, () => Iterable<readonly [string, number]>>> = {
  "cement-kiln": () => {
    const plant = createPlant(7);
    // The laboratory's values are the first step's: no sample comes back within the hour.
    const values = new Map(plant.step(1, new Map()));
    for (let minute = 0; minute < 60; minute++) {
      for (const [tag, value] of plant.step(60, new Map())) values.set(tag, value);
    }
    return values;
  },
  "gas-turbine": () => Object.entries(TURBINE),
};

/** Keeps the first request, which is the cycle's own. */
class Watching extends NativeSolver {
  first: SolveRequest | undefined;

  override async solve(loaded: LoadedProgram, request: SolveRequest) {
    this.first ??= request;
    return await super.solve(loaded, request);
  }
}

export async function sweep(
  site: string,
  { instances, seed }: { readonly instances: number; readonly seed: number },
): Promise<SweepResult> {
  const random = new Random(seed);
  const solver = new Watching();
  const { plan, close } = await sitePlan(site, solver);
  try {
    const now = new Date("2026-01-01T12:00:00Z");
    const readings = new Map(
      [...VALUES[site]!()].map(([tag, value]): [string, Reading] => [
        tag,
        { value, time: now, quality: "good" },
      ]),
    );
    await runCycle(
      { cycleId: "sweep", trigger: "request", given: new Map(), mode: "advisory", validForMs: 1 },
      { plan, solver, state: FIRST_STATE, read: () => Promise.resolve(readings), now: () => now },
    );
    const base = solver.first;
    const [optimizer] = [...plan.optimizers.values()];
    if (base === undefined || optimizer === undefined) {
      throw new RangeError(`${site} solves nothing`);
    }
    const { ladder } = optimizer;
    const climbs: { cold: LadderOutcome; warm: LadderOutcome }[] = [];
    let previous: EndPoint | undefined;
    for (let i = 0; i < instances; i++) {
      const request: LadderRequest = {
        ...perturbed(base, random),
        starts: 1,
        seed: i,
        previous: undefined,
      };
      const cold = await climb(solver, { ladder, request });
      const warm = await climb(solver, { ladder, request: { ...request, previous } });
      previous = converged(warm.outcome) ? warm.outcome : undefined;
      // The first has nothing to start warm from.
      if (i > 0) climbs.push({ cold, warm });
    }
    return resultOf(site, { climbs, objectiveScale: ladder.program.objectiveScale });
  } finally {
    await close();
    await solver.close();
  }
}

function perturbed({ warm: _, ...base }: SolveRequest, random: Random) {
  const near = (value: number) => value * (1 + PERTURBED * random.normal());
  return {
    ...base,
    parameters: base.parameters.map(near),
    start: base.start.map((value, i) => {
      const [lower, upper] = [base.lower[i]!, base.upper[i]!];
      return Math.min(
        Math.max(value + MOVED * (upper - lower) * random.uniform(-1, 1), lower),
        upper,
      );
    }),
  };
}

function resultOf(
  site: string,
  { climbs, objectiveScale }: {
    readonly climbs: readonly { readonly cold: LadderOutcome; readonly warm: LadderOutcome }[];
    readonly objectiveScale: number;
  },
): SweepResult {
  const others: Record<string, number> = {};
  let [solved, relaxed, conflicting, warmWorse] = [0, 0, 0, 0];
  for (const { cold, warm } of climbs) {
    if (warm.outcome.kind === "infeasible" && warm.conflict !== undefined) conflicting++;
    else if (!converged(warm.outcome)) {
      others[warm.outcome.kind] = (others[warm.outcome.kind] ?? 0) + 1;
    } else if (warm.relaxations.length > 0) relaxed++;
    else solved++;
    if (!converged(cold.outcome) || !converged(warm.outcome)) continue;
    if (warm.outcome.objective > cold.outcome.objective + 1e-4 * objectiveScale) warmWorse++;
  }
  const [cold, warm] = [climbs.map(({ cold }) => cold), climbs.map(({ warm }) => warm)];
  const total = (outcomes: readonly LadderOutcome[]) =>
    outcomes.reduce((sum, outcome) => sum + msOf(outcome), 0);
  return {
    site,
    instances: climbs.length,
    solved,
    relaxed,
    conflicting,
    others,
    cold: effort(cold),
    warm: effort(warm),
    warmOverCold: total(warm) / total(cold),
    warmWorse,
  };
}

function effort(outcomes: readonly LadderOutcome[]): Effort {
  const times = outcomes.map(msOf).sort((a, b) => a - b);
  const iterations = outcomes.reduce(
    (sum, { rungs }) => sum + rungs.reduce((own, rung) => own + rung.iterations, 0),
    0,
  );
  return {
    iterations: iterations / outcomes.length,
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    slowestMs: times.at(-1) ?? 0,
  };
}

function msOf({ rungs }: LadderOutcome): number {
  return rungs.reduce((sum, { ms }) => sum + ms, 0);
}

if (import.meta.main) {
  stopForHelp("campaign:solver");
  const [instances, seed] = [Number(Deno.args[0] ?? 1000), Number(Deno.args[1] ?? 1)];
  for (const site of Object.keys(VALUES)) {
    console.log(JSON.stringify(await sweep(site, { instances, seed }), undefined, 2));
  }
}
