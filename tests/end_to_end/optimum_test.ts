/**
 * The answer is the optimum: a search that shares no code with the solver, on predictions by ONNX
 * Runtime and formulas on their syntax trees, from many starts, finds nothing better. What groups,
 * operating bands and prices mean is written out here once more, as strategies/README.md has it.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { predictState } from "../../src/cycle/predict_state.ts";
import type { EndOfSolve } from "../../src/cycle/optimise.ts";
import type { Plan } from "../../src/cycle/plan.ts";
import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import type { Reading } from "../../src/cycle/judge_reading.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { stepsOf } from "../../src/strategy/chain.ts";
import { evaluateFormula } from "../../src/strategy/evaluate_formula.ts";
import { measuredValue } from "../../src/strategy/measured_value.ts";
import type { Constraint, OptimizerSkill, Strategy } from "../../src/strategy/strategy.ts";
import { createPlant } from "../../strategies/cement-kiln/simulator.ts";
import { siteFolder, sitePlan } from "./site_plan.ts";

const NOW = new Date("2026-01-01T12:00:00Z");

function kilnReadings(): Map<string, Reading> {
  const plant = createPlant(7);
  const values = new Map(plant.step(1, new Map()));
  for (let minute = 0; minute < 60; minute++) {
    for (const [tag, value] of plant.step(60, new Map())) values.set(tag, value);
  }
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
      const { record, state } = await runCycle(
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
      const search = new Search(plan, { bias: record.bias, readings: readings() });

      const claimed = await search.judge(
        new Map(recommendation.settings.map((s) => [s.variable, s.recommended])),
      );
      assert.ok(claimed.violation <= 1e-6, `the answer violates by ${claimed.violation}`);
      const present = await search.judge(
        new Map(recommendation.settings.map((s) => [s.variable, s.measured])),
      );
      assert.ok(claimed.cost < present.cost, "the answer is better than the present settings");

      // Deadband and resolution cost a little; the optimum itself is what nothing may better.
      const exact = await search.judgeEnd(state.ends);
      assert.ok(exact.violation <= 1e-6, `the optimum violates by ${exact.violation}`);
      assert.ok(
        Math.abs(claimed.cost - exact.cost) <= 3e-3 * Math.abs(exact.cost),
        `the answer costs ${claimed.cost}, the optimum ${exact.cost}`,
      );
      const best = await search.run({ starts: 12, steps: 250 });
      const tolerance = 1e-4 * Math.abs(exact.cost);
      assert.ok(
        best >= exact.cost - tolerance,
        `the search found ${best}, the solver ${exact.cost}`,
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

/** One thing that the search moves: a setting by its value, a group by how far it goes as one. */
interface Dimension {
  /** Of the setting or the group. */
  readonly name: string;
  readonly lower: number;
  readonly upper: number;
  /** Where the present settings stand. */
  readonly present: number;
  /** The position of a setting's value or a group's total. */
  positionOf(value: number): number;
  settingsAt(position: number): readonly (readonly [string, number])[];
}

/**
 * The box of one cycle: bounds and move limits of each setting. A proportional group is moved by a
 * common factor, an equal one by a common step, as far as the first member's own limits.
 */
function dimensionsOf(
  strategy: Strategy,
  measured: ReadonlyMap<string, number>,
): Dimension[] {
  const memberOf = new Map(
    [...strategy.groups.values()].flatMap((group) => group.members.map((name) => [name, group])),
  );
  const settings = [...strategy.variables.values()].filter((variable) =>
    variable.type === "operative" && variable.enabled
  ).map((variable) => {
    assert.equal(variable.type, "operative");
    const { name, bounds, maxMove } = variable;
    const present = measured.get(name)!;
    return {
      ...{ name, present, group: memberOf.get(name) },
      lower: Math.max(bounds[0], present - (maxMove?.down ?? Infinity)),
      upper: Math.min(bounds[1], present + (maxMove?.up ?? Infinity)),
    };
  });
  const single = settings.filter(({ group }) => group === undefined)
    .map(({ name, lower, upper, present }): Dimension => ({
      ...{ name, lower, upper, present },
      positionOf: (value) => value,
      settingsAt: (position) => [[name, position]],
    }));
  const groups = [...strategy.groups.values()].map(({ name, share }): Dimension => {
    const members = settings.filter(({ group }) => group?.name === name);
    const isFactor = share === "proportional";
    const position = (value: number, present: number) =>
      isFactor ? value / present : value - present;
    const total = members.reduce((sum, { present }) => sum + present, 0);
    return {
      name,
      positionOf: (value) => position(value, total) / (isFactor ? 1 : members.length),
      lower: Math.max(...members.map(({ lower, present }) => position(lower, present))),
      upper: Math.min(...members.map(({ upper, present }) => position(upper, present))),
      present: isFactor ? 1 : 0,
      settingsAt: (at) =>
        members.map(({ name, present }) => [name, isFactor ? at * present : at + present]),
    };
  });
  return [...single, ...groups];
}

