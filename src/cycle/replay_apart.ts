/** A recorded cycle computed again in a process of its own, so that it costs the running box nothing. */

import { fileURLToPath } from "node:url";
import { NATIVE_ENVIRONMENT } from "../solve/solver_connection.ts";

/** What a replay comes to. */
export type ReplayVerdict =
  /** The same recommendation comes out. */
  | { readonly kind: "same" }
  /** One line per place that differs, with both values. */
  | { readonly kind: "different"; readonly differences: readonly string[] }
  /** It could not be computed; why. */
  | { readonly kind: "impossible"; readonly reason: string };

const REPLAY_MS = 60_000;
const MOST_DIFFERENCES = 200;
const SAID_LETTERS = 600;

/** Runs `deno task replay` beside the service. Never throws. */
export async function replayApart(
  cycleId: string,
  { configPath }: { readonly configPath: string },
): Promise<ReplayVerdict> {
  const root = new URL("../../", import.meta.url);
  const place = (path: string) => fileURLToPath(new URL(path, root));
  const late = AbortSignal.timeout(REPLAY_MS);
  try {
    const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--no-lock", "--no-remote"],
        // What is in node_modules is taken as it is: nothing is resolved, fetched or linked anew.
        "--node-modules-dir=manual",
        `--config=${place("deno.json")}`,
        ...["--allow-read", "--allow-env", "--allow-sys"],
        `--allow-ffi=${place("node_modules")},${place("native/build")}`,
        place("src/replay_command.ts"),
        ...[cycleId, "--config", configPath],
      ],
      env: { ...NATIVE_ENVIRONMENT, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: late,
    }).output();
    const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
    if (code === 0) return { kind: "same" };
    const differences = lines.slice(1, 1 + MOST_DIFFERENCES).map((line) => line.trim());
    if (differences.length > 0) return { kind: "different", differences };
    const said = new TextDecoder().decode(stderr).trim().slice(-SAID_LETTERS);
    const reason = late.aborted ? `it did not end within ${REPLAY_MS / 1000} s` : said;
    return { kind: "impossible", reason: reason === "" ? `exit code ${code}` : reason };
  } catch (error) {
    return {
      kind: "impossible",
      reason: error instanceof Error ? error.message : String(error),
    };
  }
}
