import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogFile } from "../src/log_file.ts";

function withFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "log-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const instead = (line: string) => assert.fail(`not written: ${line}`);

Deno.test("LogFile sets a full file aside and keeps so many, each within its size", () => {
  withFolder((folder) => {
    const path = join(folder, "logs", "app.log");
    const log = new LogFile({ path, maxBytes: 100, keep: 3 }, { instead });
    for (let i = 0; i < 50; i++) log.write(`line ${i} ${"x".repeat(20)}`);
    log.close();
    const names = readdirSync(join(folder, "logs")).toSorted();
    assert.deepEqual(names, ["app.log", "app.log.1", "app.log.2"]);
    for (const name of names) assert.ok(statSync(join(folder, "logs", name)).size <= 100);
    const newest = names.toReversed()
      .map((name) => readFileSync(join(folder, "logs", name), "utf8")).join("");
    assert.match(newest, /line 49 x+\n$/);
    const numbers = [...newest.matchAll(/line (\d+)/g)].map(([, n]) => Number(n));
    assert.deepEqual(numbers, numbers.map((_, i) => numbers[0]! + i), "no line is lost in between");
  });
});

Deno.test("LogFile goes on with the file that is there", () => {
  withFolder((folder) => {
    const path = join(folder, "app.log");
    for (const line of ["one", "two"]) {
      const log = new LogFile({ path, maxBytes: 1000, keep: 2 }, { instead });
      log.write(line);
      log.close();
    }
    assert.equal(readFileSync(path, "utf8"), "one\ntwo\n");
  });
});

Deno.test("LogFile prints what it cannot write, and does not throw", () => {
  withFolder((folder) => {
    const printed: string[] = [];
    const path = join(folder, "app.log");
    const blocked = new LogFile({ path: join(path, "under", "a.log"), maxBytes: 9, keep: 2 }, {
      instead: (line) => printed.push(line),
    });
    new LogFile({ path, maxBytes: 9, keep: 2 }, { instead }).write("a file, not a folder");
    blocked.write("lost?");
    assert.deepEqual(printed, ["lost?"]);
  });
});
