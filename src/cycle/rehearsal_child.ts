/**
 * The rehearsal child: makes a bundle ready and runs it on past snapshots, with the real solver and
 * the real ONNX Runtime. A file that crashes either of them, or eats all memory, ends this process
 * and not the service. Started by rehearsal.ts; it reads stdin, writes one line, and ends.
 */

import { logOf } from "../log.ts";
import { NativeSolver } from "../solve/native_solver.ts";
import { MemoryCache } from "../storage/memory_cache.ts";
import { preparePlan } from "./plan.ts";
import { decodeRehearsal } from "./rehearsal_message.ts";
import type { PastSnapshot, Rehearsal, Verdict } from "./rehearsal_message.ts";
import { FIRST_STATE, runCycle } from "./run_cycle.ts";
import type { Reading } from "./judge_reading.ts";
import type { Plan } from "./plan.ts";
import type { Solver } from "../solve/solver.ts";

/** Never throws for what is in the bundle: that is the verdict. */
async function rehearse(
  { bundle, entry, snapshots, memoryBytes }: Rehearsal,
): Promise<Verdict> {
  const solver = new NativeSolver();
  // Before anything of the bundle is looked at.
  const unlimited = limitMemory(solver, memoryBytes);
  const cache = new MemoryCache({ log: logOf("rehearsal") });
  try {
    const plan = await preparePlan(bundle, {
      entry,
      solver,
      shelves: {
        models: cache.shelf("models"),
        scalers: cache.shelf("scalers"),
        configurations: cache.shelf("configurations"),
      },
    });
    const verdict = await dryRun(plan, { snapshots, solver });
    return verdict.kind === "passed" ? { ...verdict, unlimited } : verdict;
  } catch (error) {
    return { kind: "refused", reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await solver.close();
  }
}

type DryRun =
  | { readonly kind: "passed"; readonly statuses: readonly string[] }
  | { readonly kind: "refused"; readonly reason: string };

/** The kernel's limit on private memory (RLIMIT_DATA); why there is none, or null. */
function limitMemory(solver: NativeSolver, bytes: number): string | null {
  try {
    solver.limitMemory(bytes);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Runs a cycle on each snapshot. A snapshot that lacks what the strategy needs says nothing about
 * the bundle; of those that let the tasks run, one at least must come to an answer.
 */
async function dryRun(
  plan: Plan,
  { snapshots, solver }: { readonly snapshots: readonly PastSnapshot[]; readonly solver: Solver },
): Promise<DryRun> {
  const statuses: string[] = [];
  const reasons: string[] = [];
  let answers = 0;
  for (const [i, snapshot] of snapshots.entries()) {
    const time = new Date();
    const readings = new Map(
      Object.entries(snapshot).map(([name, value]): [string, Reading] => [
        name,
        { value, time, quality: "good" },
      ]),
    );
    const { record: { recommendation } } = await runCycle({
      cycleId: `rehearsal-${i}`,
      trigger: "request",
      given: new Map(),
      mode: "advisory",
      validForMs: 0,
    }, {
      plan,
      solver,
      state: FIRST_STATE,
      read: () => Promise.resolve(readings),
      now: () => time,
    });
    const { status, reason, settings } = recommendation;
    statuses.push(status);
    const isHeldBySnapshot = status === "held" && recommendation.solver === null;
    if (isHeldBySnapshot) continue;
    const isFinite = settings.every(({ recommended }) => Number.isFinite(recommended));
    if (status === "held" || status === "failed" || !isFinite) reasons.push(reason ?? status);
    else answers++;
  }
  return reasons.length > 0 && answers === 0
    ? {
      kind: "refused",
      reason: `its dry run came to no answer: ${[...new Set(reasons)].join("; ")}`,
    }
    : { kind: "passed", statuses };
}

if (import.meta.main) {
  const input = new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
  const verdict = await rehearse(decodeRehearsal(input));
  // What libraries print goes before it, on lines of their own.
  console.log(`\nVERDICT ${JSON.stringify(verdict)}`);
}
