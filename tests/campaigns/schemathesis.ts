/**
 * Schemathesis (PyPI), which makes requests from the interface's own description, against the kiln's
 * running service, with all its checks.
 *
 *     deno run -A tests/campaigns/schemathesis.ts [REQUESTS AT LEAST, 5000] [SEED, 1]
 *
 * It keeps its Python environment in the user's cache folder, and needs python3 with venv. The stream
 * of events is left out, as it has no end; it has tests of its own.
 */

import { join } from "node:path";
import { RunningBox } from "../faults/running_box.ts";
import { stopForHelp } from "./campaign_help.ts";
import { writeConfig } from "./http_load.ts";

const VERSION = "4.32.5";
/** Per operation and phase: some thousands of requests in a run. */
const EXAMPLES = 30;
const MOST_RUNS = 20;
const CLIENT_SECONDS = 10;

export interface SchemathesisResult {
  /** Answers by status, as the service counted them. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly requests: number;
  /** What was found fault with, such as `Schema-valid request rejected: GET /trends`. */
  readonly failures: readonly string[];
  /** Requests that came to no answer. */
  readonly errors: readonly string[];
}

interface Report {
  readonly failures: readonly { readonly title: string; readonly operations: readonly string[] }[];
  readonly errors: readonly unknown[];
}

export async function schemathesis(
  { requests: wanted, seed }: { readonly requests: number; readonly seed: number },
): Promise<SchemathesisResult> {
  const tool = await installed();
  const folder = await Deno.makeTempDir({ prefix: "setpoint-schemathesis-" });
  const configPath = await writeConfig(folder);
  const site = { folder, stateFolder: join(folder, "state"), configPath };
  const box = await RunningBox.start(site, { startMs: 180_000 });
  const failures = new Set<string>();
  const errors: string[] = [];
  const url = `http://127.0.0.1:${box.port}`;
  try {
    await box.healthBecomes(({ last_cycle }) => last_cycle !== null, 60_000);
    let statuses = await statusesOf(url);
    for (let run = 0; run < MOST_RUNS && sum(statuses) < wanted; run++) {
      const report = await runOnce(tool, { url, folder, seed: seed + run });
      for (const { title, operations } of report.failures) {
        failures.add(`${title}: ${operations.join(", ")}`);
      }
      errors.push(...report.errors.map((error) => JSON.stringify(error)));
      statuses = await statusesOf(url);
    }
    return { statuses, requests: sum(statuses), failures: [...failures], errors };
  } finally {
    await box.kill();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The tool's path; makes its environment where it is not there yet. */
async function installed(): Promise<string> {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "", ".cache");
  const folder = join(cache, "setpoint", "schemathesis");
  const tool = join(folder, "bin", "schemathesis");
  const isThere = await new Deno.Command(tool, { args: ["--version"], stdout: "piped" }).output()
    .then(({ stdout }) => new TextDecoder().decode(stdout).includes(VERSION), () => false);
  if (isThere) return tool;
  await succeed("python3", ["-m", "venv", folder]);
  await succeed(join(folder, "bin", "pip"), ["install", "-q", `schemathesis==${VERSION}`]);
  return tool;
}

async function succeed(command: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}

async function runOnce(
  tool: string,
  { url, folder, seed }: { readonly url: string; readonly folder: string; readonly seed: number },
): Promise<Report> {
  const report = join(folder, `report-${seed}.json`);
  const { code, stdout } = await new Deno.Command(tool, {
    args: [
      ...["run", `${url}/openapi.json`, "--checks", "all", "--exclude-path", "/events"],
      ...["--max-examples", String(EXAMPLES), "--seed", String(seed), "--continue-on-failure"],
      ...["--request-timeout", String(CLIENT_SECONDS)],
      ...["--report", "json", "--report-json-path", report],
    ],
    cwd: folder,
    stderr: "inherit",
  }).output();
  const said = new TextDecoder().decode(stdout);
  if (code !== 0) console.log(said.slice(said.indexOf("= FAILURES")));
  return JSON.parse(await Deno.readTextFile(report)) as Report;
}

async function statusesOf(url: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const statuses: Record<string, number> = {};
  for (
    const [, labels = "", count] of text.matchAll(/^setpoint_http_requests_total\{(.*)\} (\d+)$/gm)
  ) {
    const status = /status="(\d+)"/.exec(labels)?.[1] ?? "none";
    statuses[status] = (statuses[status] ?? 0) + Number(count);
  }
  return statuses;
}

function sum(statuses: Readonly<Record<string, number>>): number {
  return Object.values(statuses).reduce((total, count) => total + count, 0);
}

if (import.meta.main) {
  stopForHelp("campaign:schemathesis", { words: true });
  const [requests = 5_000, seed = 1] = Deno.args.map(Number);
  const result = await schemathesis({ requests, seed });
  console.log(result);
  const serverErrors = Object.keys(result.statuses).filter((status) => /^5/.test(status));
  const isClean = serverErrors.length + result.failures.length + result.errors.length === 0;
  Deno.exit(isClean ? 0 : 1);
}
