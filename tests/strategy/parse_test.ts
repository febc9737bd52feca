import assert from "node:assert/strict";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { printProblem } from "../../src/strategy/problem.ts";
import { faultyFullStrategies } from "./faulty_full_strategies.ts";
import { faultyStrategies, type FaultyStrategy } from "./faulty_strategies.ts";
import { fullStrategy } from "./full_strategy.ts";
import { sampleStrategy } from "./sample_strategy.ts";

const mark = "‸";

/** The edited text without its mark, and where the mark stood. */
function edited(whole: string, { name, edits }: FaultyStrategy) {
  let text = whole;
  for (const [from, to] of edits) {
    assert.ok(text.includes(from), `"${name}" edits a text that is not there: ${from}`);
    text = text.replace(from, () => to);
  }
  const offset = text.indexOf(mark);
  const before = text.slice(0, offset);
  return {
    text: text.replace(mark, ""),
    line: before.split("\n").length,
    column: offset - before.lastIndexOf("\n"),
  };
}

Deno.test("parseStrategy reads the sample into a strategy with its defaults set", () => {
  const result = parseStrategy(sampleStrategy, { file: "sample.yaml" });
  assert.ok(result.kind === "strategy", problemsOf(sampleStrategy));
  const { strategy } = result;
  assert.equal(strategy.name, "sample kiln");
  assert.deepEqual([...strategy.variables.keys()].slice(0, 2), ["Coal", "Fan"]);
  assert.deepEqual(strategy.variables.get("Coal"), {
    type: "operative",
    name: "Coal",
    unit: "t/h",
    description: undefined,
    bounds: [5, 12],
    maxMove: { up: 0.4, down: 0.2 },
    deadband: 0.02,
    resolution: 0.01,
    operatingBand: undefined,
    enabled: true,
    valid: [4, 13],
    maxAgeMs: 600_000,
    frozenMs: undefined,
    maxChange: undefined,
    averageMs: undefined,
    averageBy: "mean",
    onBad: { kind: "hold" },
    critical: true,
  });
  const fan = strategy.variables.get("Fan");
  assert.ok(fan?.type === "operative");
  assert.deepEqual(fan.maxMove, { up: 10, down: 10 });
  const feed = strategy.variables.get("Feed");
  assert.ok(feed?.type === "informative");
  assert.deepEqual(feed.onBad, { kind: "last_good", maxAgeMs: 1_800_000 });
  const limits = strategy.skills.get("limits");
  assert.ok(limits?.type === "constraints");
  assert.deepEqual(
    limits.constraints.map(({ name, unit, min, max, rank }) => [name, unit, min, max, rank]),
    [
      ["lime", "%", undefined, 1.5, 1],
      ["heat", "kcal/kg", 600, 1400, 2],
      ["fan speed", "", -1, 1, undefined],
    ],
  );
  const optimum = strategy.skills.get("optimum");
  assert.ok(optimum?.type === "optimizer");
  assert.deepEqual(optimum.solver, {
    tolerance: 1e-8,
    maxIterations: 200,
    timeLimitMs: 5000,
    starts: 8,
  });
});

const corpus = [
  ...faultyStrategies.map((faulty) => ({ whole: sampleStrategy, faulty })),
  ...faultyFullStrategies.map((faulty) => ({ whole: fullStrategy, faulty })),
];

Deno.test("parseStrategy is tried on at least 200 faulty strategies, each of its own name", () => {
  assert.ok(corpus.length >= 200, `${corpus.length}`);
  assert.equal(new Set(corpus.map(({ faulty }) => faulty.name)).size, corpus.length);
});

for (const { whole, faulty } of corpus) {
  Deno.test(`parseStrategy points at ${faulty.name}`, () => {
    const { text, line, column } = edited(whole, faulty);
    const result = parseStrategy(text, { file: "faulty.yaml" });
    assert.ok(result.kind === "problems", "the strategy was accepted");
    const shown = result.problems.map(printProblem).join("\n");
    assert.deepEqual(
      result.problems.map((p) => `${p.line}:${p.column} ${p.message}`),
      faulty.problems,
      shown,
    );
    const marked = result.problems.find((p) => p.line === line && p.column === column);
    assert.ok(marked !== undefined, `no problem at the mark ${line}:${column}\n${shown}`);
    if (faulty.cure !== undefined) {
      const cures = `${marked.expected ?? ""}\n${marked.suggestion ?? ""}`;
      assert.ok(cures.includes(faulty.cure), `${faulty.cure}\n${shown}`);
    }
  });
}

Deno.test("printProblem shows the line with carets under the word that is meant", () => {
  const text = sampleStrategy.replace("0.62 * Feed", "0.62 * Fed");
  assert.equal(
    problemsOf(text),
    [
      'sample.yaml:37:23 skills.balance.outputs.clinker: Unknown variable "Fed"',
      "  37 |       clinker: 0.62 * Fed",
      "     |                       ^^^",
      "  expected: a variable of this strategy",
      '  hint: Did you mean "Feed"?',
    ].join("\n"),
  );
});

function problemsOf(text: string): string {
  const result = parseStrategy(text, { file: "sample.yaml" });
  return result.kind === "problems" ? result.problems.map(printProblem).join("\n") : "";
}
