/** `deno task simulate SITE`: what a site's simulated plant would have recorded with its settings held. */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import type { Terminal } from "./command.ts";
import { loadConfig, readEnvironment } from "./config.ts";
import { openSimulatedPlant } from "./feed/simulated_plant.ts";
import { parseDuration } from "./strategy/duration.ts";

const HELP = `deno task simulate SITE --out FILE [options]

Runs the simulated plant of a site (feed.simulator of its configuration) in accelerated time, with its
first settings held and its disturbances and noise, and writes what it measures: a row per time, a
column per tag. For deno task backtest and deno task ingest.

  --out FILE     the CSV file
  --days 30      how long
  --every 60s    time between two rows; at most 1h
  --start TIME   of the first row; 2026-01-01 unless told
  --seed N       another course of disturbances than feed.simulator.seed
  --help         print this
`;

/** Digits that count; a sensor has fewer. */
const DIGITS = 6;
/** Rows written at once. */
const BATCH = 5_000;

export async function simulateCommand(args: readonly string[], { say }: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: "string" },
      days: { type: "string" },
      every: { type: "string" },
      start: { type: "string" },
      seed: { type: "string" },
      help: { type: "boolean" },
    },
  });
  const [site] = positionals;
  if (values.help === true || site === undefined || values.out === undefined) {
    say(HELP);
    return values.help === true ? 0 : 2;
  }
  const everyMs = parseDuration(values.every ?? "60s");
  const rows = Math.round(Number(values.days ?? 30) * 86_400_000 / everyMs);
  const start = Date.parse(values.start ?? "2026-01-01");
  const { feed } = loadConfig({ path: join(site, "config.yaml"), env: readEnvironment() });
  const problems = [
    ...feed?.kind === "simulator"
      ? []
      : [`${site} has no feed.simulator: only a site with a simulated plant can be run`],
    ...everyMs >= 1000 && everyMs <= 3_600_000 ? [] : [`--every ${values.every}: 1s to 1h`],
    ...rows >= 1 ? [] : [`--days ${values.days}: a number above 0`],
    ...Number.isFinite(start) ? [] : [`--start ${values.start}: write 2026-01-01`],
    ...Number.isInteger(Number(values.seed ?? 0)) ? [] : [`--seed ${values.seed}: a whole number`],
  ];
  if (problems.length > 0 || feed?.kind !== "simulator") throw new TypeError(problems.join("\n"));

  const plant = await openSimulatedPlant({
    ...feed,
    seed: Number(values.seed ?? feed.seed),
    periodSeconds: everyMs / 1000,
    speed: 1,
    followRecommendations: false,
  }, { settings: () => new Map() });
  using file = await Deno.open(values.out, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  const write = async (lines: readonly string[]) => {
    const bytes = encoder.encode(`${lines.join("\n")}\n`);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  };
  await write([["time", ...plant.tags].join(",")]);
  for (let row = 0; row < rows;) {
    const lines: string[] = [];
    for (; lines.length < BATCH && row < rows; row++) {
      const time = new Date(start + row * everyMs);
      const found = new Map(plant.next(time).map(({ tag, value }) => [tag, value]));
      // A laboratory gives a value only when it has sampled.
      const cells = plant.tags.map((tag) => {
        const value = found.get(tag);
        return value === undefined ? "" : String(Number(value.toPrecision(DIGITS)));
      });
      lines.push([time.toISOString(), ...cells].join(","));
    }
    await write(lines);
  }
  say(`${values.out}: ${rows} rows of ${plant.tags.length} tags`);
  return 0;
}

if (import.meta.main) {
  Deno.exit(
    await runCommand(() => simulateCommand(Deno.args, { say: console.log }), { help: HELP }),
  );
}
