/**
 * Many solves while the child is killed, stopped, or made to spin at random moments.
 *
 *   deno run -A tests/campaigns/child_faults.ts [solves, 1000] [seed, 1]
 */

import { SolverProcess } from "../../src/solve/solver_process.ts";
import type { SolveOutcome } from "../../src/solve/outcome.ts";
import { hs071, HS071_OPTIMUM, rosenbrock } from "../solve/programs.ts";
import { stopForHelp } from "./campaign_help.ts";
import { Random } from "./random.ts";

export interface FaultsResult {
  readonly solves: number;
  readonly faults: number;
  readonly restarts: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Claimed solutions that are not the known optimum. */
  readonly wrong: number;
  /** Largest time of a solve beyond its own time limit, in milliseconds. */
  readonly latest: number;
  /** Children of this process once the solver is closed. */
  readonly childrenLeft: number;
  /** Growth of this process's resident memory over the second half, in bytes. */
  readonly grown: number;
}

const SIGNALS = ["SIGKILL", "SIGSTOP", "SIGUSR1", "SIGSEGV"] as const;
/** One fault in so many solves, on average. */
const EVERY = 6;
const TIME_LIMIT_MS = 3_000;

export async function childFaults(
  { solves, seed }: { readonly solves: number; readonly seed: number },
): Promise<FaultsResult> {
  const random = new Random(seed);
  const module = new URL("../solve/spinning_child.ts", import.meta.url);
  const others = childrenOf(Deno.pid).length;
  const solver = await SolverProcess.start({ module, silenceMs: 700 });
  const outcomes: Record<string, number> = {};
  let [faults, wrong, latest, middle] = [0, 0, 0, 0];
  try {
    const programs = [hs071(), rosenbrock(40)];
    const loaded = await Promise.all(programs.map(({ program }) => solver.load(program)));
    for (let i = 0; i < solves; i++) {
      if (i === Math.floor(solves / 2)) middle = Deno.memoryUsage().rss;
      const which = random.whole(0, 1);
      const striking = random.uniform() * EVERY < 1;
      const pid = striking ? await solver.pid() : 0;
      const begin = performance.now();
      const running = solver.solve(loaded[which]!, {
        ...programs[which]!.request,
        timeLimitMs: TIME_LIMIT_MS,
      });
      if (striking) {
        const moment = random.uniform(0, 30);
        await new Promise((resolve) => setTimeout(resolve, moment));
        faults += strike(pid, random.pick(SIGNALS));
      }
      const outcome = await running;
      latest = Math.max(latest, performance.now() - begin - TIME_LIMIT_MS);
      outcomes[outcome.kind] = (outcomes[outcome.kind] ?? 0) + 1;
      if (which === 0 && isWrong(outcome)) wrong++;
    }
  } finally {
    await solver.close();
  }
  return {
    solves,
    faults,
    restarts: solver.restarts,
    outcomes,
    wrong,
    latest,
    childrenLeft: childrenOf(Deno.pid).length - others,
    grown: Deno.memoryUsage().rss - middle,
  };
}

/** 1 where the signal was sent; the child may have ended by itself before. */
function strike(pid: number, signal: (typeof SIGNALS)[number]): number {
  try {
    Deno.kill(pid, signal);
    return 1;
  } catch {
    return 0;
  }
}

function isWrong(outcome: SolveOutcome): boolean {
  return outcome.kind === "solved" &&
    Math.abs(outcome.objective - HS071_OPTIMUM.objective) > 1e-6;
}

/** Process numbers of the children of one process, zombies too. */
function childrenOf(pid: number): number[] {
  const tasks = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
  return tasks.flatMap((task) => {
    try {
      const text = Deno.readTextFileSync(`/proc/${pid}/task/${task}/children`).trim();
      return text === "" ? [] : text.split(" ").map(Number);
    } catch {
      return [];
    }
  });
}

if (import.meta.main) {
  stopForHelp("campaign:child");
  const [solves, seed] = [Number(Deno.args[0] ?? 1000), Number(Deno.args[1] ?? 1)];
  const result = await childFaults({ solves, seed });
  console.log(JSON.stringify(result, undefined, 2));
  if (result.wrong > 0 || result.childrenLeft > 0) Deno.exit(1);
}
