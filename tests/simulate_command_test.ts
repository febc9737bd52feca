import assert from "node:assert/strict";
import { join } from "node:path";
import { readCsv } from "../src/feed/csv_values.ts";
import { simulateCommand } from "../src/simulate_command.ts";
import { siteFolder } from "./end_to_end/site_plan.ts";

async function simulated(...options: readonly string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const out = join(folder, "record.csv");
    const code = await simulateCommand([siteFolder("cement-kiln"), "--out", out, ...options], {
      say: () => undefined,
    });
    assert.equal(code, 0);
    const text = await Deno.readTextFile(out);
    const times = new Set<number>();
    for await (const { value } of readCsv(out)) {
      assert.ok(Number.isFinite(value.value));
      times.add(value.time.getTime());
    }
    assert.equal(times.size, text.trim().split("\n").length - 1);
    return text;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("simulate writes what the plant measures, the same for the same seed, another for another", async () => {
  const options = ["--days", "0.25", "--every", "5m", "--start", "2026-03-01T06:00Z"];
  const one = await simulated(...options);
  const lines = one.trim().split("\n");
  assert.equal(lines.length, 1 + 6 * 12);
  assert.match(lines[1]!, /^2026-03-01T06:00:00\.000Z,/);
  assert.match(lines.at(-1)!, /^2026-03-01T11:55:00\.000Z,/);
  assert.equal(await simulated(...options), one);
  assert.notEqual(await simulated(...options, "--seed", "77"), one);
});

Deno.test("simulate says everything that is wrong, and that a recorded site has no plant to run", async () => {
  await assert.rejects(
    simulateCommand([
      ...[siteFolder("gas-turbine"), "--out", "never.csv", "--days=-1", "--start", "soon"],
    ], { say: () => undefined }),
    (error: Error) =>
      /feed\.simulator/.test(error.message) && /--days -1/.test(error.message) &&
      /--start soon/.test(error.message),
  );
});
