/**
 * Damages model files and watches: no crash, no hang, and no tape that differs from ONNX Runtime
 * goes through unnoticed.
 *
 *   deno run -A tests/campaigns/mutate_models.ts [how many, 4000] [first number, 0]
 *
 * The work is done in a child, as a damaged file may bring down ONNX Runtime itself; the child says
 * which number it works on, so that a death or a hang is known to belong to it.
 */

import { fileURLToPath } from "node:url";
import { type Fate, fateOf, mutantOf } from "./model_mutations.ts";

/** For a file that is worked on without an end; a busy machine starts a child in seconds. */
const PATIENCE_MS = 60_000;
const CHILD = "--child";

interface Report {
  readonly number: number;
  readonly name: string;
  /** Undefined while the file is under way. */
  readonly fate?: Fate;
  readonly detail?: string;
}

/** Prints one line of JSON before and one after each file. */
async function runChild(first: number, last: number): Promise<void> {
  for (let number = first; number < last; number++) {
    const mutant = mutantOf(number);
    const say = (report: Report) => console.log(JSON.stringify(report));
    say({ number, name: mutant.name });
    say({ number, name: mutant.name, ...await fateOf(mutant) });
  }
}

/** What a child said until it ended or fell silent. */
async function watchChild(first: number, last: number, seen: (report: Report) => void) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fileURLToPath(import.meta.url), CHILD, String(first), String(last)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let latest: Report | undefined;
  let hung = false;
  let timer = setTimeout(() => {}, 0);
  const wind = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      hung = true;
      child.kill("SIGKILL");
    }, PATIENCE_MS);
  };
  wind();
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    wind();
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      latest = JSON.parse(line) as Report;
      if (latest.fate !== undefined) seen(latest);
    }
  }
  clearTimeout(timer);
  const { success, code, signal } = await child.status;
  if (success) return undefined;
  const end = hung ? `no answer for ${PATIENCE_MS} ms` : `ended with ${signal ?? code}`;
  return { latest, end };
}

/** How many files met which fate, and what went wrong. */
export interface Campaign {
  readonly counts: ReadonlyMap<string, number>;
  readonly bad: readonly string[];
}

/** Sends `many` damaged files, numbered from `first`, through children. */
export async function mutateModels(many: number, first: number): Promise<Campaign> {
  const counts = new Map<string, number>();
  const bad: string[] = [];
  const count = (fate: string) => counts.set(fate, (counts.get(fate) ?? 0) + 1);
  let next = first;
  while (next < first + many) {
    const death = await watchChild(next, first + many, ({ number, name, fate, detail }) => {
      next = number + 1;
      count(fate ?? "");
      if (fate === "unnoticed" || fate === "fault") bad.push(`${fate}: ${name}: ${detail}`);
    });
    if (death === undefined) break;
    count("crash or hang");
    bad.push(`${death.end}: ${death.latest?.name ?? "before the first file"}`);
    next = (death.latest?.number ?? next) + 1;
  }
  return { counts, bad };
}

async function print(many: number, first: number): Promise<void> {
  const { counts, bad } = await mutateModels(many, first);
  for (const [fate, times] of [...counts].sort()) {
    console.log(`${String(times).padStart(6)}  ${fate}`);
  }
  for (const line of bad) console.log(line);
  console.log(`${many} damaged files, ${bad.length} of them went wrong`);
  Deno.exitCode = bad.length === 0 ? 0 : 1;
}

if (import.meta.main) {
  const [one, two, three] = Deno.args;
  if (one === CHILD) await runChild(Number(two), Number(three));
  else await print(Number(one ?? 4000), Number(two ?? 0));
}
