import assert from "node:assert/strict";
import { join } from "node:path";
import { KeptResults, OtherResultsError } from "../../src/storage/kept_results.ts";

async function inFolder(test: (path: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    test(join(folder, "deep", "results.sqlite"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("KeptResults gives back what it was given, in the order of keys, after it was opened anew", async () => {
  await inFolder((path) => {
    const first = KeptResults.open(path, { strategy: "x" });
    for (const key of [30, 10, 20]) first.add({ side: "a", key, json: `${key}` });
    first.add({ side: "b", key: 10, json: "other" });
    const run = first.noteRun({ seconds: 1, results: 2, note: "n" });
    first.noteRun({ seconds: 2, results: 4, note: "n" }, run);
    first.close();
    const again = KeptResults.open(path, { strategy: "x" });
    assert.deepEqual([...again.all("a")].map(({ json }) => json), ["10", "20", "30"]);
    assert.deepEqual(again.keys("b"), new Set([10]));
    assert.equal(again.get("b", 10), "other");
    assert.throws(() => again.get("b", 11), RangeError);
    assert.deepEqual(again.runs(), [{ seconds: 2, results: 4, note: "n" }]);
    again.close();
  });
});

Deno.test("KeptResults takes no second result of one key", async () => {
  await inFolder((path) => {
    const kept = KeptResults.open(path, { strategy: "x" });
    kept.add({ side: "a", key: 1, json: "1" });
    assert.throws(() => kept.add({ side: "a", key: 1, json: "2" }));
    assert.equal(kept.get("a", 1), "1");
    kept.close();
  });
});

Deno.test("KeptResults refuses the file of another task, with what differs and the cure", async () => {
  await inFolder((path) => {
    KeptResults.open(path, { strategy: "x", record: "r" }).close();
    assert.throws(() => KeptResults.open(path, { strategy: "y", record: "r" }), (error) => {
      assert.ok(error instanceof OtherResultsError);
      assert.match(error.message, /strategy: x there, y now/);
      assert.doesNotMatch(error.message, /record:/);
      assert.match(error.message, /--out|remove/);
      return true;
    });
    Deno.writeTextFileSync(`${path}.text`, "no database at all, and long enough to be looked at");
    assert.throws(() => KeptResults.open(`${path}.text`, { strategy: "x" }), OtherResultsError);
  });
});
