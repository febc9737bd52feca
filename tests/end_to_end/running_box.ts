/** The service as a real process, with the permissions of deno.json, on a state folder of its own. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { siteFolder } from "./site_plan.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Only against a box that never listens: a busy machine may take its time. */
const START_MS = 180_000;

export interface Box {
  readonly url: string;
  readonly pid: number;
  /** Everything that it has written so far. */
  readonly output: () => string;
  /** Sends SIGTERM and waits for the end; the exit code. */
  stop(): Promise<number>;
  /** Sends SIGKILL and waits for the end. */
  kill(): Promise<void>;
}

/** The kiln's configuration with an own state folder and a free port; `more` is appended YAML. */
export async function writeKilnConfig(folder: string, more = ""): Promise<string> {
  const site = siteFolder("cement-kiln");
  const path = join(folder, "config.yaml");
  await Deno.writeTextFile(
    path,
    `api: { host: 127.0.0.1, port: 0 }
optimization: { interval_seconds: 300, mode: active }
storage: { folder: ${JSON.stringify(site)} }
state: { folder: ${JSON.stringify(join(folder, "state"))} }
feed:
  simulator:
    module: ${JSON.stringify(join(site, "simulator.ts"))}
    period_seconds: 2
    follow_recommendations: true
${more}`,
  );
  return path;
}

/** Starts the service and waits until it listens. */
export async function startBox(config: string, folder: string): Promise<Box> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-P=start", `--allow-run=${Deno.execPath()}`, `--allow-write=${folder}`],
      ...["src/main.ts", "--config", config],
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const { promise: listening, resolve, reject } = Promise.withResolvers<number>();
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      output += decoder.decode(chunk, { stream: true });
      const port = /"Setpoint listens on [^"]*:(\d+)"/.exec(output)?.[1];
      if (port !== undefined) resolve(Number(port));
    }
  };
  const collected = Promise.all([collect(child.stdout), collect(child.stderr)]);
  child.status.then(({ code }) => reject(new Error(`the box ended with ${code}:\n${output}`)));
  const ended = async () => {
    const { code } = await child.status;
    await collected;
    return code;
  };
  const deadline = setTimeout(() => {
    reject(new Error(`the box does not listen after ${START_MS / 1000} s:\n${output}`));
    child.kill("SIGKILL");
  }, START_MS);
  try {
    const port = await listening;
    return {
      url: `http://127.0.0.1:${port}`,
      pid: child.pid,
      output: () => output,
      async stop() {
        child.kill("SIGTERM");
        return await ended();
      },
      async kill() {
        try {
          child.kill("SIGKILL");
        } catch {
          // It has ended already.
        }
        await ended();
      },
    };
  } catch (error) {
    await ended();
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}

/** Asks until the answer fits; fails after `seconds`, which is for what never comes, not for what is slow. */
export async function until<T>(
  ask: () => Promise<T>,
  fits: (answer: T) => boolean,
  seconds = 120,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    assert.ok(performance.now() < end, `still ${JSON.stringify(answer).slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
