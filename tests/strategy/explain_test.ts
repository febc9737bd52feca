import assert from "node:assert/strict";
import { explainStrategy } from "../../src/strategy/explain.ts";
import { strategyGraph } from "../../src/strategy/explain_graph.ts";
import { parseStrategy } from "../../src/strategy/parse.ts";
import { printProblem } from "../../src/strategy/problem.ts";
import type { Strategy } from "../../src/strategy/strategy.ts";
import { fullStrategy } from "./full_strategy.ts";
import { sites } from "./sites.ts";

function parsed(text: string): Strategy {
  const result = parseStrategy(text, { file: "full.yaml" });
  const problems = result.kind === "problems" ? result.problems.map(printProblem).join("\n") : "";
  assert.ok(result.kind === "strategy", problems);
  return result.strategy;
}

Deno.test("explainStrategy says what each task, setting, limit and value means", () => {
  const text = explainStrategy(parsed(fullStrategy));
  for (
    const line of [
      "Waits until Feed settled after the last move.",
      "1. **estimate** computes state: balance, then quality, then drive, then money.",
      "2. **optimise** moves 4 settings (2 of them as one) to minimize `cost` EUR/h; where it fails, the rest still runs.",
      "3. **calm down** moves 2 settings as one to maximize `0 - Power`, only where `Lime < 1.2`, else they stay.",
      '4. **before** checks the 3 limits of "limits", at the present settings.',
      "- **Coal** between 5 and 12 t/h, by at most 0.4 up or 0.2 down a cycle, in multiples of 0.01, " +
      "not for a change below 0.02, outside 7 to 9 at a cost that grows to 40 EUR/h at the bound",
      "- **fans** moves as one, shared out by their present shares, as far as the first of these lets it:",
      "  - **Fan_2** between 20 and 60 m3/h, by at most 5 a cycle",
      "- **lime**: `Lime` at most 1.5 %; rank 1; follows Coal, Damper",
      "- **heat**: `heat` between 600 and 1400 kcal/kg; soft: each kcal/kg beyond costs 3 EUR/h, and it goes there where that pays; follows Coal",
      "- **coal step**: `change(Coal) / measured(Coal)` between -0.1 and 0.1; never gives; follows Coal",
      "- Stays inside the range that **quality** was trained on",
      "- **opening while coal goes down** costs " +
      "`50 * above(change(Damper), 0, 5) * below(change(Coal), 0, 0.2)` EUR/h",
      "  - **Lime** %; corrected by LAB_lime not older than 8h, 0.3 of the difference with each new value, by at most 0.5",
      "- **Coal** t/h: the last value; a bad value (outside 4 to 13, older than 10m, unchanged for 30m, " +
      "more than 2 from the last good one) holds the cycle",
      "- **Fan_3** m3/h: switched off; the last value; a bad value holds the cycle",
      "- **Feed** t/h: the median of 15m; a bad value (outside 20 to 140, more than 30 from the last " +
      "good one) is replaced by the last good one, up to 30m old",
      "- **Ambient** degC: the mean of 5m; a bad value is replaced by 20; nothing uses it, it is only shown",
    ]
  ) assert.ok(text.split("\n").includes(line), `${line}\n\nis not in\n\n${text}`);
});

Deno.test("explainStrategy tells margins, and in which order limits give", () => {
  const text = explainStrategy(parsed(fullStrategy.replace(
    "      lime: {",
    "      lime with room: { expression: Lime, max: 1.3, rank: 7 }\n      lime: {",
  )));
  const lines = text.split("\n");
  const margin = "- **lime with room**: `Lime` at most 1.3 %; rank 7; 0.2 % inside **lime**; " +
    "follows Coal, Damper";
  assert.ok(lines.includes(margin), text);
  assert.ok(
    lines.includes(
      "Where they cannot all hold, limits give in this order: lime with room, then lime.",
    ),
    text,
  );
});

const nodeLine =
  /^ {2}(n\d+)(\["|\("|\[\["|\[\/"|\{\{"|\(\[")[^"<>&`]+("\]|"\)|"\]\]|"\/\]|"\}\}|"\]\)):::(\w+)$/;
const arrowLine = /^ {2}(n\d+) (-->|-\.->) (n\d+)$/;
const styleLine = /^ {2}classDef (\w+) [\w:#,-]+$/;

/** Nodes by label, and arrows between labels; fails for a line that is none of Mermaid's. */
function readGraph(graph: string) {
  const [head, ...lines] = graph.split("\n");
  assert.equal(head, "flowchart LR");
  const labels = new Map<string, string>();
  const arrows = new Set<string>();
  const shapes = new Set<string>();
  const styled = new Set<string>();
  for (const line of lines) {
    const node = nodeLine.exec(line);
    const arrow = arrowLine.exec(line);
    const style = styleLine.exec(line);
    assert.ok(node ?? arrow ?? style, `not a line of a flowchart: ${line}`);
    if (node !== null) {
      labels.set(node[1] ?? "", /"([^"]+)"/.exec(line)?.[1] ?? "");
      shapes.add(node[4] ?? "");
    }
    if (style !== null) styled.add(style[1] ?? "");
    if (arrow === null) continue;
    const [from, to] = [labels.get(arrow[1] ?? ""), labels.get(arrow[3] ?? "")];
    assert.ok(from !== undefined && to !== undefined, `an arrow of no node: ${line}`);
    arrows.add(`${from} ${arrow[2]} ${to}`);
  }
  assert.deepEqual(styled, shapes);
  return { labels: new Set(labels.values()), arrows };
}

Deno.test("strategyGraph leads from settings over models to limits and the objective", () => {
  const { arrows } = readGraph(strategyGraph(parsed(fullStrategy)));
  for (
    const arrow of [
      "fans --> Fan_1 [m3/h]",
      "Fan_1 [m3/h] --> air [m3/h]",
      "Coal [t/h] --> heat [kcal/kg]",
      "heat [kcal/kg] --> quality",
      "quality --> Lime [%]",
      "Lime [%] --> lime",
      "Coal [t/h] -.-> coal step",
      "cost [EUR/h] --> minimize EUR/h",
      "opening while coal goes down --> minimize EUR/h",
    ]
  ) assert.ok(arrows.has(arrow), `${arrow} is not among\n${[...arrows].join("\n")}`);
  assert.ok(!arrows.has("fans --> Fan_3 [m3/h]"), "a setting that is switched off moves");
});

Deno.test("strategyGraph writes labels that mean something to Mermaid by number", () => {
  const text = fullStrategy.replace("      lime: {", '      "lime < \\"1.5\\" & #1": {');
  const graph = strategyGraph(parsed(text));
  readGraph(graph);
  assert.ok(graph.includes("lime #60; #34;1.5#34; #38; #35;1"), graph);
});

for (const site of sites) {
  Deno.test(`explainStrategy and strategyGraph name every part of ${site.name}`, () => {
    const strategy = parsed(Deno.readTextFileSync(site.file));
    const text = explainStrategy(strategy);
    const { labels } = readGraph(strategyGraph(strategy));
    for (const variable of strategy.variables.values()) {
      assert.ok(text.includes(`**${variable.name}**`), variable.name);
    }
    for (const skill of strategy.skills.values()) {
      if (skill.type === "model") assert.ok(labels.has(skill.name), skill.name);
      if (skill.type !== "constraints") continue;
      for (const { name } of skill.constraints) assert.ok(labels.has(name), name);
    }
  });
}
