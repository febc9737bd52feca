import assert from "node:assert/strict";
import { durationText, Progress } from "../../src/backtest/progress.ts";

function watched({ isTerminal, total, done = 0 }: {
  readonly isTerminal: boolean;
  readonly total: number;
  readonly done?: number;
}) {
  let ms = 0;
  const lines: string[] = [];
  const bars: string[] = [];
  const progress = new Progress({
    say: (line) => void lines.push(line),
    overwrite: isTerminal ? (text) => void bars.push(text) : undefined,
    nowMs: () => ms,
  }, { total, done });
  const step = (after: number) => {
    ms += after;
    progress.step();
  };
  return { progress, lines, bars, step };
}

Deno.test("Progress says rate and time left on plain lines, ten seconds apart, and the end", () => {
  const { lines, step } = watched({ isTerminal: false, total: 60 });
  for (let i = 0; i < 60; i++) step(500);
  assert.equal(lines.length, 3, lines.join("\n"));
  assert.equal(lines[0], " 33.3 %  20 of 60  2.0 cycles/s  20 s left");
  assert.equal(lines[2], "100.0 %  60 of 60  2.0 cycles/s  done in 30 s");
});

Deno.test("Progress counts what was there before as done, but not in its rate", () => {
  const { progress, lines, step } = watched({ isTerminal: false, total: 100, done: 90 });
  for (let i = 0; i < 10; i++) step(1_000);
  assert.equal(lines.at(-1), "100.0 %  100 of 100  1.0 cycles/s  done in 10 s");
  assert.equal(progress.count, 10);
});

Deno.test("Progress draws a bar on a terminal, and leaves it on its line", () => {
  const { progress, lines, bars, step } = watched({ isTerminal: true, total: 4 });
  for (let i = 0; i < 4; i++) step(250);
  assert.equal(
    bars[1],
    `[${"#".repeat(15)}${"-".repeat(15)}]  50.0 %  2 of 4  4.0 cycles/s  1 s left`,
  );
  progress.end();
  assert.deepEqual(lines, [""]);
});

Deno.test("durationText uses two units at most", () => {
  assert.deepEqual([4.4, 59.6, 3599, 3600 * 26].map(durationText), [
    ...["4 s", "1 min 00 s", "59 min 59 s", "26 h 00 min"],
  ]);
});
