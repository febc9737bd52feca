import assert from "node:assert/strict";
import { postgresBinaries } from "../storage/postgres_server.ts";
import { killLoop } from "./kill_loop.ts";

const ignore = postgresBinaries() === undefined;
if (ignore) console.error("IGNORED: no PostgreSQL server here: the kill loop");

Deno.test({
  name: "Setpoint loses and repeats no recommendation when it and its database are killed",
  ignore,
  async fn() {
    const { lost, duplicated, undelivered, isInOrder, ownEnds, cycles } = await killLoop({
      rounds: 4,
      seed: 7,
      say: console.log,
    });
    assert.deepEqual({ lost, duplicated, undelivered, isInOrder, ownEnds }, {
      lost: [],
      duplicated: 0,
      undelivered: [],
      isInOrder: true,
      ownEnds: 0,
    });
    assert.ok(cycles > 4);
  },
});
