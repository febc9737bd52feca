import assert from "node:assert/strict";
import type { Reading } from "../../src/cycle/judge_reading.ts";
import { preparePlan } from "../../src/cycle/plan.ts";
import type { ModelFile, Plan } from "../../src/cycle/plan.ts";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import type { CycleOrder, CycleState } from "../../src/cycle/run_cycle.ts";
import { logOf } from "../../src/log.ts";
import type { Scaler } from "../../src/model/scaler.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { SolverProcessError } from "../../src/solve/solver_process.ts";
import { Bundle } from "../../src/storage/bundle.ts";
import { MemoryCache } from "../../src/storage/memory_cache.ts";
import type { Strategy } from "../../src/strategy/strategy.ts";

const START = Date.parse("2026-01-01T12:00:00Z");
const ENTRY = "strategy.yaml";

/** Heat and its cost follow two settings and one value that is only read. */
const STRATEGY = `name: boiler
variables:
  Coal: { type: operative, unit: t/h, bounds: [0, 10], max_move: 1, resolution: 0.01 }
  Air: { type: operative, unit: t/h, bounds: [0, 100] }
  Load: { type: informative, unit: t/h, on_bad: last_good }
  heat: { type: calculated, unit: t/h }
  lean: { type: calculated, unit: t/h }
skills:
  balance:
    type: function
    outputs:
      heat: Coal - 0.1 * Load
      lean: Air - 9 * Coal
  limits:
    type: constraints
    constraints:
      enough heat: { expression: heat, min: 0 }
      enough air: { expression: lean, min: 0 }
  optimum:
    type: optimizer
    minimize: 2 * Coal + 0.001 * Air
    unit: EUR/h
    model: balance
    subject_to: [limits]
tasks:
  - { name: estimate, skill: balance }
  - { name: optimise, skill: optimum }
  - { name: check, skill: limits }
`;

const VALUES = { Coal: 6, Air: 60, Load: 55 };

/** A strategy at work: cycles five minutes apart, each on the state that the one before left. */
class Working {
  readonly solver = new NativeSolver();
  /** What a read ends with in place of values. */
  readFault: string | undefined;
  #plan: Plan | undefined;
  #state: CycleState = FIRST_STATE;
  #cycles = 0;

  static async with(yaml: string, work: (working: Working) => Promise<void>): Promise<void> {
    const working = new Working();
    const cache = new MemoryCache({ log: logOf("test") });
    try {
      const bundle = new Bundle("1", new Map([[ENTRY, new TextEncoder().encode(yaml)]]));
      working.#plan = await preparePlan(bundle, {
        entry: ENTRY,
        solver: working.solver,
        shelves: {
          models: cache.shelf<ModelFile>("models"),
          scalers: cache.shelf<Scaler>("scalers"),
          configurations: cache.shelf<Strategy>("configurations"),
        },
      });
      await work(working);
    } finally {
      await working.#plan?.release();
      await working.solver.close();
    }
  }

  async cycle(
    values: Readonly<Record<string, number | Partial<Reading>>>,
    order: Partial<CycleOrder> = {},
  ): Promise<CycleRecord> {
    const now = new Date(START + this.#cycles++ * 300_000);
    const readings = new Map(
      Object.entries(values).map(([tag, value]): [string, Reading] => [tag, {
        ...{ value: 0, time: now, quality: "good" },
        ...typeof value === "number" ? { value } : value,
      }]),
    );
    const { record, state } = await runCycle({
      ...{ cycleId: `cycle-${this.#cycles}`, trigger: "schedule", given: new Map() },
      ...{ mode: "active", validForMs: 450_000, ...order },
    }, {
      plan: this.#plan!,
      solver: this.solver,
      state: this.#state,
      read: () =>
        this.readFault === undefined
          ? Promise.resolve(readings)
          : Promise.reject(new Error(this.readFault)),
      now: () => now,
    });
    this.#state = state;
    return record;
  }
}

function settingOf({ recommendation }: CycleRecord, name: string) {
  return recommendation.settings.find(({ variable }) => variable === name)!;
}

