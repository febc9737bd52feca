/**
 * Shadow prices of random network programs, each held against re-solves with its limit moved.
 *
 *   deno run -A tests/campaigns/price_campaign.ts [prices, 500] [seed, 1]
 */

import { NativeSolver } from "../../src/solve/native_solver.ts";
import { converged } from "../../src/solve/outcome.ts";
import { checkPrice } from "../../src/solve/price_check.ts";
import { shadowPrices } from "../../src/solve/shadow_prices.ts";
import type { ShadowPrice } from "../../src/solve/shadow_prices.ts";
import { requestFor } from "../solve/programs.ts";
import { stopForHelp } from "./campaign_help.ts";
import { networkProgram } from "./network_programs.ts";
import { Random } from "./random.ts";

export interface PriceResult {
  readonly prices: number;
  /** Within 1 % of the re-solves, both sides averaged. */
  readonly agree: number;
  readonly flagged: number;
  /** Too small beside the objective's scale for a re-solve to tell. */
  readonly negligible: number;
  /** Worst relative difference among those that agree. */
  readonly worst: number;
  readonly misses: readonly string[];
}

/** Prices below this, per scale of limit and objective, are lost in what a solve leaves open. */
const NEGLIGIBLE = 1e-4;
const STEPS = [1e-3, 1e-4, 1e-5];

export async function priceCampaign(
  { prices, seed }: { readonly prices: number; readonly seed: number },
): Promise<PriceResult> {
  const random = new Random(seed);
  const solver = new NativeSolver();
  const count = { prices: 0, agree: 0, flagged: 0, negligible: 0 };
  const misses: string[] = [];
  let worst = 0;
  try {
    while (count.prices < prices) {
      const { program, start, parameters } = networkProgram(random, { steepness: 2 });
      const loaded = await solver.load(program);
      const request = { ...requestFor(program, { start, parameters }), tolerance: 1e-10 };
      const end = await solver.solve(loaded, request);
      if (converged(end)) {
        const optimum = { request, end };
        for (const found of await shadowPrices(solver, { loaded, optimum })) {
          if (count.prices === prices) break;
          count.prices++;
          const { verdict, error } = await judge(solver, { loaded, optimum, found });
          if (verdict === "miss") misses.push(JSON.stringify({ ...found, error }));
          else count[verdict]++;
          if (verdict === "agree") worst = Math.max(worst, error);
        }
      }
      await solver.release(loaded);
    }
  } finally {
    await solver.close();
  }
  return { ...count, worst, misses };
}

async function judge(
  solver: NativeSolver,
  { found, ...rest }: Omit<Parameters<typeof checkPrice>[1], "binding" | "step"> & {
    readonly found: ShadowPrice;
  },
): Promise<
  { readonly verdict: "agree" | "flagged" | "negligible" | "miss"; readonly error: number }
> {
  if (found.price === undefined) return { verdict: "flagged", error: 0 };
  if (found.price < NEGLIGIBLE) return { verdict: "negligible", error: 0 };
  let error = Infinity;
  for (const step of STEPS) {
    const check = await checkPrice(solver, { ...rest, binding: found, step });
    if (check.kind === "unanswered") continue;
    error = Math.min(error, Math.abs((check.giving + check.drawing) / 2 / found.price - 1));
    if (error <= 0.01) return { verdict: "agree", error };
  }
  return { verdict: "miss", error };
}

if (import.meta.main) {
  stopForHelp("campaign:prices");
  const [prices, seed] = [Number(Deno.args[0] ?? 500), Number(Deno.args[1] ?? 1)];
  const result = await priceCampaign({ prices, seed });
  console.log(JSON.stringify(result, undefined, 2));
  if (result.misses.length > 0) Deno.exit(1);
}
