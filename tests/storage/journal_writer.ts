/** Writes cycle records without end, and says after each that it is kept; killed by journal_test.ts. */

import { logOf } from "../../src/log.ts";
import { Journal } from "../../src/storage/journal.ts";

const [path = "", from = "0"] = Deno.args;
const journal = Journal.open(path, { log: logOf("storage") });
for (let i = Number(from);; i++) {
  const time = new Date(1_700_000_000_000 + i).toISOString();
  journal.record({ cycleId: `c-${i}`, time, status: "optimised", json: JSON.stringify({ i }) }, {
    deliver: true,
    keep: { last_run: i },
  });
  console.log(i);
}