Deno.test("runCycle names the constraint that stops a setting, and what it is worth", async () => {
  await Working.with(STRATEGY, async (working) => {
    const record = await working.cycle(VALUES);
    const { status, binding_limits, objective } = record.recommendation;
    assert.equal(status, "optimised");
    const [coal, air] = [settingOf(record, "Coal"), settingOf(record, "Air")];
    assert.deepEqual([coal.recommended, coal.limited_by], [5.5, "constraint enough heat"]);
    assert.equal(air.limited_by, "constraint enough air");
    assert.ok(Math.abs(air.recommended - 49.5) < 1e-5, String(air.recommended));
    // Less heat by one t/h saves a tonne of coal and nine of air.
    const heat = binding_limits.find(({ limit }) => limit === "enough heat")!;
    assert.ok(Math.abs(heat.shadow_price! - 2.009) < 1e-5, String(heat.shadow_price));
    assert.equal(heat.shadow_price_unit, "(EUR/h) per t/h");
    assert.ok(Math.abs(objective!.improvement - (2 * 0.5 + 0.001 * 10.5)) < 1e-5);
  });
});

Deno.test("runCycle keeps an answer whose solver breaks before its limits are told", async () => {
  await Working.with(STRATEGY, async (working) => {
    working.solver.evaluateNative = () => Promise.reject(new SolverProcessError("it has ended"));
    const { recommendation } = await working.cycle(VALUES);
    assert.equal(recommendation.status, "optimised");
    assert.match(recommendation.warnings.join(), /Which limits stop .* not known: it has ended/);
    assert.match(recommendation.influences!.reason!, /no answer: it has ended/);
  });
});

Deno.test("runCycle tells which value moves each setting and the objective, per unit and typically", async () => {
  await Working.with(STRATEGY, async (working) => {
    const { influences } = (await working.cycle(VALUES)).recommendation;
    assert.equal(influences?.reason, null);
    const ofLoad = { variable: "Load", unit: "t/h", value: 55 };
    // A twentieth of 55 t/h, as too few readings have been seen and no range is declared.
    const typical = { typical_change: 2.75, typical_from: "value" };
    const rounded = ({ moved_by }: { readonly moved_by: readonly { per_unit: number }[] }) =>
      moved_by.map((influence) => {
        const { per_unit, moves, ...rest } = influence as unknown as Record<string, number>;
        return { ...rest, per_unit: per_unit!.toFixed(4), moves: moves!.toFixed(4) };
      });
    const [coal, air] = influences.settings;
    assert.deepEqual([coal!.variable, air!.variable], ["Coal", "Air"]);
    const inTons = { ...ofLoad, ...typical, per_unit_unit: "(t/h) per t/h" };
    assert.deepEqual(rounded(coal!), [{ ...inTons, per_unit: "0.1000", moves: "0.2750" }]);
    assert.deepEqual(rounded(air!), [{ ...inTons, per_unit: "0.9000", moves: "2.4750" }]);
    const inEuros = { ...ofLoad, ...typical, per_unit_unit: "(EUR/h) per t/h" };
    // 2 EUR/t · 0.1 + 0.001 EUR/t · 0.9.
    assert.deepEqual(rounded(influences.objective), [
      { ...inEuros, per_unit: "0.2009", moves: "0.5525" },
    ]);
    let record = await working.cycle(VALUES);
    for (let i = 0; i < 10; i++) record = await working.cycle({ ...VALUES, Load: 54 + i % 3 });
    const [of] = record.recommendation.influences!.objective.moved_by;
    assert.equal(of!.typical_from, "recent readings");
    assert.ok(of!.typical_change > 0.5 && of!.typical_change < 1, String(of!.typical_change));
  });
});

Deno.test("runCycle says that nothing moves a setting at its move limit, and flags a degenerate optimum", async () => {
  await Working.with(STRATEGY, async (working) => {
    const { influences } = (await working.cycle({ ...VALUES, Coal: 7, Air: 70 })).recommendation;
    assert.deepEqual(influences!.settings[0], { variable: "Coal", unit: "t/h", moved_by: [] });
  });
  // Any split of coal between two equal mills is as good.
  const split = STRATEGY.replace("minimize: 2 * Coal + 0.001 * Air", "minimize: 2 * Coal + 2 * Air")
    .replace("      enough air: { expression: lean, min: 0 }\n", "")
    .replace("heat: Coal - 0.1 * Load", "heat: Coal + Air - 0.1 * Load");
  await Working.with(split, async (working) => {
    const { influences } = (await working.cycle({ Coal: 3, Air: 50, Load: 30 })).recommendation;
    assert.match(influences!.reason!, /degenerate/);
    assert.deepEqual(influences!.settings, []);
  });
});

Deno.test("runCycle says that the move limit stops a setting where the constraint is further away", async () => {
  await Working.with(STRATEGY, async (working) => {
    const coal = settingOf(await working.cycle({ ...VALUES, Coal: 7, Air: 70 }), "Coal");
    assert.deepEqual([coal.recommended, coal.limited_by], [6, "move limit down"]);
  });
});

