import assert from "node:assert/strict";
import { join } from "node:path";
import { backupCommand } from "../src/backup_command.ts";
import { BackupError } from "../src/storage/backup.ts";
import { GenerationError } from "../src/storage/generations.ts";
import { RunningBox } from "./faults/running_box.ts";
import { writeSmallSite } from "./faults/small_site.ts";

/** A machine that is busy with other tests takes its time. */
const SLOW = { startMs: 240_000 };

const stays = () => assert.fail("the configuration is not asked for");

function partsOf(stateFolder: () => string) {
  const said: string[] = [];
  return { said, say: (line: string) => said.push(line), stateFolder };
}

Deno.test("backupCommand copies a running box, and a box that starts on the copy knows every cycle; a damaged copy is found", async () => {
  const site = await writeSmallSite({ yaml: "", optimization: "interval_seconds: 0.2" });
  const copy = join(site.folder, "copy");
  let box: RunningBox | undefined;
  let restored: Awaited<ReturnType<typeof writeSmallSite>> | undefined;
  try {
    box = await RunningBox.start(site, SLOW);
    await box.healthBecomes(({ last_cycle }) => last_cycle !== null, 240_000);
    const seen = (await box.health()).last_cycle?.cycle_id ?? "";
    const parts = partsOf(() => site.stateFolder);
    assert.equal(await backupCommand([copy], parts), 0);
    assert.match(parts.said.join("\n"), /the box runs[^]*\d+ cycles, .*versions local, \d+ lines/);
    assert.equal(await backupCommand([copy, "--check"], partsOf(stays)), 0);
    await assert.rejects(backupCommand([copy], parts), BackupError, "nothing is written over");
    await assert.rejects(
      backupCommand([join(site.stateFolder, "copy")], parts),
      /lies in the state folder itself/,
    );
    await box.kill();

    const names = [...Deno.readDirSync(copy)].map(({ name }) => name);
    assert.deepEqual(names.filter((name) => /^(lock|database|setpoint\.sqlite-)/.test(name)), []);
    // The site's own folder is away: the version has to come out of the copy.
    restored = await writeSmallSite({ yaml: "storage: { folder: nowhere }", stateFolder: copy });
    box = await RunningBox.start(restored, SLOW);
    const health = await box.health();
    assert.equal(health.version, "local");
    const cycle = await fetch(`http://127.0.0.1:${box.port}/cycles/${seen}`);
    assert.equal(cycle.status, 200);
    await cycle.body?.cancel();
    assert.equal(await box.stop(), 0);

    // Of a box that is stopped, the embedded database comes along.
    const whole = join(site.folder, "whole");
    assert.equal(await backupCommand([whole], partsOf(() => copy)), 0);
    assert.ok([...Deno.readDirSync(whole)].some(({ name }) => name === "database"));

    const blobs = join(whole, "bundles/blobs/sha256");
    const blob = join(blobs, [...Deno.readDirSync(blobs)][0]?.name ?? "");
    const bytes = await Deno.readFile(blob);
    await Deno.writeFile(blob, bytes.with(0, (bytes[0] ?? 0) ^ 1));
    await assert.rejects(backupCommand([whole, "--check"], partsOf(stays)), GenerationError);
    await Deno.truncate(join(whole, "setpoint.sqlite"), 5000);
    await assert.rejects(backupCommand([whole, "--check"], partsOf(stays)), /malformed|disk image/);
  } finally {
    await box?.kill();
    if (restored !== undefined) await Deno.remove(restored.folder, { recursive: true });
    await Deno.remove(site.folder, { recursive: true });
  }
});

Deno.test("backupCommand says where there is no state to copy, and helps", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const parts = partsOf(() => folder);
    await assert.rejects(
      backupCommand([join(folder, "to")], parts),
      /is no state folder: it has no setpoint\.sqlite/,
    );
    assert.equal(await backupCommand([], parts), 2);
    assert.equal(await backupCommand(["--help"], parts), 0);
    assert.match(parts.said.join("\n"), /To restore, stop the box/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
