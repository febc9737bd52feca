import assert from "node:assert/strict";
import { postgresBinaries } from "../storage/postgres_server.ts";
import { largeTable } from "./large_table.ts";

const ignore = postgresBinaries() === undefined;
if (ignore) console.error("IGNORED: no PostgreSQL server here: the cost of a large table");

Deno.test({
  name: "Measurements read the index alone, whatever the size of the table",
  ignore,
  async fn() {
    for (const { scans, rows, newestMs } of await largeTable({ rows: 100_000, say: console.log })) {
      assert.deepEqual(scans, ["Index Only Scan on process_data by process_data_newest"]);
      assert.ok(newestMs < 250, `${newestMs} ms at ${rows} rows`);
    }
  },
});
