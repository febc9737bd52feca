/**
 * The answer is the optimum: a search that shares no code with the solver, on predictions by ONNX
 * Runtime and formulas on their syntax trees, from many starts, finds nothing better.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { predictState } from "../../src/cycle/predict_state.ts";
import type { Plan } from "../../src/cycle/plan.ts";
import type { Recommendation } from "../../src/cycle/recommendation.ts";
import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import type { Reading } from "../../src/cycle/judge_reading.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { stepsOf } from "../../src/strategy/chain.ts";
import { evaluateFormula } from "../../src/strategy/evaluate_formula.ts";
import type { OperativeVariable, OptimizerSkill } from "../../src/strategy/strategy.ts";
import { createPlant } from "../../strategies/cement-kiln/simulator.ts";
import { siteFolder, sitePlan } from "./site_plan.ts";

const NOW = new Date("2026-01-01T12:00:00Z");

function kilnReadings(): Map<string, Reading> {
  const plant = createPlant(7);
  let values = plant.step(1, new Map());
  for (let minute = 0; minute < 60; minute++) values = plant.step(60, new Map());
  return readingsOf(values);
}

/** An hour of an ordinary load, in the units of the records. */
const TURBINE_HOUR = new Map(Object.entries({
  ...{ AT: 17.7, AP: 1013, AH: 78, AFDP: 3.9, GTEP: 25.5, TIT: 1081, TAT: 546, CDP: 12.1 },
  ...{ TEY: 133.8, CO: 2, NOX: 65 },
}));

function readingsOf(values: ReadonlyMap<string, number>): Map<string, Reading> {
  return new Map(
    [...values].map(([tag, value]) => [tag, { value, time: NOW, quality: "good" }]),
  );
}

const SITES = [
  { site: "cement-kiln", readings: kilnReadings },
  { site: "gas-turbine", readings: () => readingsOf(TURBINE_HOUR) },
];

for (const { site, readings } of SITES) {
  Deno.test(`runCycle of ${site} finds an optimum that an independent search cannot better`, async () => {
    const solver = new NativeSolver();
    const { plan, close } = await sitePlan(site, solver);
    try {
      const { record } = await runCycle(
        { cycleId: "test", trigger: "request", given: new Map(), mode: "advisory", validForMs: 1 },
        {
          plan,
          solver,
          state: FIRST_STATE,
          read: () => Promise.resolve(readings()),
          now: () => NOW,
        },
      );
      const { recommendation } = record;
      assert.equal(recommendation.status, "optimised", String(recommendation.reason));
      const search = new Search(plan, { recommendation, bias: record.bias, readings: readings() });

      const claimed = await search.judge(
        new Map(recommendation.settings.map((s) => [s.variable, s.recommended])),
      );
      assert.ok(claimed.violation <= 1e-6, `the answer violates by ${claimed.violation}`);
      const present = await search.judge(
        new Map(recommendation.settings.map((s) => [s.variable, s.measured])),
      );
      assert.ok(claimed.cost < present.cost, "the answer is better than the present settings");

      const best = await search.run({ starts: 12, steps: 250 });
      const tolerance = 1e-3 * Math.abs(claimed.cost);
      assert.ok(
        best >= claimed.cost - tolerance,
        `the search found ${best}, the solver ${claimed.cost}`,
      );
      // A search too weak to come near the optimum would prove nothing.
      const gain = present.cost - claimed.cost;
      assert.ok(present.cost - best >= 0.8 * gain, `the search found ${best} only`);
    } finally {
      await close();
      await solver.close();
    }
  });
}

interface Verdict {
  /** To be minimised. */
  readonly cost: number;
  /** Largest violation, relative to the size of its limit. */
  readonly violation: number;
}

