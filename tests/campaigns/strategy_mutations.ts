/**
 * Mutated strategy files in any number: none may crash or hang the reader, and none that is accepted
 * may fail later. `deno run -A tests/campaigns/strategy_mutations.ts [COUNT [FIRST_SEED]]`
 */

import { tryMutations } from "../strategy/try_mutations.ts";

const [count = 20_000, from = 0] = Deno.args.map(Number);
const begin = performance.now();
const { accepted, refused, problems, slowestMs, faults } = tryMutations({ from, count });
const seconds = ((performance.now() - begin) / 1000).toFixed(1);
console.log(
  `${count} mutated strategies in ${seconds} s: ${accepted} accepted and used, ${refused} refused ` +
    `with ${problems} problems, slowest ${Math.round(slowestMs)} ms, ${faults.length} faults`,
);
for (const fault of faults) console.error(fault);
if (faults.length > 0) Deno.exit(1);
