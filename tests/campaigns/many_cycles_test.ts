import assert from "node:assert/strict";
import { postgresBinaries } from "../storage/postgres_server.ts";
import { CAP_MEGABYTES, manyCycles } from "./many_cycles.ts";

const ignore = postgresBinaries() === undefined || Deno.build.os !== "linux";
if (ignore) console.error("IGNORED: no PostgreSQL server here: many cycles in a short time");

// A hundred cycles say nothing of the slope of memory; the full size does.
Deno.test({
  name: "Setpoint keeps its handles and the state folder's cap over many cycles",
  ignore,
  async fn() {
    const { handles, stateMegabytes, delivered, cycles } = await manyCycles({
      cycles: 100,
      say: () => {},
    });
    assert.ok(cycles >= 100);
    assert.ok(delivered >= cycles);
    assert.ok(handles[1] <= handles[0] + 4, `${handles.join(" to ")} handles`);
    // The write-ahead log and the other files of the folder come on top.
    assert.ok(stateMegabytes < CAP_MEGABYTES + 16, `${stateMegabytes} MB`);
  },
});
