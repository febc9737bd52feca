import assert from "node:assert/strict";
import { join } from "node:path";
import { layoutOf } from "../../src/backtest/layout.ts";
import { momentsOf } from "../../src/backtest/moments.ts";
import { openPlan } from "../../src/backtest/open_plan.ts";
import { Recording } from "../../src/backtest/recording.ts";
import { runBacktest } from "../../src/backtest/run_backtest.ts";
import { logOf } from "../../src/log.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import type { Solver } from "../../src/solve/solver.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { KeptResults } from "../../src/storage/kept_results.ts";
import { ENTRY, RECORD_START, valveRows, valveSite } from "./valve_site.ts";

const MOMENTS = 12;

function recording(): Recording {
  const recorded = new Recording();
  for (const { time, Valve, Load } of valveRows(MOMENTS)) {
    recorded.add({ tag: "Valve", time, value: Valve, quality: "good" });
    if (Load !== undefined) recorded.add({ tag: "Load", time, value: Load, quality: "good" });
  }
  return recorded;
}

/** What a backtest with this solver keeps, without times; whether it came to its end. */
async function keptWith(
  change: (solver: Solver) => Solver,
  { atOnce = 3, signal = new AbortController().signal } = {},
) {
  const site = await valveSite();
  const native = new NativeSolver();
  const kept = KeptResults.open(join(site.folder, "kept.sqlite"), { test: "x" });
  try {
    const source = { store: new FolderObjectStore(site.folder), entry: ENTRY };
    const plan = await openPlan(source, { solver: native, log: logOf("test") });
    const recorded = recording();
    const range = { from: RECORD_START, to: RECORD_START + MOMENTS * 300_000, every: 300_000 };
    const isDone = await runBacktest({
      ...{ side: "a", plan, layout: layoutOf(plan), recording: recorded, warmUp: [], kept },
      ...{ moments: momentsOf(recorded, range), solver: change(native), atOnce, signal },
      progressed: () => undefined,
    });
    const results = [...kept.all("a")].map(({ json }) => ({ ...JSON.parse(json), ms: 0 }));
    return { isDone, results };
  } finally {
    kept.close();
    await native.close();
    await site.remove();
  }
}

/** The solver, but every so many solves its child has just ended. */
function breaking(solver: Solver, every: number): Solver {
  let solves = 0;
  return {
    load: (program) => solver.load(program),
    release: (loaded) => solver.release(loaded),
    evaluateNative: (loaded, request) => solver.evaluateNative(loaded, request),
    close: () => solver.close(),
    solve: (loaded, request, options) =>
      ++solves % every === 0
        ? Promise.resolve({ kind: "crashed", message: "the child ended by SIGKILL" })
        : solver.solve(loaded, request, options),
  };
}

Deno.test("runBacktest computes a moment again in which the solver itself broke, to the same result", async () => {
  const whole = await keptWith((solver) => solver);
  assert.ok(whole.isDone);
  assert.equal(whole.results.length, MOMENTS);
  const broken = await keptWith((solver) => breaking(solver, 5));
  assert.deepEqual(broken, whole);
});

Deno.test("runBacktest gives up on a solver that always breaks, and keeps why", async () => {
  const { isDone, results } = await keptWith((solver) => breaking(solver, 1));
  assert.ok(isDone);
  assert.equal(results.length, MOMENTS);
  for (const { status, reason } of results) {
    assert.equal(status, "held");
    assert.match(reason, /crashed.*SIGKILL/);
  }
});

Deno.test("runBacktest keeps nothing of moments that broke while it was stopped", async () => {
  const stop = new AbortController();
  const { isDone, results } = await keptWith((solver) => ({
    ...breaking(solver, 1),
    solve: () => {
      stop.abort();
      return Promise.resolve({ kind: "crashed", message: "the child ended by SIGINT" });
    },
  }), { signal: stop.signal });
  assert.equal(isDone, false);
  assert.deepEqual(results, []);
});

Deno.test("runBacktest tells what a moment threw that nobody foresaw as a failed cycle", async () => {
  const { results } = await keptWith((solver) => ({
    ...breaking(solver, Infinity),
    solve: () => Promise.reject(new RangeError("no such thing")),
  }), { atOnce: 1 });
  assert.equal(results.length, MOMENTS);
  assert.ok(
    results.every(({ status, reason }) => status === "failed" && /no such thing/.test(reason)),
  );
});
