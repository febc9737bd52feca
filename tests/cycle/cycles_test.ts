import assert from "node:assert/strict";
import { Cycles, StoppedError } from "../../src/cycle/cycles.ts";
import type { CyclesParts } from "../../src/cycle/cycles.ts";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { FIRST_STATE } from "../../src/cycle/run_cycle.ts";
import { NOW, reading, samplePlan } from "../http/sample_app.ts";

function cyclesWith(parts: Partial<CyclesParts>) {
  const ended: { record: CycleRecord; error: unknown }[] = [];
  let id = 0;
  const cycles = new Cycles({
    activePlan: () => samplePlan,
    solver: {
      load: () => Promise.reject(new Error("nothing to solve")),
      release: () => Promise.resolve(),
      solve: () => Promise.reject(new Error("nothing to solve")),
      evaluateNative: () => Promise.reject(new Error("nothing to solve")),
      close: () => Promise.resolve(),
    },
    state: FIRST_STATE,
    latest: undefined,
    requestsCount: false,
    mode: "advisory",
    validForMs: 450_000,
    now: () => NOW,
    read: () => Promise.resolve(new Map([["Kiln_Coal_PV", reading(8.5)]])),
    cycleId: () => `c-${id++}`,
    commit: () => undefined,
    ended: (record, error) => ended.push({ record, error }),
    ...parts,
  });
  return { cycles, ended };
}

const scheduled = { trigger: "schedule", given: new Map() } as const;

Deno.test("Cycles commits a record before anybody sees it", async () => {
  const order: string[] = [];
  const { cycles } = cyclesWith({
    commit: () => {
      order.push(`commit, latest is ${cycles.latest?.recommendation.cycle_id}`);
      return undefined;
    },
    ended: () => order.push("ended"),
  });
  const record = await cycles.run(scheduled);
  assert.deepEqual(order, ["commit, latest is undefined", "ended"]);
  assert.equal(cycles.latest, record);
});

Deno.test("Cycles flags a record that cannot be made durable, and goes on", async () => {
  const { cycles, ended } = cyclesWith({ commit: () => "database or disk is full" });
  const record = await cycles.run(scheduled);
  assert.equal(record.recommendation.status, "unchanged");
  assert.match(record.recommendation.warnings.join(), /Not durable.*disk is full/);
  assert.equal(cycles.latest, record);
  assert.equal(ended[0]?.error, undefined);
});

Deno.test("Cycles records a cycle that broke, and the next one runs", async () => {
  const committed: string[] = [];
  let broken = true;
  let asked = 0;
  const { cycles, ended } = cyclesWith({
    // Once reading, once the present: the second question for the time is the snapshot's.
    now: () => {
      if (broken && committed.length === 0 && ++asked === 2) throw new RangeError("no clock");
      return NOW;
    },
    commit: ({ recommendation }) => {
      committed.push(recommendation.status);
      return undefined;
    },
  });
  assert.equal((await cycles.run(scheduled)).recommendation.status, "failed");
  broken = false;
  assert.equal((await cycles.run(scheduled)).recommendation.status, "unchanged");
  assert.deepEqual(committed, ["failed", "unchanged"]);
  assert.ok(ended[0]?.error instanceof RangeError);
});

Deno.test("Cycles.stop lets the running cycle end, or abandons it at the deadline", async () => {
  const gate = Promise.withResolvers<void>();
  const { cycles } = cyclesWith({
    read: () => gate.promise.then(() => new Map([["Kiln_Coal_PV", reading(8.5)]])),
  });
  const running = cycles.run(scheduled);
  const waiting = cycles.run({ trigger: "request", given: new Map() });
  const refused = assert.rejects(waiting, StoppedError);
  assert.equal(await cycles.stop({ deadlineMs: 1 }), false);
  await refused;
  gate.resolve();
  assert.equal((await running).recommendation.status, "unchanged");
  assert.equal(await cycles.stop({ deadlineMs: 10_000 }), true);
  await assert.rejects(cycles.run(scheduled), StoppedError);
});
