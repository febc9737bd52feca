import assert from "node:assert/strict";
import { startFault } from "../src/start_help.ts";

Deno.test("startFault tells the cause that an error carries", () => {
  const cause = new Error("Requires run access to deno");
  assert.equal(
    startFault(new Error("Cannot start the solver child", { cause })),
    "Cannot start the solver child: Requires run access to deno",
  );
  assert.equal(startFault(new Error("The port is taken")), "The port is taken");
});

Deno.test("startFault names the folders that the box may write where it may not", () => {
  const fault = startFault(new Deno.errors.NotCapable('Requires write access to "/x", run again'));
  assert.match(fault, /^Requires write access to "\/x": the box may write .\/state/);
});
