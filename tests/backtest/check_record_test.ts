import assert from "node:assert/strict";
import { recordNotes, recordProblems } from "../../src/backtest/check_record.ts";
import { Recording } from "../../src/backtest/recording.ts";
import { informative, operative, predicted, strategyOf } from "../cycle/strategies.ts";

const START = Date.parse("2026-03-01T00:00:00Z");
const range = { from: START, to: START + 3_600_000, every: 300_000 };

function recordingOf(...tags: readonly string[]): Recording {
  const recording = new Recording();
  for (const tag of tags) recording.add({ tag, time: new Date(START), value: 1, quality: "good" });
  return recording;
}

const strategy = strategyOf(
  operative("Coal"),
  informative("Heat", { onBad: { kind: "default", value: 17 } }),
  informative("Feed", { onBad: { kind: "last_good", maxAgeMs: undefined } }),
  informative("Draught", { onBad: { kind: "default", value: 3 }, critical: true }),
  predicted("Lime", {
    measuredBy: "LAB",
    bias: { filter: 0.1, limit: 1, maxAgeMs: undefined },
  }),
);

Deno.test("recordProblems names every tag that lacks and that nothing may stand in for, with the cure", () => {
  const problems = recordProblems(recordingOf("Coal"), {
    others: ["Fead", "Smoke"],
    strategies: [strategy, strategy],
    moments: [START],
    range,
  });
  assert.equal(problems.length, 2, problems.join("\n"));
  assert.match(problems[0]!, /^Feed: .*"Fead".*database\.values\.tags.*on_bad/);
  assert.match(problems[1]!, /^Draught: /);
});

Deno.test("recordNotes tells of defaults that stood in and of errors that nobody can know", () => {
  const notes = recordNotes(recordingOf("Coal", "Feed", "Draught"), [strategy]).filter((n) =>
    n !== ""
  );
  assert.equal(notes.length, 2);
  assert.match(notes[0]!, /no Heat: its default of 17/);
  assert.match(notes[1]!, /no LAB: .*Lime.*no bias is learned/);
});

Deno.test("recordProblems says what the record covers where the range holds nothing of it", () => {
  const whole = recordingOf("Coal", "Heat", "Feed", "Draught");
  const problems = recordProblems(whole, {
    strategies: [strategy],
    others: [],
    moments: [],
    range,
  });
  assert.match(
    problems.join("\n"),
    /Nothing was recorded from 2026-03-01.*the record goes from .*--from/,
  );
  const none = recordProblems(new Recording(), {
    strategies: [strategy],
    others: [],
    moments: [],
    range,
  });
  assert.match(none[0]!, /none of the strategy's tags/);
  // Coal, Feed and Draught are told beside.
  assert.equal(none.length, 4);
});