/** A (1+1) evolution strategy with a step size that follows success (I. Rechenberg, 1973). */
class Search {
  readonly #plan: Plan;
  readonly #skill: OptimizerSkill;
  readonly #measured: ReadonlyMap<string, number>;
  readonly #bias: ReadonlyMap<string, number>;
  readonly #box: readonly {
    readonly name: string;
    readonly lower: number;
    readonly upper: number;
  }[];
  #seed = 1;

  constructor(plan: Plan, { recommendation, bias, readings }: {
    readonly recommendation: Recommendation;
    readonly bias: Readonly<Record<string, number>>;
    readonly readings: ReadonlyMap<string, Reading>;
  }) {
    this.#plan = plan;
    this.#skill = [...plan.strategy.skills.values()].find((s) => s.type === "optimizer")!;
    this.#bias = new Map(Object.entries(bias));
    const measured = new Map([...readings].map(([tag, reading]) => [tag, reading.value!]));
    for (const variable of plan.strategy.variables.values()) {
      if (variable.type !== "predicted" || variable.measuredBy === undefined) continue;
      measured.set(variable.name, measured.get(variable.measuredBy)!);
    }
    this.#measured = measured;
    this.#box = recommendation.settings.map(({ variable, measured }) => {
      const { bounds, maxMove } = plan.strategy.variables.get(variable) as OperativeVariable;
      return {
        name: variable,
        lower: Math.max(bounds[0], measured - (maxMove?.down ?? Infinity)),
        upper: Math.min(bounds[1], measured + (maxMove?.up ?? Infinity)),
      };
    });
  }

  /** Cost and violation of settings, by ONNX Runtime and plain formulas. */
  async judge(settings: ReadonlyMap<string, number>): Promise<Verdict> {
    const { strategy } = this.#plan;
    const values = await predictState(this.#plan, {
      values: new Map([...this.#measured, ...settings]),
      measured: this.#measured,
      bias: this.#bias,
    });
    const sources = {
      variable: (name: string) => values.get(name) ?? NaN,
      measured: (name: string) => this.#measured.get(name) ?? NaN,
    };
    let violation = 0;
    const note = (value: number, { min, max }: { min: number; max: number }) => {
      const size = Math.max(1, ...[min, max].filter(Number.isFinite).map(Math.abs));
      violation = Math.max(violation, (min - value) / size, (value - max) / size);
    };
    for (const name of this.#skill.subjectTo) {
      const limits = strategy.skills.get(name)!;
      assert.equal(limits.type, "constraints");
      for (const { expression, min, max } of limits.constraints) {
        note(evaluateFormula(expression, sources), { min: min ?? -Infinity, max: max ?? Infinity });
      }
    }
    for (const [name, { lower, upper }] of this.#trainedRanges()) {
      const [input, isChange] = name;
      const value = sources.variable(input) - (isChange ? sources.measured(input) : 0);
      // What no setting moves cannot be kept anywhere.
      if (isChange ? value !== 0 : value !== this.#measured.get(input)) {
        note(value, { min: lower, max: upper });
      }
    }
    const objective = evaluateFormula(this.#skill.objective, sources);
    return { cost: this.#skill.sense === "minimize" ? objective : -objective, violation };
  }

  /** The least cost that keeps every limit, over all starts. */
  async run({ starts, steps }: { starts: number; steps: number }): Promise<number> {
    let best = Infinity;
    for (let start = 0; start < starts; start++) {
      best = Math.min(best, await this.#climb({ start, steps }));
    }
    return best;
  }

  async #climb({ start, steps }: { start: number; steps: number }): Promise<number> {
    // The first starts from the present settings, which often keep the limits; others anywhere.
    let point = this.#box.map(({ name, lower, upper }) =>
      start === 0
        ? Math.min(Math.max(this.#measured.get(name)!, lower), upper)
        : lower + this.#random() * (upper - lower)
    );
    let here = await this.#judgePoint(point);
    let size = 0.3;
    for (let step = 0; step < steps; step++) {
      const trial = point.map((value, i) => {
        const { lower, upper } = this.#box[i]!;
        const moved = value + size * (upper - lower) * this.#gauss();
        return Math.min(Math.max(moved, lower), upper);
      });
      const there = await this.#judgePoint(trial);
      if (isBetter(there, here)) {
        [point, here] = [trial, there];
        size = Math.min(0.5, size * 1.5);
      } else size *= 0.96;
    }
    return here.violation <= 1e-6 ? here.cost : Infinity;
  }

  #judgePoint(point: readonly number[]): Promise<Verdict> {
    return this.judge(new Map(this.#box.map(({ name }, i) => [name, point[i]!])));
  }

  /** From the scaler files themselves. */
  *#trainedRanges() {
    const { strategy } = this.#plan;
    for (const step of stepsOf(strategy, this.#skill.model)) {
      if (step.type !== "model" || step.domain !== "keep") continue;
      const file = JSON.parse(
        readFileSync(`${siteFolder(strategy.name)}/${step.scaler}`, "utf8"),
      );
      for (const [k, input] of (file.names.inputs as string[]).entries()) {
        const [lower, upper] = file.trained_range.inputs[k] as [number, number];
        yield [[input, step.kind === "delta"], { lower, upper }] as const;
      }
    }
  }

  /** Park and Miller's generator: the same search at each run. */
  #random(): number {
    this.#seed = (this.#seed * 48271) % 2147483647;
    return this.#seed / 2147483647;
  }

  #gauss(): number {
    return Math.sqrt(-2 * Math.log(this.#random())) * Math.cos(2 * Math.PI * this.#random());
  }
}

function isBetter(a: Verdict, b: Verdict): boolean {
  if (a.violation > 1e-6 || b.violation > 1e-6) return a.violation < b.violation;
  return a.cost < b.cost;
}
