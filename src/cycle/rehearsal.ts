/** A bundle tried in a child process before the service touches it: what crashes there, crashes there. */

import { fileURLToPath } from "node:url";
import { NATIVE_ENVIRONMENT } from "../solve/solver_connection.ts";
import { encodeRehearsal } from "./rehearsal_message.ts";
import type { Rehearsal, Verdict } from "./rehearsal_message.ts";

/** How long a bundle may take to get ready and through its dry runs. */
const REHEARSAL_MS = 180_000;
const STDERR_LETTERS = 600;
/** For the strategy, its program and its solver; the models' files count on top. */
const MEMORY_BYTES = 2 * 2 ** 30;
/** A file's bytes in memory: the bundle, ONNX Runtime's copy, float64 constants and their tape. */
const COPIES = 8;

export interface RehearsalOptions {
  /** The module to run; it reads what rehearsal_message.ts writes. */
  readonly module?: URL;
  readonly deadlineMs?: number;
  /** What the child may take in memory beyond what it has at its start. */
  readonly memoryBytes?: number;
}

/** Never throws: a child that crashed, hung or said nothing has refused the bundle. */
export async function rehearseInChild(
  trial: Omit<Rehearsal, "memoryBytes">,
  options: RehearsalOptions = {},
): Promise<Verdict> {
  const { deadlineMs = REHEARSAL_MS } = options;
  const rehearsal = {
    ...trial,
    memoryBytes: options.memoryBytes ?? MEMORY_BYTES + COPIES * trial.bundle.size,
  };
  const root = new URL("../../", import.meta.url);
  const place = (path: string) => fileURLToPath(new URL(path, root));
  const module = options.module ?? new URL("./rehearsal_child.ts", import.meta.url);
  const late = AbortSignal.timeout(deadlineMs);
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--no-lock",
        "--no-remote",
        // What is in node_modules is taken as it is: nothing is resolved, fetched or linked anew.
        "--node-modules-dir=manual",
        `--config=${place("deno.json")}`,
        // No writing and no network: it computes.
        `--allow-read=${place("node_modules")},${place("native/build")}`,
        `--allow-ffi=${place("node_modules")},${place("native/build")}`,
        // Packages ask for settings at import; there are none, see clearEnv.
        "--allow-env",
        "--allow-sys",
        fileURLToPath(module),
      ],
      // The service's environment holds secrets that a model has no use for.
      clearEnv: true,
      env: { ...NATIVE_ENVIRONMENT, HOME: place("native/build"), NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: late,
    }).spawn();
    const output = child.output();
    const input = child.stdin.getWriter();
    // A child that ended early closes its stdin; its end tells why.
    await input.write(encodeRehearsal(rehearsal)).then(() => input.close()).catch(() => undefined);
    const { stdout, stderr, code, signal } = await output;
    const line = new TextDecoder().decode(stdout).split("\n")
      .findLast((text) => text.startsWith("VERDICT "));
    if (code === 0 && line !== undefined) return JSON.parse(line.slice(8)) as Verdict;
    if (late.aborted) return refused(`its rehearsal did not end within ${deadlineMs} ms`);
    const said = new TextDecoder().decode(stderr).trim().slice(-STDERR_LETTERS);
    const how = signal === null ? `exit code ${code}` : signal;
    return refused(`its rehearsal ended with ${how}${said === "" ? "" : `: ${said}`}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return refused(`its rehearsal could not run: ${message}`);
  }
}

function refused(reason: string): Verdict {
  return { kind: "refused", reason };
}
