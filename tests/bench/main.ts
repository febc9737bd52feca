/**
 * Times of solves, evaluations and cycles: `deno task bench`, or `deno task bench kiln` for one part.
 * Compare only what one run printed: machines are noisy.
 */

import { stopForHelp } from "../campaigns/campaign_help.ts";
import { cycleBench } from "./cycle_bench.ts";
import { growthBench } from "./growth_bench.ts";
import { kilnBench } from "./kiln_bench.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  /** kiln-20 and kiln-60 of ../shared/bench: solves, evaluations, the products inside them. */
  kiln: kilnBench,
  /** How the cost of an evaluation grows with weights, inputs and variables. */
  growth: growthBench,
  /** One solve and one whole cycle of the cement kiln, split into its stages. */
  cycle: cycleBench,
};

stopForHelp("bench", { words: true });
const wanted = Deno.args.length > 0 ? Deno.args : Object.keys(BENCHES);
for (const name of wanted) {
  const bench = BENCHES[name];
  if (bench === undefined) {
    console.error(`No bench "${name}"; there are ${Object.keys(BENCHES).join(", ")}`);
    Deno.exit(2);
  }
  await bench();
}