Deno.test("runCycle gives every number that follows from an uncertain value its quality and time", async () => {
  await Working.with(STRATEGY, async (working) => {
    await working.cycle(VALUES);
    const { recommendation } = await working.cycle({ ...VALUES, Load: { value: NaN } });
    const heat = recommendation.expectations.find(({ variable }) => variable === "heat")!;
    assert.deepEqual([heat.quality, heat.source_time], ["uncertain", "2026-01-01T12:00:00.000Z"]);
    const lean = recommendation.expectations.find(({ variable }) => variable === "lean")!;
    assert.deepEqual([lean.quality, lean.source_time], ["good", "2026-01-01T12:05:00.000Z"]);
    const check = recommendation.checks.find(({ limit }) => limit === "enough heat")!;
    assert.equal(check.quality, "uncertain");
    assert.equal(recommendation.objective?.quality, "good");
  });
});

Deno.test("runCycle points a held cycle to the last answer that was one", async () => {
  await Working.with(STRATEGY, async (working) => {
    const first = await working.cycle(VALUES);
    assert.equal(first.recommendation.last_answer, null);
    for (const cycle of ["second", "third"]) {
      const { recommendation } = await working.cycle({ ...VALUES, Coal: { quality: "bad" } });
      assert.equal(recommendation.status, "held", cycle);
      assert.deepEqual(recommendation.last_answer, {
        ...{ cycle_id: "cycle-1", time: "2026-01-01T12:00:00.000Z", status: "optimised" },
      });
    }
  });
});

Deno.test("runCycle says first that the database did not answer, where values are missing for it", async () => {
  await Working.with(STRATEGY, async (working) => {
    working.readFault = "connection refused";
    const { recommendation } = await working.cycle(VALUES);
    assert.equal(recommendation.status, "held");
    assert.match(
      String(recommendation.reason),
      /^No live values: the database did not answer \(connection refused\); .*Coal: no value/,
    );
  });
});

Deno.test("runCycle leaves a setting where it is that the order switches off", async () => {
  await Working.with(STRATEGY, async (working) => {
    const record = await working.cycle(VALUES, { switchedOff: new Set(["Air"]) });
    const air = settingOf(record, "Air");
    assert.deepEqual([air.recommended, air.limited_by], [60, "switched off"]);
    assert.equal(settingOf(record, "Coal").recommended, 5.5);
  });
});

Deno.test("runCycle says which limits conflict where they cannot all be kept", async () => {
  await Working.with(STRATEGY, async (working) => {
    const { recommendation } = await working.cycle({ ...VALUES, Coal: 3 });
    assert.equal(recommendation.status, "held");
    assert.match(String(recommendation.reason), /"enough heat" at least 0 t\/h cannot be kept/);
  });
});

Deno.test("runCycle runs a task only where its condition holds", async () => {
  const yaml = STRATEGY.replace("skill: optimum }", 'skill: optimum, when: "Load > 50" }');
  await Working.with(yaml, async (working) => {
    assert.equal((await working.cycle(VALUES)).recommendation.status, "optimised");
    const { recommendation } = await working.cycle({ ...VALUES, Load: 45 });
    assert.equal(recommendation.status, "unchanged");
    assert.equal(recommendation.objective, null);
  });
});

Deno.test("runCycle holds on a failing task, or goes on where the task says so", async () => {
  const failing = (rest: string) =>
    STRATEGY.replace("lean: Air - 9 * Coal", "lean: Air - 9 * Coal\n      odd: log(45 - Load)")
      .replace("  lean: {", '  odd: { type: calculated, unit: "" }\n  lean: {')
      .replace("skill: balance }", `skill: balance${rest} }`);
  await Working.with(failing(""), async (working) => {
    const { recommendation } = await working.cycle(VALUES);
    assert.equal(recommendation.status, "held");
    assert.match(String(recommendation.reason), /"balance" gives no value for odd/);
  });
  await Working.with(failing(", on_failure: continue"), async (working) => {
    const { recommendation } = await working.cycle(VALUES);
    assert.equal(recommendation.status, "optimised");
    assert.match(recommendation.warnings.join(), /Task "estimate" failed and the others went on/);
  });
});

Deno.test("runCycle checks the present settings where the task says so", async () => {
  const yaml = STRATEGY.replace("skill: limits }", "skill: limits, on: present }");
  await Working.with(yaml, async (working) => {
    const { checks } = (await working.cycle(VALUES)).recommendation;
    assert.deepEqual(checks.map(({ value }) => value), [0.5, 6]);
  });
});