/** penalty · (d / D)²: d how far outside of the band, D how far the bound is from it. */
function bandCost(strategy: Strategy, valueOf: (name: string) => number): number {
  let cost = 0;
  for (const variable of strategy.variables.values()) {
    if (variable.type !== "operative" || variable.operatingBand === undefined) continue;
    const { bounds, operatingBand: { range, penalty } } = variable;
    const value = valueOf(variable.name);
    const below = Math.max(0, (range[0] - value) / (range[0] - bounds[0] || 1));
    const above = Math.max(0, (value - range[1]) / (bounds[1] - range[1] || 1));
    cost += penalty * (below ** 2 + above ** 2);
  }
  return cost;
}

/** The price per unit beyond the limit; over the last 1 % before it the price sets in, as a parabola. */
function softCost({ min, max, price }: Constraint, value: number): number {
  const size = min !== undefined && max !== undefined ? max - min : Math.abs(max ?? min ?? NaN);
  const onset = 0.01 * size;
  const sides = [...(min === undefined ? [] : [min - value])];
  sides.push(...(max === undefined ? [] : [value - max]));
  const violations = sides.map((beyond) => {
    if (beyond >= 0) return beyond + onset / 2;
    return beyond <= -onset ? 0 : (beyond + onset) ** 2 / (2 * onset);
  });
  return price! * violations.reduce((sum, violation) => sum + violation, 0);
}

interface Verdict {
  /** To be minimised: the objective and all that it pays beside. */
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
  readonly #box: readonly Dimension[];
  #seed = 1;

  constructor(plan: Plan, { bias, readings }: {
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
    this.#box = dimensionsOf(plan.strategy, measured);
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
      measured: measuredValue(strategy, this.#measured),
    };
    let violation = 0;
    let paid = bandCost(strategy, sources.variable);
    for (const { cost } of this.#skill.penalties) paid += evaluateFormula(cost, sources);
    const note = (value: number, { min, max }: { min: number; max: number }) => {
      const size = Math.max(1, ...[min, max].filter(Number.isFinite).map(Math.abs));
      violation = Math.max(violation, (min - value) / size, (value - max) / size);
    };
    for (const name of this.#skill.subjectTo) {
      const limits = strategy.skills.get(name)!;
      assert.equal(limits.type, "constraints");
      for (const limit of limits.constraints) {
        const value = evaluateFormula(limit.expression, sources);
        if (limit.price !== undefined) paid += softCost(limit, value);
        else note(value, { min: limit.min ?? -Infinity, max: limit.max ?? Infinity });
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
    return {
      cost: (this.#skill.sense === "minimize" ? objective : -objective) + paid,
      violation,
    };
  }

  /** Where the solver itself ended, before deadband and resolution. */
  judgeEnd(ends: ReadonlyMap<string, EndOfSolve>): Promise<Verdict> {
    const { program } = this.#plan.optimizers.get(this.#skill.name)!.ladder;
    const end = new Map(
      program.variables.map(({ name }, i) => [name, ends.get(this.#skill.name)!.point[i]!]),
    );
    return this.#judgePoint(
      this.#box.map(({ name, present, positionOf }) => {
        const value = end.get(name);
        return value === undefined ? present : positionOf(value);
      }),
    );
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
    let point = this.#box.map(({ present, lower, upper }) =>
      start === 0
        ? Math.min(Math.max(present, lower), upper)
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
    return this.judge(new Map(this.#box.flatMap(({ settingsAt }, i) => settingsAt(point[i]!))));
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
