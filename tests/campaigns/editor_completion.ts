/**
 * What an engineer sees in VS Code: the language server inside its YAML extension, driven over
 * stdio on the sites' own files. It completes keys and values with their descriptions, explains what
 * the cursor stands on, and marks a wrong key.
 *
 *   deno run -A tests/campaigns/editor_completion.ts
 *
 * A campaign and no test: the server is 21 MB of packages that nothing else needs, fetched from the
 * npm registry when this runs.
 */

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { stopForHelp } from "./campaign_help.ts";
import { LanguageServer } from "./language_server.ts";
import type { Completion } from "./language_server.ts";
import { ENTRY, siteFolder } from "../end_to_end/site_plan.ts";

const SERVER = "npm:yaml-language-server@2.0.0";

/**
 * Where to ask: `line` is put after the first line that starts as `after` says, `|` is the cursor. On
 * lines of their own: between braces this server proposes nothing.
 */
interface Question {
  readonly asks: string;
  readonly after: string;
  readonly line: string;
  /** Proposals that must be there, each with a description. */
  readonly proposes: readonly string[];
  /** Words from the description of one of them. */
  readonly described?: readonly [proposal: string, words: string];
}

const QUESTIONS: Readonly<Record<string, readonly Question[]>> = {
  "cement-kiln": [
    {
      asks: "types of a variable",
      after: "  Hood_Pressure:",
      line: "  New:\n    type: |",
      proposes: ["operative", "informative", "calculated", "predicted"],
      described: ["operative", "that the optimizer may move"],
    },
    {
      asks: "keys of a setting",
      after: "    description: Calciner outlet",
      line: "    |",
      proposes: ["frozen", "max_change", "on_bad", "enabled", "average"],
      described: ["enabled", "the optimizer leaves it where it is"],
    },
    {
      asks: "what takes the place of a bad value",
      after: "    description: Calciner outlet",
      line: "    on_bad: |",
      proposes: ["last_good", "hold"],
    },
    {
      asks: "how a group shares",
      after: "    description: Air that only cools",
      line: "    share: |",
      proposes: ["proportional", "equal"],
    },
    {
      asks: "keys of a band",
      after: "    description: Coal to the main burner",
      line: "    operating_band:\n      |",
      proposes: ["range", "penalty"],
      described: ["penalty", "in the objective's unit"],
    },
    {
      asks: "keys of a model",
      after: "    file: models/burning.onnx",
      line: "    |",
      proposes: ["kind"],
      described: ["kind", "changes in, change out"],
    },
    {
      asks: "keys of an optimizer",
      after: "    model: kiln line",
      line: "    |",
      proposes: ["moves", "minimize"],
      described: ["moves", "settings and groups that it may move"],
    },
    {
      asks: "keys of a limit",
      after: "      CO with room:",
      line: "      new limit:\n        expression: filling\n        |",
      proposes: ["max", "min", "between", "rank", "price"],
      described: ["rank", "1 gives last"],
    },
    {
      asks: "keys of a task",
      after: "  - { name: estimate",
      line: "  - name: again\n    skill: limits\n    |",
      proposes: ["when", "on", "on_failure"],
      described: ["when", "only where this holds"],
    },
  ],
  "gas-turbine": [
    {
      asks: "whether to keep to the trained range",
      after: "    file: models/energy.onnx",
      line: "    domain: |",
      proposes: ["keep", "warn", "ignore"],
    },
    {
      asks: "keys of the whole file",
      after: "description: Least NOx",
      line: "|",
      proposes: ["groups", "steady_state"],
      described: ["groups", "move as one"],
    },
  ],
  "autothermal-reformer": [
    {
      asks: "keys of a solver",
      after: "    model: ",
      line: "    solver:\n      |",
      proposes: ["tolerance", "max_iterations", "time_limit", "starts"],
      described: ["starts", "Start points to try"],
    },
  ],
};

interface Wrong {
  readonly from: string;
  readonly to: string;
  readonly marked: RegExp;
}

const WRONG: readonly Wrong[] = [
  { from: "bounds: [862, 888]", to: "boundz: [862, 888]", marked: /boundz/ },
  { from: "share: proportional", to: "share: by weight", marked: /"proportional"|proportional/ },
];

/** Asks everything; one line per question, throws where an answer lacks. */
export async function editorCompletion(): Promise<string[]> {
  const server = await LanguageServer.start(SERVER);
  const seen: string[] = [];
  try {
    for (const [site, questions] of Object.entries(QUESTIONS)) {
      const path = `${siteFolder(site)}/${ENTRY}`;
      const text = await Deno.readTextFile(path);
      assert.match(text, /^# yaml-language-server: \$schema=\.\.\/strategy\.schema\.json\n/, path);
      const uri = pathToFileURL(path).href;
      assert.deepEqual(await server.diagnostics(uri, text), [], `${site} as it is`);
      seen.push(`${site}: no diagnostics as it is`);
      for (const question of questions) seen.push(await asked(server, { uri, text, question }));
    }
    const path = `${siteFolder("cement-kiln")}/${ENTRY}`;
    const text = await Deno.readTextFile(path);
    for (const { from, to, marked } of WRONG) {
      const found = await server.diagnostics(pathToFileURL(path).href, text.replace(from, to));
      const line = text.slice(0, text.indexOf(from)).split("\n").length - 1;
      const hit = found.find((one) => one.line === line && marked.test(one.message));
      assert.ok(hit !== undefined, `"${to}" is not marked: ${JSON.stringify(found)}`);
      seen.push(`"${to}" is marked in line ${line + 1}: ${hit.message}`);
    }
    const at = text.split("\n").findIndex((line) => line.includes("operating_band:"));
    const hover = await server.hover(pathToFileURL(path).href, { text, line: at, character: 6 });
    assert.match(hover, /inside the bounds/);
    seen.push(`over operating_band: ${hover.split("\n").filter((line) => line !== "").at(0)}`);
    return seen;
  } finally {
    await server.stop();
  }
}

async function asked(
  server: LanguageServer,
  { uri, text, question: { asks, after, line, proposes, described } }: {
    readonly uri: string;
    readonly text: string;
    readonly question: Question;
  },
): Promise<string> {
  const lines = text.split("\n");
  const at = lines.findIndex((one) => one.startsWith(after)) + 1;
  assert.ok(at > 0, `no line starts with "${after}"`);
  const typed = line.split("\n");
  const found = await server.complete(uri, {
    text: lines.toSpliced(at, 0, ...typed.map((one) => one.replace("|", ""))).join("\n"),
    line: at + typed.length - 1,
    character: typed.at(-1)!.indexOf("|"),
  });
  const labels = found.map(({ label }) => label);
  for (const proposal of proposes) {
    const one = found.find(({ label }) => label === proposal);
    assert.ok(one !== undefined, `${asks}: "${proposal}" is not among ${labels.join(", ")}`);
    assert.ok(one.documentation !== "", `${asks}: "${proposal}" has no description`);
  }
  if (described !== undefined) {
    const one = found.find(({ label }) => label === described[0]);
    assert.ok(one?.documentation.includes(described[1]), `${asks}: ${JSON.stringify(one)}`);
  }
  return `${asks}: ${told(found)}`;
}

function told(found: readonly Completion[]): string {
  const labels = found.map(({ label }) => label);
  return labels.length > 16 ? `${labels.slice(0, 16).join(", ")} and more` : labels.join(", ");
}

if (import.meta.main) {
  stopForHelp("campaign:editor");
  console.log((await editorCompletion()).join("\n"));
}
