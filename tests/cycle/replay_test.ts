import assert from "node:assert/strict";
import { join } from "node:path";
import { differences, replayCycle } from "../../src/cycle/replay.ts";
import { FIRST_STATE, runCycle } from "../../src/cycle/run_cycle.ts";
import type { CycleOrder, CycleState } from "../../src/cycle/run_cycle.ts";
import type { Reading } from "../../src/cycle/judge_reading.ts";
import type { Plan } from "../../src/cycle/plan.ts";
import type { CycleRecord } from "../../src/cycle/recommendation.ts";
import { logOf } from "../../src/log.ts";
import { replayCommand } from "../../src/replay_command.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { fetchBundle } from "../../src/storage/bundle_files.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { bundlesFolder, Generations } from "../../src/storage/generations.ts";
import { Journal } from "../../src/storage/journal.ts";
import { createPlant } from "../../strategies/cement-kiln/simulator.ts";
import { ENTRY, siteFolder, sitePlan } from "../end_to_end/site_plan.ts";

const START = Date.parse("2026-01-01T12:00:00Z");

function order(cycleId: string, fields: Partial<CycleOrder> = {}): CycleOrder {
  return {
    ...{ cycleId, trigger: "schedule", given: new Map(), mode: "active", validForMs: 450_000 },
    ...fields,
  };
}

/** Cycles of the kiln: an ordinary one, one with damaged values, one without a database, a question. */
async function kilnRecords(plan: Plan, solver: NativeSolver): Promise<CycleRecord[]> {
  const plant = createPlant(3);
  // As a historian has it: a laboratory value stays the newest one until the next sample.
  const values = new Map<string, Reading>();
  let state: CycleState = FIRST_STATE;
  const records: CycleRecord[] = [];
  const run = async (
    cycle: CycleOrder,
    read: (values: Map<string, Reading>) => Promise<Map<string, Reading>>,
  ) => {
    const time = new Date(START + records.length * 300_000);
    for (const [tag, value] of plant.step(300, new Map())) {
      values.set(tag, { value, time, quality: "good" });
    }
    const result = await runCycle(cycle, {
      ...{ plan, solver, state },
      read: () => read(new Map(values)),
      now: () => time,
    });
    state = result.state;
    // As it lies in the journal.
    records.push(JSON.parse(JSON.stringify(result.record)) as CycleRecord);
  };
  await run(order("first"), (values) => Promise.resolve(values));
  await run(order("damaged"), (values) => {
    const damage = (tag: string, fields: Partial<Reading>) =>
      values.set(tag, { ...values.get(tag)!, ...fields });
    damage("Kiln_Inlet_NOX", { value: NaN });
    damage("Hood_Pressure", { quality: "bad" });
    damage("LAB_Free_lime", { value: Infinity });
    return Promise.resolve(values);
  });
  await run(
    order("silent", { switchedOff: new Set(["Kiln_Coal_PV"]) }),
    () => Promise.reject(new Error("connection refused")),
  );
  await run(
    order("question", { trigger: "request", given: new Map([["Kiln_Coal_PV", 8.4]]) }),
    (values) => Promise.resolve(values),
  );
  return records;
}

Deno.test("replayCycle gives the recommendation of the record again, whatever the cycle met", async () => {
  const solver = new NativeSolver();
  const { plan, close } = await sitePlan("cement-kiln", solver);
  const another = new NativeSolver();
  const again = await sitePlan("cement-kiln", another);
  try {
    const records = await kilnRecords(plan, solver);
    const statuses = records.map(({ recommendation }) => recommendation.status);
    assert.deepEqual(statuses, ["optimised", "optimised", "held", "optimised"]);
    for (const record of records) {
      const { recommendation } = await replayCycle(record, { plan: again.plan, solver: another });
      assert.deepEqual(differences(record.recommendation, recommendation), []);
    }
    // An older release has told nothing of influences: that is no difference.
    const { influences, ...older } = records[0]!.recommendation;
    assert.equal(influences?.reason, null);
    assert.deepEqual(differences(older, records[0]!.recommendation), []);
    // The warm start counts: without the state before, another cycle comes out.
    const { recommendation, inputs } = records[1]!;
    const cold = await replayCycle({
      ...records[1]!,
      inputs: { ...inputs!, state: records[0]!.inputs!.state },
    }, { plan: again.plan, solver: another });
    assert.notDeepEqual(differences(recommendation, cold.recommendation), []);
  } finally {
    await close();
    await again.close();
    await solver.close();
    await another.close();
  }
});

Deno.test("replayCycle refuses another bundle and a record without its inputs, by name", async () => {
  const solver = new NativeSolver();
  const { plan, close } = await sitePlan("autothermal-reformer", solver);
  try {
    const [record] = [await reformerRecord(plan, solver)];
    await assert.rejects(
      () => replayCycle(record, { plan: { ...plan, digest: "other" }, solver }),
      /Cycle reformer ran on version .* not on .* with other/,
    );
    await assert.rejects(
      () => replayCycle({ ...record, inputs: null }, { plan, solver }),
      /does not hold what it worked from/,
    );
  } finally {
    await close();
    await solver.close();
  }
});

async function reformerRecord(plan: Plan, solver: NativeSolver): Promise<CycleRecord> {
  const { record } = await runCycle(
    order("reformer", { given: new Map([["Bypass_fraction", 0.5], ["Steam_ratio", 1]]) }),
    {
      ...{ plan, solver, state: FIRST_STATE },
      read: () => Promise.resolve(new Map()),
      now: () => new Date(START),
    },
  );
  return record;
}

Deno.test("replayCommand finds record and bundle in a state folder and says whether they agree", async () => {
  const folder = await Deno.makeTempDir();
  const site = "autothermal-reformer";
  const solver = new NativeSolver();
  const { plan, close } = await sitePlan(site, solver);
  try {
    const log = logOf("test");
    const generations = await Generations.open(bundlesFolder(folder), { log });
    await generations.add(
      await fetchBundle(new FolderObjectStore(siteFolder(site)), { entry: ENTRY }),
    );
    const record = await reformerRecord(plan, solver);
    const { time, status } = record.recommendation;
    const journal = Journal.open(join(folder, "setpoint.sqlite"), { log });
    const changed = structuredClone(record) as { recommendation: { objective: { now: number } } };
    changed.recommendation.objective.now *= 1 + 1e-9;
    for (const [cycleId, kept] of [["reformer", record], ["changed", changed]] as const) {
      journal.record({ cycleId, time, status, json: JSON.stringify(kept) }, { deliver: false });
    }
    const lines: string[] = [];
    const replay = (id: string) =>
      replayCommand(id, { stateFolder: folder, entry: ENTRY, say: (line) => lines.push(line) });
    assert.equal(await replay("reformer"), 0, lines.join("\n"));
    assert.match(lines.join("\n"), /the same recommendation comes out/);
    assert.equal(await replay("changed"), 1);
    assert.match(lines.join("\n"), /objective\.now: .* was recorded, .* comes out now/);
    await assert.rejects(() => replay("unknown"), /keeps no cycle "unknown"/);
    journal.close();
  } finally {
    await close();
    await solver.close();
    await Deno.remove(folder, { recursive: true });
  }
});
