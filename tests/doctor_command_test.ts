import assert from "node:assert/strict";
import { join } from "node:path";
import { parseConfig } from "../src/config.ts";
import { checkCertificate, checkTokens } from "../src/doctor/box_checks.ts";
import { checkLastCycle, checkOutbox } from "../src/doctor/cycle_checks.ts";
import { Complaint, type Patient } from "../src/doctor/patient.ts";
import { checkDatabase, checkValues } from "../src/doctor/plant_checks.ts";
import { logOf } from "../src/log.ts";
import { Journal } from "../src/storage/journal.ts";
import { migrate } from "../src/storage/migrations.ts";
import { insertMeasurements } from "../src/storage/new_measurements.ts";
import { PgliteDatabase } from "../src/storage/pglite_database.ts";
import { PrivateAuthority } from "./storage/private_authority.ts";
import { ENTRY, inFolder, smallStrategy } from "./storage/small_versions.ts";

const NOW = new Date("2026-11-24T12:00:00Z");

function patientOf(yaml: string, more: { folder?: string; isRunning?: boolean } = {}): Patient {
  const { folder = "/site", isRunning = false } = more;
  const config = parseConfig(yaml, { path: join(folder, "config.yaml"), env: {} });
  return { config, now: NOW, isRunning };
}

/** What a check complains of, with its cure. */
async function complaint(check: () => Promise<string> | string): Promise<string> {
  try {
    return assert.fail(`it is content: ${await check()}`);
  } catch (error) {
    assert.ok(error instanceof Complaint, String(error));
    return `${error.message}. Cure: ${error.cure}`;
  }
}

Deno.test("checkTokens tells who may do what, and whose token ends soon", async () => {
  const token = (expires: string) =>
    patientOf(
      `api: { tokens: [{ name: scada, role: read, sha256: "${"0".repeat(64)}"${expires} }] }`,
    );
  assert.equal(checkTokens(token("")), "1: scada (read)");
  assert.equal(checkTokens(token(", expires: 2027-06-30")), "1: scada (read)");
  const ending = await complaint(() => checkTokens(token(", expires: 2026-11-30")));
  assert.match(ending, /scada ends 2026-11-30T00.*Cure: .*deno task token/);
  assert.match(checkTokens(patientOf("api: { auth: none }")), /everything/);
});

Deno.test("checkCertificate tells how long it is good, and what to do before it is not", async () => {
  const authority = PrivateAuthority.make();
  try {
    const patient = (days: number, now = new Date()): Patient => {
      const { certFile, keyFile } = authority.issue(["DNS:localhost"], { days });
      const tls = `{ cert_file: "${certFile}", key_file: "${keyFile}" }`;
      return { ...patientOf(`api: { tls: ${tls} }`), now };
    };
    assert.match(checkCertificate(patient(90)), /is good until 20\d\d-/);
    assert.match(await complaint(() => checkCertificate(patient(3))), /is good until.*new cert/);
    const late = new Date(Date.now() + 5 * 86_400_000);
    assert.match(await complaint(() => checkCertificate(patient(3, late))), /was good until/);
    const none = patientOf("api: { tls: { cert_file: none.pem, key_file: none.key } }");
    assert.match(await complaint(() => checkCertificate(none)), /none\.pem.*cert_file/);
    assert.match(checkCertificate(patientOf("")), /plain HTTP/);
  } finally {
    authority.remove();
  }
});

Deno.test("checkLastCycle tells status and age, and complains of held and late cycles", () =>
  inFolder(async (folder) => {
    const patient = patientOf("state: { folder: state }", { folder, isRunning: true });
    assert.match(checkLastCycle(patient) as string, /has not run/);
    const journal = Journal.open(join(folder, "state/setpoint.sqlite"), { log: logOf("test") });
    try {
      const add = (id: string, fields: Record<string, unknown>, secondsAgo: number) => {
        const time = new Date(NOW.getTime() - secondsAgo * 1000).toISOString();
        const recommendation = {
          ...{ cycle_id: id, time, version: "7", reason: null, warnings: [] },
          ...fields,
        };
        const snapshot = [
          { variable: "Coal", quality: "good", note: null },
          { variable: "Load", quality: "uncertain", note: "the last good value, 90 s old" },
        ];
        const json = JSON.stringify({ recommendation, snapshot });
        const status = String(fields.status);
        return journal.record({ cycleId: id, time, status, json }, { deliver: true })!;
      };
      add("c-1", { status: "optimised" }, 20);
      assert.equal(
        checkLastCycle(patient),
        "optimised, 20 s ago, version 7; with 1 values in doubt: Load: the last good value, 90 s old",
      );
      add("c-2", { status: "optimised" }, 2_000);
      assert.match(await complaint(() => checkLastCycle(patient)), /one is due every 300 s/);
      const asleep = { ...patient, isRunning: false };
      assert.match(checkLastCycle(asleep) as string, /2000 s ago/);
      add("c-3", {
        status: "held",
        warnings: ["the database did not answer"],
        reason: "Coal: the value is 900 s old",
      }, 5);
      const held = await complaint(() => checkLastCycle(patient));
      assert.match(
        held,
        /held, 5 s ago, version 7: the database did not answer; Coal: the value is 900 s old \(c-3\)/,
      );
    } finally {
      journal.close();
    }
  }));

Deno.test("checkOutbox complains of what waits or was refused, with the database's words", () =>
  inFolder(async (folder) => {
    const patient = patientOf("state: { folder: state }", { folder });
    assert.equal(checkOutbox(patient), "nothing waits");
    const journal = Journal.open(join(folder, "state/setpoint.sqlite"), { log: logOf("test") });
    try {
      const ids = Array.from({ length: 5 }, (_, i) =>
        journal.record(
          { cycleId: `c-${i}`, time: NOW.toISOString(), status: "optimised", json: "{}" },
          { deliver: true },
        )!);
      journal.markFailed(ids[0]!, "connection refused");
      assert.match(
        await complaint(() => checkOutbox(patient)),
        /5 records wait for the database: connection refused/,
      );
      for (const id of ids.slice(1)) journal.markDelivered(id);
      assert.equal(checkOutbox(patient), "1 on their way");
      journal.setAside(ids[0]!, "value out of range");
      assert.match(await complaint(() => checkOutbox(patient)), /1 records were refused.*range/);
    } finally {
      journal.close();
    }
  }));

Deno.test("checkValues judges every live value by its rule, and names the key that tells other names", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, ENTRY), smallStrategy(1));
    const yaml = `optimization: { config_file: ${ENTRY} }
state: { folder: state }
database: { values: { tags: { Load: LOAD.PV } } }
`;
    const patient = patientOf(yaml, { folder });
    const database = await PgliteDatabase.open(join(folder, "state/database"), {
      log: logOf("test"),
    });
    await migrate(database);
    const measured = (tag: string) => ({ tag, value: 5, time: NOW, quality: "good" as const });
    await insertMeasurements(database, ["VALVE.PV", "LOAD.PV"].map(measured));
    await database.close();
    const missing = await complaint(() => checkValues(patient));
    assert.match(
      missing,
      /1 of 2 are bad: Valve: no value was ever stored.*database\.values\.tags/,
    );
    const clock = await complaint(() => checkDatabase(patient));
    assert.match(clock, /its clock is -?\d+ s from this box's.*Cure: set the one that is wrong/);
    const running = patientOf(yaml, { folder, isRunning: true });
    assert.match(await checkValues(running), /the running box has it open/);
    const fed = patientOf(`${yaml}feed: { replay: { file: x.csv } }\n`, { folder });
    assert.match(await checkValues(fed), /the box.s own feed/);
  }));
