/** src/stop_signals.ts, each time in a process of its own. */

import assert from "node:assert/strict";

const MODULE = new URL("../src/stop_signals.ts", import.meta.url).href;
/** Says what it is asked, and half a second later that it lives; a timer keeps it alive. */
const ASKED = `
import { onStopSignals } from ${JSON.stringify(MODULE)};
const alive = setTimeout(() => {}, 120_000);
const stop = () => {
  console.log("stop");
  const busyUntil = performance.now() + Number(Deno.args[0]);
  while (performance.now() < busyUntil);
  setTimeout(() => console.log("goes on"), 500);
};
onStopSignals({ stop, end: () => { console.log("end"); Deno.exit(3); } });
console.log("listens");
`;

/** What was said, and the exit. */
async function asked(
  { together, later, busyMs = 0 }: {
    /** What comes at once, as from one Ctrl-C. */
    readonly together: readonly Deno.Signal[];
    /** What comes from then on, again and again, once it has said that it goes on. */
    readonly later: Deno.Signal;
    /** How long it works without a pause when it is asked to stop. */
    readonly busyMs?: number;
  },
): Promise<{ said: string; code: number }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", ASKED, String(busyMs)],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const send = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch { /* it has ended */ }
  };
  let said = "";
  let isSent = false;
  let asking: ReturnType<typeof setInterval> | undefined;
  try {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (!isSent && said.includes("listens")) {
        isSent = true;
        for (const signal of together) send(signal);
      }
      if (said.includes("goes on")) asking ??= setInterval(() => send(later), 200);
    }
    return { said, code: (await child.status).code };
  } finally {
    clearInterval(asking);
    send("SIGKILL");
    await child.status;
  }
}

for (
  const [name, together, later, busyMs] of [
    ["what arrives twice as one asking, and a later one as a command", ["SIGINT", "SIGTERM"]],
    ["either signal first", ["SIGTERM"], "SIGINT"],
    [
      "what arrives twice as one asking though the first has kept the program busy",
      ["SIGINT", "SIGTERM"],
      "SIGTERM",
      1_500,
    ],
  ] as const
) {
  Deno.test(`onStopSignals takes ${name}`, async () => {
    const { said, code } = await asked({
      together,
      later: later ?? "SIGTERM",
      busyMs: busyMs ?? 0,
    });
    assert.equal(said, "listens\nstop\ngoes on\nend\n");
    assert.equal(code, 3);
  });
}
