import assert from "node:assert/strict";
import { join } from "node:path";
import { loadConfig } from "../src/config.ts";
import { newSiteCommand } from "../src/new_site_command.ts";
import { parseStrategy } from "../src/strategy/parse.ts";

/** A small plant: two settings, one disturbance, two results, and a column of text. */
const CSV = [
  "timestamp,Coal [t/h],Fan-1 [RPM],Feed [t/h],Shift,NOx [ppm],O2 [%]",
  ...Array.from({ length: 60 }, (_, i) => {
    const [coal, fan] = [8 + Math.sin(i), 700 + 50 * Math.cos(2 * i)];
    const cells = [coal, fan, 85 + Math.sin(i / 9), "day", 100 * coal - fan / 10, fan / 200];
    return [new Date(Date.UTC(2026, 2, 1, i)).toISOString(), ...cells].join(",");
  }),
].join("\n");

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/plant.csv`, CSV);
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(args: string[], answers?: string[]) {
  const lines: string[] = [];
  const left = [...answers ?? []];
  const code = await newSiteCommand(args, {
    say: (line) => lines.push(line),
    ask: answers && (() => left.shift() ?? ""),
  });
  return { code, text: lines.join("\n"), left };
}

async function siteIn(folder: string) {
  const strategy = await Deno.readTextFile(`${folder}/strategy.yaml`);
  const result = parseStrategy(strategy, { file: "strategy.yaml" });
  if (result.kind === "problems") assert.fail(JSON.stringify(result.problems));
  const config = loadConfig({ path: `${folder}/config.yaml`, env: {} });
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).toSorted();
  return { strategy, parsed: result.strategy, config, names };
}

const WISHES = [
  "--setting",
  "Coal",
  "--setting",
  "Fan-1=1/min",
  "--result",
  "NOx",
  "--result",
  "O2",
];

Deno.test("newSiteCommand makes a site out of plant data that validates and replays them", () =>
  inFolder(async (folder) => {
    const from = ["--from-csv", `${folder}/plant.csv`, "--folder", folder];
    const { code, text } = await run(["boiler-2", ...from, ...WISHES, "--port", "8123"]);
    assert.equal(code, 0, text);
    assert.match(text, /Shift is left out: line 2: "day" is no number/);
    const { strategy, parsed, config, names } = await siteIn(`${folder}/boiler-2`);
    assert.deepEqual(names, [
      ...["README.md", "config.schema.json", "config.yaml", "data", "strategy.yaml"],
      ...["train_with_sklearn.py", "train_with_torch.py"],
    ]);
    const kinds = [...parsed.variables].map(([name, { type, unit }]) => [name, type, unit]);
    assert.deepEqual(kinds, [
      ["Coal", "operative", "t/h"],
      ["Fan-1", "operative", "1/min"],
      ["Feed", "informative", "t/h"],
      ["NOx", "informative", "ppm"],
      ["O2", "informative", "%"],
      ["NOx_expected", "calculated", "ppm"],
      ["O2_expected", "calculated", "%"],
    ]);
    assert.match(
      strategy,
      /NOx_expected: "NOx \+ 99\.\d+ \* change\(Coal\) - 0\.0\d+ \* change\(`Fan-1`\)"/,
    );
    assert.match(strategy, /minimize: NOx_expected/);
    assert.match(strategy, /O2: \{ expression: O2_expected, between: \[3\.25, 3\.75\], rank: 1 \}/);
    assert.equal(config.api.port, 8123);
    assert.deepEqual(config.feed?.kind === "replay" && [config.feed.rowSeconds, config.feed.pace], [
      3600,
      120,
    ]);
    const rows = (await Deno.readTextFile(`${folder}/boiler-2/data/plant.csv`)).split("\n");
    assert.equal(rows[0], "timestamp,Coal,Fan-1,Feed,NOx,O2");
    assert.equal(rows.length, 62);
    const script = await Deno.readTextFile(`${folder}/boiler-2/train_with_torch.py`);
    assert.match(script, /INPUTS = \["Coal", "Fan-1", "Feed"\]/);
    assert.match(script, /OUTPUTS = \["NOx_expected", "O2_expected"\]/);
  }));

Deno.test("newSiteCommand puts what is expected of a result into the objective that names it", () =>
  inFolder(async (folder) => {
    const from = ["--from-csv", `${folder}/plant.csv`, "--folder", folder];
    const objective = ["--maximize", "10 * Feed - 2 * NOx * O2 - Coal"];
    assert.equal((await run(["boiler", ...from, ...WISHES, ...objective])).code, 0);
    const { strategy } = await siteIn(`${folder}/boiler`);
    assert.match(strategy, /maximize: "10 \* Feed - 2 \* NOx_expected \* O2_expected - Coal"/);
    assert.ok(!strategy.includes("subject_to"), "both results stand in the objective");
  }));

Deno.test("newSiteCommand makes a site without data that answers requests", () =>
  inFolder(async (folder) => {
    const wishes = ["--setting", "Coal=t/h,7,9", "--setting", "Fan speed=RPM,500,900"];
    const { code, text } = await run(["bare", "--folder", folder, ...wishes]);
    assert.equal(code, 0, text);
    const { config, names, parsed } = await siteIn(`${folder}/bare`);
    assert.equal(config.app.mode, "api");
    assert.equal(config.feed, undefined);
    assert.deepEqual(names, ["README.md", "config.schema.json", "config.yaml", "strategy.yaml"]);
    assert.deepEqual([...parsed.variables.keys()], ["Coal", "Fan speed", "off_middle"]);
  }));

Deno.test("newSiteCommand asks on a terminal for what no flag told, and with --yes for nothing", () =>
  inFolder(async (folder) => {
    const from = ["--from-csv", `${folder}/plant.csv`, "--folder", folder];
    const answers = ["Coal", "Fan-1", "", "NOx", "", "", "100 - NOx"];
    const asked = await run(["asked", ...from], answers);
    assert.equal(asked.code, 0, asked.text);
    assert.match(asked.text, /Columns: Coal, Fan-1, Feed, NOx, O2/);
    assert.deepEqual(asked.left, []);
    assert.match((await siteIn(`${folder}/asked`)).strategy, /maximize: "100 - NOx_expected"/);
    const silent = await run(["silent", ...from, ...WISHES, "--yes"], ["never asked"]);
    assert.deepEqual([silent.code, silent.left], [0, ["never asked"]]);
  }));

Deno.test("newSiteCommand tells every problem at once and writes nothing", () =>
  inFolder(async (folder) => {
    const from = ["--from-csv", `${folder}/plant.csv`, "--folder", folder];
    const wrong = [
      ...["--setting", "Cool", "--setting", "Feed", "--value", "Feed", "--result", "NOx=ppm,2,1"],
      ...["--row-seconds", "soon", "--port", "99999", "--minimize", "NOx", "--maximize", "O2"],
    ];
    const { code, text } = await run(["Bad Name", ...from, ...wrong]);
    assert.equal(code, 2);
    for (
      const problem of [
        /7 problems/,
        /"Bad Name" is no site's name/,
        /No column "Cool"; did you mean Coal\?/,
        /Feed is asked for twice/,
        /"NOx=ppm,2,1": expected NAME=UNIT,LOWEST,HIGHEST/,
        /--row-seconds soon: expected a number above 0/,
        /--port 99999 is no port/,
        /--minimize and --maximize were both given/,
      ]
    ) assert.match(text, problem);
    const none = await run(["none", ...from]);
    assert.match(none.text, /no setting to move.*there are Coal, Fan-1, Feed, NOx, O2/);
    const formula = await run(["f", ...from, ...WISHES, "--minimize", "NOx + lost"]);
    assert.equal(formula.code, 2);
    assert.match(formula.text, /lost/);
    const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assert.deepEqual(left, ["plant.csv"]);
  }));

Deno.test("newSiteCommand never overwrites, and throws where the data cannot be read", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(join(folder, "taken"));
    const wishes = ["--folder", folder, "--setting", "Coal=t/h,7,9"];
    const { code, text } = await run(["taken", ...wishes]);
    assert.equal(code, 2);
    assert.match(text, /is there already, and nothing is overwritten/);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(join(folder, "taken"))), []);
    await assert.rejects(run(["x", ...wishes, "--from-csv", `${folder}/none.csv`]), /none\.csv/);
    await Deno.writeTextFile(`${folder}/broken.csv`, "A,B\n1\n");
    await assert.rejects(
      run(["x", ...wishes, "--from-csv", `${folder}/broken.csv`]),
      /broken\.csv: Line 2 has 1 cells/,
    );
  }));
