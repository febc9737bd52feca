/** `deno task new-site NAME`: a running skeleton of a site, out of plant data where there are any. */

import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import type { Terminal } from "./command.ts";
import { type Ask, askForSite } from "./new_site/ask.ts";
import { type PlantTable, PlantTableError, readPlantTable } from "./new_site/plant_table.ts";
import { siteFiles } from "./new_site/site_files.ts";
import { planSite, readWish, type Wish } from "./new_site/site_plan.ts";

const HELP = `deno task new-site NAME [options]

Writes strategies/NAME: config.yaml, strategy.yaml with a comment on every field, training scripts
and a README. It runs at once: deno task start --config strategies/NAME/config.yaml. Nothing is ever
overwritten. What no flag tells is asked for on a terminal.

  --from-csv FILE     plant data: one line of names, such as "Steam [t/h]", then a row per time;
                      variables, units and ranges are taken from it, and it is replayed as live values
  --setting WISH      what may be moved: NAME, NAME=UNIT or NAME=UNIT,LOWEST,HIGHEST; once for each
  --result WISH       what is measured and shall be better or stay within limits; once for each
  --value WISH        what is only read; once for each. Without it: every other column
  --minimize FORMULA  the objective, or
  --maximize FORMULA    the other way; without both the first result is minimized
  --row-seconds N     time between two rows, where no column holds times
  --folder FOLDER     in place of strategies
  --port N            of the interface; 8005 unless told
  --yes               ask nothing: what is not told is proposed
  --help              print this

Exit code: 0 written, 1 a file cannot be read or written, 2 something that was asked for is wrong.
`;

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** A replay is kept in memory as a whole. */
const LARGEST_CSV_BYTES = 200_000_000;

/** `ask` is undefined where nobody can be asked. */
export async function newSiteCommand(
  args: readonly string[],
  { say, ask }: Terminal & { readonly ask: Ask | undefined },
): Promise<number> {
  const { values: flags, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      "from-csv": { type: "string" },
      setting: { type: "string", multiple: true },
      result: { type: "string", multiple: true },
      value: { type: "string", multiple: true },
      minimize: { type: "string" },
      maximize: { type: "string" },
      "row-seconds": { type: "string" },
      folder: { type: "string" },
      port: { type: "string" },
      yes: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const [name, second] = positionals;
  if (flags.help === true || name === undefined || second !== undefined) {
    say(second === undefined ? HELP : `One name at a time: ${name}, ${second}\n\n${HELP}`);
    return flags.help === true ? 0 : 2;
  }
  const source = flags["from-csv"];
  const table = source === undefined ? undefined : await readTable(source);
  for (const note of table?.notes ?? []) say(note);

  const told = {
    settings: flags.setting ?? [],
    results: flags.result ?? [],
    objective: objectiveOf(flags),
  };
  const asked = ask === undefined || flags.yes === true
    ? told
    : askForSite(told, { table, ask, say });
  const problems: string[] = [];
  const wishes = (texts: readonly string[]) => texts.flatMap((text) => wishOf(text, problems));
  const request = {
    name,
    settings: wishes(asked.settings),
    results: wishes(asked.results),
    values: flags.value && wishes(flags.value),
    objective: asked.objective,
    rowSeconds: numberOf(flags["row-seconds"], { flag: "--row-seconds", problems }),
  };
  const port = numberOf(flags.port, { flag: "--port", problems }) ?? 8005;
  if (!(Number.isInteger(port) && port <= 65_535)) problems.push(`--port ${port} is no port`);
  if (flags.minimize !== undefined && flags.maximize !== undefined) {
    problems.push("--minimize and --maximize were both given: an optimizer has one objective");
  }
  const plan = planSite(request, table);
  const folder = join(resolve(flags.folder ?? join(ROOT, "strategies")), name);
  if (await exists(folder)) problems.push(`${folder} is there already, and nothing is overwritten`);
  if (!("settings" in plan)) problems.push(...plan);
  if (problems.length > 0 || !("settings" in plan)) return refused(problems, say);

  const path = relative(Deno.cwd(), folder);
  const shownFolder = path.startsWith("..") ? folder : path;
  const files = await siteFiles(plan, {
    table,
    places: { root: ROOT, folder, shownFolder, port, source },
  });
  if (!("size" in files)) return refused(files, say);
  await write(folder, files);
  for (const path of files.keys()) say(join(shownFolder, path));
  say(`\ndeno task start --config ${shownFolder}/config.yaml`);
  return 0;
}

function refused(problems: readonly string[], say: Terminal["say"]): number {
  say(
    `Nothing is written; ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}:`,
  );
  for (const problem of problems) say(`  ${problem}`);
  return 2;
}

async function readTable(file: string): Promise<PlantTable> {
  const { size } = await Deno.stat(file);
  if (size > LARGEST_CSV_BYTES) {
    throw new PlantTableError(
      `${file} has ${Math.round(size / 1e6)} MB: a part of it is enough to begin with`,
    );
  }
  try {
    return readPlantTable(await Deno.readTextFile(file));
  } catch (error) {
    if (!(error instanceof PlantTableError)) throw error;
    throw new PlantTableError(`${file}: ${error.message}`, { cause: error });
  }
}

function wishOf(text: string, problems: string[]): Wish[] {
  const wish = readWish(text);
  if (typeof wish !== "string") return [wish];
  problems.push(wish);
  return [];
}

function objectiveOf(
  { minimize, maximize }: { readonly minimize?: string; readonly maximize?: string },
) {
  if (minimize !== undefined) return { sense: "minimize", formula: minimize } as const;
  return maximize === undefined ? undefined : { sense: "maximize", formula: maximize } as const;
}

function numberOf(
  text: string | undefined,
  { flag, problems }: { readonly flag: string; readonly problems: string[] },
): number | undefined {
  if (text === undefined) return undefined;
  if (Number(text) > 0 && Number.isFinite(Number(text))) return Number(text);
  problems.push(`${flag} ${text}: expected a number above 0`);
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** All or nothing: into a folder beside it, which then takes the name. */
async function write(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await Deno.mkdir(dirname(folder), { recursive: true });
  const growing = await Deno.makeTempDir({ dir: dirname(folder), prefix: ".new-site-" });
  try {
    for (const [path, text] of files) {
      await Deno.mkdir(dirname(join(growing, path)), { recursive: true });
      await Deno.writeTextFile(join(growing, path), text, { createNew: true });
    }
    await Deno.chmod(growing, 0o755);
    await Deno.rename(growing, folder);
  } catch (error) {
    await Deno.remove(growing, { recursive: true });
    throw error;
  }
}

if (import.meta.main) {
  const ask: Ask = (question, proposal) => prompt(question, proposal) ?? "";
  Deno.exit(
    await runCommand(
      () =>
        newSiteCommand(Deno.args, {
          say: console.log,
          ask: Deno.stdin.isTerminal() ? ask : undefined,
        }),
      { help: HELP },
    ),
  );
}
