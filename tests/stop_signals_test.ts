/** src/stop_signals.ts, each time in a process of its own. */

import assert from "node:assert/strict";
import { setTimeout as after } from "node:timers/promises";

const MODULE = new URL("../src/stop_signals.ts", import.meta.url).href;
/** Says what it is asked; a timer keeps it alive. */
const ASKED = `
import { onStopSignals } from ${JSON.stringify(MODULE)};
const alive = setTimeout(() => {}, 30_000);
onStopSignals({ stop: () => console.log("stop"), end: () => { console.log("end"); Deno.exit(3); } });
console.log("listens");
`;

/** Sends the signals, each so many milliseconds after what is before it; what was said, and the exit. */
async function asked(
  signals: readonly (readonly [afterMs: number, signal: Deno.Signal])[],
): Promise<{ said: string; code: number }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", ASKED],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let said = "";
  try {
    let isSent = false;
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (isSent || !said.includes("listens")) continue;
      isSent = true;
      for (const [ms, signal] of signals) {
        await after(ms);
        child.kill(signal);
      }
    }
    return { said, code: (await child.status).code };
  } finally {
    try {
      child.kill("SIGKILL");
    } catch { /* it has ended */ }
    await child.status;
  }
}

Deno.test("onStopSignals takes what arrives twice as one asking, and a later one as a command", async () => {
  const { said, code } = await asked([[0, "SIGINT"], [0, "SIGTERM"], [1_200, "SIGTERM"]]);
  assert.equal(said, "listens\nstop\nend\n");
  assert.equal(code, 3);
});

Deno.test("onStopSignals takes either signal first", async () => {
  const { said, code } = await asked([[0, "SIGTERM"], [1_200, "SIGINT"]]);
  assert.equal(said, "listens\nstop\nend\n");
  assert.equal(code, 3);
});
