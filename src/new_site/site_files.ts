/** A new site's files, checked as a box checks them before any is written. */

import { join, relative } from "node:path";
import { parseConfig } from "../config.ts";
import { configSchemaJson } from "../config_reference.ts";
import { parseStrategy } from "../strategy/parse.ts";
import { printProblem } from "../strategy/problem.ts";
import { configText } from "./config_text.ts";
import { type PlantTable, timeOf } from "./plant_table.ts";
import { readmeText } from "./readme_text.ts";
import type { SitePlan } from "./site_plan.ts";
import { strategyText } from "./strategy_text.ts";

export interface SitePlaces {
  /** The program's own folder: its schemas, and the state folders that a box may write. */
  readonly root: string;
  /** The site's folder, absolute. */
  readonly folder: string;
  /** The same as the user names it. */
  readonly shownFolder: string;
  readonly port: number;
  /** The file that the data came from; undefined without data. */
  readonly source: string | undefined;
}

/** Where the training scripts of every new site come from, marks in place of the names. */
const SCRIPTS = ["train_with_sklearn.py", "train_with_torch.py"] as const;

/** Text by path in the site's folder, or every problem of the strategy that the request leads to. */
export async function siteFiles(
  plan: SitePlan,
  { table, places }: { readonly table: PlantTable | undefined; readonly places: SitePlaces },
): Promise<ReadonlyMap<string, string> | readonly string[]> {
  const { root, folder, shownFolder, port, source } = places;
  const origin = table === undefined
    ? "Its numbers are those of the command line."
    : `Its numbers come from the ${table.rows} rows of ${source}.`;
  const strategy = strategyText(plan, {
    schemaPath: pathFrom(folder, { to: "strategies/strategy.schema.json", root }),
    origin,
  });
  const config = configText(plan, {
    stateFolder: pathFrom(folder, { to: join("state", plan.name), root }),
    port,
    columns: table && variablesOf(plan).map(({ name }) => name),
  });
  const checked = parseStrategy(strategy, { file: "strategy.yaml" });
  if (checked.kind === "problems") return checked.problems.map(printProblem);
  parseConfig(config, { path: join(folder, "config.yaml"), env: {} });
  const files = new Map([
    ["config.yaml", config],
    ["config.schema.json", `${JSON.stringify(configSchemaJson(), null, 2)}\n`],
    ["strategy.yaml", strategy],
    ["README.md", readmeText(plan, { folder: shownFolder, origin, hasData: table !== undefined })],
  ]);
  if (table !== undefined) files.set("data/plant.csv", plantCsv(plan, table));
  if (plan.results.length > 0) {
    for (const script of SCRIPTS) files.set(script, await trainingScript(script, plan));
  }
  return files;
}

/** Relative where the site lies in the program's folder, so that both may move together. */
function pathFrom(
  folder: string,
  { to, root }: { readonly to: string; readonly root: string },
): string {
  const isInside = !relative(root, folder).startsWith("..");
  return isInside ? relative(folder, join(root, to)) : join(root, to);
}

function variablesOf({ settings, values, results }: SitePlan) {
  return [...settings, ...values, ...results];
}

async function trainingScript(script: string, plan: SitePlan): Promise<string> {
  const text = await Deno.readTextFile(new URL(script, import.meta.url));
  const lists: Readonly<Record<string, readonly string[]>> = {
    INPUTS: [...plan.settings, ...plan.values].map(({ name }) => name),
    MEASURED: plan.results.map(({ name }) => name),
    OUTPUTS: plan.results.map(({ expected }) => expected),
  };
  // A list of texts is written in JSON as in Python.
  return Object.entries(lists).reduce(
    (changed, [mark, names]) => changed.replace(`["@${mark}@"]`, () => listText(names)),
    text,
  );
}

function listText(names: readonly string[]): string {
  return `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;
}

/** The rows under plain names, separated by commas, times in ISO 8601 where they are known. */
function plantCsv(plan: SitePlan, { times, rows }: PlantTable): string {
  const columns = variablesOf(plan);
  const quoted = (name: string) => /[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
  const lines = [[...(times ? ["timestamp"] : []), ...columns.map(({ name }) => quoted(name))]];
  for (let row = 0; row < rows; row++) {
    const time = times?.[row];
    const ms = timeOf(time ?? "");
    lines.push([
      ...(time === undefined ? [] : [Number.isNaN(ms) ? time : new Date(ms).toISOString()]),
      ...columns.map(({ column }) => {
        const value = column?.values[row] ?? Number.NaN;
        return Number.isNaN(value) ? "" : String(value);
      }),
    ]);
  }
  return `${lines.map((cells) => cells.join(",")).join("\n")}\n`;
}
