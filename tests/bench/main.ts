/**
 * Times of solves, evaluations and cycles: `deno task bench`, or `deno task bench kiln` for one part;
 * `deno task bench peers` brings Python packages and solves beside JAX and CasADi.
 * Compare only what one run printed: machines are noisy.
 */

import { stopForHelp } from "../campaigns/campaign_help.ts";
import { cycleBench } from "./cycle_bench.ts";
import { growthBench } from "./growth_bench.ts";
import { kilnBench } from "./kiln_bench.ts";
import { peersBench } from "./peers/peers_bench.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  /** kiln-20 and kiln-60 of ../shared/bench: solves, evaluations, the products inside them. */
  kiln: kilnBench,
  /** How the cost of an evaluation grows with weights, inputs and variables. */
  growth: growthBench,
  /** One solve and one whole cycle of the cement kiln, split into its stages. */
  cycle: cycleBench,
};

/** Run only when named, since they bring packages of other registries. */
const NAMED_ONLY: Readonly<Record<string, () => Promise<void>>> = {
  /** kiln-20 and kiln-60 beside JAX and CasADi. */
  peers: peersBench,
};

stopForHelp("bench", { words: true });
const wanted = Deno.args.length > 0 ? Deno.args : Object.keys(BENCHES);
for (const name of wanted) {
  const bench = BENCHES[name] ?? NAMED_ONLY[name];
  if (bench === undefined) {
    const names = Object.keys({ ...BENCHES, ...NAMED_ONLY });
    console.error(`No bench "${name}"; there are ${names.join(", ")}`);
    Deno.exit(2);
  }
  await bench();
}
