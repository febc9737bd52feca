/** The tutorial's commands as they stand in its Markdown, and a shell that runs them in a copy. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The port that the tutorial names. */
const PORT = 8011;

/** Commands, and what their output must show. */
export interface Step {
  /** Line of the Markdown file, from 1. */
  readonly line: number;
  readonly commands: string;
  /** Each must appear in the output, one after the other. */
  readonly fragments: readonly string[];
}

interface Block {
  readonly line: number;
  readonly info: string;
  readonly text: string;
}

/** Which `sh` blocks are left out: where Python is, what stands in for it; installing always. */
const LEFT_OUT = {
  python: ["sh install", "sh no-python"],
  "no-python": ["sh install", "sh python"],
} as const;

/** The steps of a Markdown text; a `text` block tells what the `sh` block before it shows. */
export function stepsOf(markdown: string, way: keyof typeof LEFT_OUT): Step[] {
  const steps: Step[] = [];
  let isOpen = false;
  for (const { line, info, text } of blocksOf(markdown)) {
    const last = steps.at(-1);
    if (info.split(" ")[0] === "sh") {
      isOpen = !LEFT_OUT[way].some((left) => left === info);
      if (isOpen) steps.push({ line, commands: text, fragments: [] });
    } else if (info === "text" && isOpen && last !== undefined) {
      const fragments = text.split("\n").map((each) => each.trim()).filter((each) => each !== "");
      steps[steps.length - 1] = { ...last, fragments };
      isOpen = false;
    }
  }
  return steps;
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; info: string; lines: string[] } | undefined;
  for (const [i, line] of markdown.split("\n").entries()) {
    if (open === undefined) {
      const info = /^```(.+)$/.exec(line)?.[1];
      if (info !== undefined) open = { line: i + 1, info, lines: [] };
    } else if (line === "```") {
      blocks.push({ ...open, text: open.lines.join("\n") });
      open = undefined;
    } else open.lines.push(line);
  }
  return blocks;
}

/** The first fragment that the output lacks, in their order; undefined where all are there. */
export function missingFragment(output: string, fragments: readonly string[]): string | undefined {
  let from = 0;
  for (const fragment of fragments) {
    const at = output.indexOf(fragment, from);
    if (at < 0) return fragment;
    from = at + fragment.length;
  }
  return undefined;
}

/** What the commands need, in a temporary folder; packages by hard link where that is possible. */
export async function copyOfRepository(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const copy = async (args: string[]) =>
    (await new Deno.Command("cp", { args: [...args, folder], cwd: ROOT, stderr: "null" }).output())
      .success;
  await copy(["-r", "deno.json", "deno.lock", "src", "native", "strategies"]);
  if (!(await copy(["-al", "node_modules"]))) {
    await Deno.remove(join(folder, "node_modules"), { recursive: true }).catch(() => {});
    await copy(["-a", "node_modules"]);
  }
  await Deno.remove(join(folder, "strategies/splitter"), { recursive: true }).catch(() => {});
  return folder;
}

/**
 * Runs all steps in one shell, as somebody would who types them; job control is on as on a terminal.
 * Gives the output of each step that was begun, and the shell's exit code (the first failure ends it).
 */
export async function runSteps(steps: readonly Step[], { folder, path, port, seconds }: {
  readonly folder: string;
  /** Folders that come before those of PATH. */
  readonly path: readonly string[];
  readonly port: number;
  readonly seconds: number;
}): Promise<{ readonly code: number; readonly outputs: readonly string[] }> {
  const mark = "<<<next step>>>";
  const script = [
    "set -e -m",
    // Each job leads a process group of its own.
    "trap 'for job in $(jobs -p); do kill -- -$job 2>/dev/null || true; done' EXIT",
    "trap 'exit 143' TERM",
    ...steps.map(({ commands }) => `echo '${mark}'\n${commands}`),
  ].join("\n").replaceAll(String(PORT), String(port));
  await Deno.writeTextFile(join(folder, "tutorial.sh"), script);
  const child = new Deno.Command("bash", {
    args: ["-c", "exec bash tutorial.sh 2>&1"],
    cwd: folder,
    env: {
      NO_COLOR: "1",
      PATH: [...path, Deno.env.get("PATH") ?? ""].join(":"),
    },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const deadline = setTimeout(() => child.kill("SIGTERM"), seconds * 1000);
  try {
    const { code, stdout } = await child.output();
    const [, ...outputs] = new TextDecoder().decode(stdout).split(`${mark}\n`);
    return { code, outputs };
  } finally {
    clearTimeout(deadline);
  }
}
