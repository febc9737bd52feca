import assert from "node:assert/strict";
import { NoTimesError, readCsv } from "../src/feed/csv_values.ts";

async function valuesOf(text: string) {
  const file = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    await Deno.writeTextFile(file, text);
    const found = [];
    for await (const { value, bytes } of readCsv(file)) found.push({ ...value, bytes });
    return found;
  } finally {
    await Deno.remove(file);
  }
}

const inShort = (values: Awaited<ReturnType<typeof valuesOf>>) =>
  values.map((
    { tag, time, value, quality },
  ) => [tag, time.toISOString().slice(11, 19), value, quality]);

Deno.test("readCsv reads a row per value, with quoted tags and quality codes", async () => {
  const text =
    '\uFEFFtime,tag,value,quality\r\n2026-03-01T12:00:00Z,"odd ""name"", {x}",1.5,192\r\n' +
    "2026-03-01 13:00:00,A,true,\r\n\r\n2026-03-01T12:00:00+02:00,A,,\r\n2026-03-01,B,-1e3,Bad";
  assert.deepEqual(inShort(await valuesOf(text)), [
    ['odd "name", {x}', "12:00:00", 1.5, "good"],
    ["A", "13:00:00", 1, "good"],
    ["B", "00:00:00", -1000, "bad"],
  ]);
});

Deno.test("readCsv reads a row per time, and says how far it is", async () => {
  const values = await valuesOf(
    "timestamp,Kiln_Coal_PV,Load\n2026-03-01T12:00:00Z,8.5,\n2026-03-01T12:01:00Z,8.6,85\n",
  );
  assert.deepEqual(inShort(values), [
    ["Kiln_Coal_PV", "12:00:00", 8.5, "good"],
    ["Kiln_Coal_PV", "12:01:00", 8.6, "good"],
    ["Load", "12:01:00", 85, "good"],
  ]);
  assert.equal(values.at(-1)?.bytes, 82);
});

Deno.test("readCsv names line, column and value of what is wrong", async () => {
  await assert.rejects(valuesOf(""), /is empty/);
  await assert.rejects(
    valuesOf("when,A\n1,2\n"),
    /no column "time" or "timestamp"; there are when, A/,
  );
  await assert.rejects(
    valuesOf("time,A\n2026-03-01,1\n2026-03-02,1,2\n"),
    /:3: 3 cells, the first line has 2/,
  );
  await assert.rejects(valuesOf("time,A\n2026-03-01,eight\n"), /:2, A: "eight" is not a number/);
  await assert.rejects(valuesOf("time,A\nyesterday,8\n"), /:2: "yesterday" is not a time/);
});

Deno.test("ingest loads a file into the site's embedded database", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const rows = Array.from(
      { length: 6_000 },
      (_, i) => `${new Date(1.77e12 + i * 1000).toISOString()},A,${i},good`,
    );
    await Deno.writeTextFile(
      `${folder}/values.csv`,
      `time,tag,value,quality\n${rows.join("\n")}\n`,
    );
    await Deno.writeTextFile(`${folder}/config.yaml`, "state: { folder: state }\n");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        "src/ingest_command.ts",
        "--config",
        `${folder}/config.yaml`,
        `${folder}/values.csv`,
      ],
      cwd: new URL("..", import.meta.url).pathname,
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.match(new TextDecoder().decode(stdout), /100 %, 6000 values/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readCsv gives rows without times the times that it is told, and asks for them otherwise", async () => {
  const file = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    await Deno.writeTextFile(file, "A,B\n1,2\n\n3,\n5,6\n");
    const found = [];
    const times = { first: new Date("2026-03-01T00:00:00Z"), everyMs: 3_600_000 };
    for await (const { value } of readCsv(file, times)) found.push({ ...value, bytes: 0 });
    assert.deepEqual(inShort(found), [
      ["A", "00:00:00", 1, "good"],
      ["B", "00:00:00", 2, "good"],
      ["A", "01:00:00", 3, "good"],
      ["A", "02:00:00", 5, "good"],
      ["B", "02:00:00", 6, "good"],
    ]);
    await assert.rejects(async () => {
      for await (const { value } of readCsv(file)) found.push({ ...value, bytes: 0 });
    }, NoTimesError);
  } finally {
    await Deno.remove(file);
  }
});