Deno.test("runCycle waits at the gate after a move, and the record tells why", async () => {
  const yaml = STRATEGY.replace(
    "skills:",
    "steady_state: { variables: [Load], readings: 2 }\nskills:",
  );
  await Working.with(yaml, async (working) => {
    assert.equal((await working.cycle(VALUES)).recommendation.status, "optimised");
    const { recommendation } = await working.cycle({ ...VALUES, Coal: 5.5 });
    assert.equal(recommendation.status, "held");
    assert.match(
      String(recommendation.reason),
      /Not settled since the move of .*: Load has 0 of 2/,
    );
    const question = await working.cycle({ ...VALUES, Coal: 5.5 }, {
      trigger: "request",
      given: new Map([["Load", 52]]),
    });
    assert.equal(question.recommendation.status, "optimised", "a question does not wait");
    await working.cycle({ ...VALUES, Coal: 5.5 });
    const settled = await working.cycle({ ...VALUES, Coal: 5.5 });
    assert.notEqual(settled.recommendation.status, "held", String(settled.recommendation.reason));
  });
});

/** Two fans that are moved as one. */
const GROUP = (share: string) =>
  `name: fans
variables:
  Left: { type: operative, unit: m3/h, bounds: [10, 100], max_move: 20, resolution: 1 }
  Right: { type: operative, unit: m3/h, bounds: [10, 60], max_move: 20, resolution: 1 }
  air: { type: calculated, unit: m3/h }
groups:
  fans: { members: [Left, Right], share: ${share} }
skills:
  sum: { type: function, output: air, formula: Left + Right }
  limits:
    type: constraints
    constraints:
      enough: { expression: air, min: 95.5 }
  optimum: { type: optimizer, minimize: air, model: sum, subject_to: [limits] }
tasks:
  - { name: optimise, skill: optimum }
  - { name: check, skill: limits }
`;

Deno.test("runCycle shares a group's total out to its members, each on its own resolution", async () => {
  for (const [share, left, right] of [["proportional", 64, 32], ["equal", 68, 28]] as const) {
    await Working.with(GROUP(share), async (working) => {
      const record = await working.cycle({ Left: 80, Right: 40 });
      const settings = [settingOf(record, "Left"), settingOf(record, "Right")];
      assert.deepEqual(settings.map(({ recommended }) => recommended), [left, right], share);
      assert.deepEqual(settings.map(({ unit }) => unit), ["m3/h", "m3/h"]);
      const [check] = record.recommendation.checks;
      assert.equal(check!.now, 120, "at the present settings");
      assert.ok(check!.value >= 95.5 - 1e-6);
    });
  }
});

Deno.test("runCycle keeps each member of a group inside its own limits", async () => {
  await Working.with(GROUP("equal").replace("minimize", "maximize"), async (working) => {
    const record = await working.cycle({ Left: 60, Right: 55 });
    const [left, right] = [settingOf(record, "Left"), settingOf(record, "Right")];
    assert.deepEqual([right.recommended, right.limited_by], [60, "upper bound"]);
    assert.deepEqual([left.recommended, left.limited_by], [65, "group"]);
  });
});

Deno.test("runCycle leaves a whole group where it is when a member is switched off", async () => {
  await Working.with(GROUP("equal"), async (working) => {
    const values = { Left: 80, Right: 40 };
    const record = await working.cycle(values, { switchedOff: new Set(["Left"]) });
    const [left, right] = [settingOf(record, "Left"), settingOf(record, "Right")];
    assert.deepEqual([left.recommended, left.limited_by], [80, "switched off"]);
    assert.deepEqual([right.recommended, right.limited_by], [40, "group"]);
    assert.equal(record.recommendation.status, "unchanged");
  });
});

Deno.test("runCycle lets a later optimizer start from what an earlier one has left", async () => {
  const yaml = STRATEGY.replace(
    "    model: balance\n    subject_to: [limits]\n",
    `    model: balance
    subject_to: [limits]
    moves: [Coal]
  trim:
    type: optimizer
    minimize: Air
    unit: t/h
    model: balance
    subject_to: [limits]
    moves: [Air]
`,
  ).replace("  - { name: check", "  - { name: trim, skill: trim }\n  - { name: check");
  await Working.with(yaml, async (working) => {
    const record = await working.cycle(VALUES);
    assert.equal(settingOf(record, "Coal").recommended, 5.5);
    const air = settingOf(record, "Air");
    assert.ok(
      Math.abs(air.recommended - 49.5) < 1e-5,
      "nine times the coal of the first optimizer",
    );
    assert.ok(record.recommendation.checks.every(({ violation }) => violation < 1e-6));
  });
});
