/** `deno task audit`: who changed what; `--verify` holds the chain of hashes. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configPath, loadConfig, readEnvironment } from "./config.ts";
import { verifyAudit } from "./storage/audit_log.ts";

const HELP = `deno task audit [--verify] [--config PATH]

Shows every change of state of the box. --verify checks that no line of the audit log was changed,
left out or put in, and prints the newest hash; exit code 1 where the chain does not hold.
`;

/** What to print, and the exit code. */
export function auditCommand(
  args: readonly string[],
  { read }: { readonly read: () => string },
): { readonly text: string; readonly code: number } {
  if (args.includes("--help")) return { text: HELP, code: 0 };
  const text = read();
  if (!args.includes("--verify")) {
    return { text: text === "" ? "Nothing has changed\n" : text, code: 0 };
  }
  const { lines, head, faults } = verifyAudit(text);
  return faults.length === 0
    ? { text: `${lines} lines, every link holds; newest hash ${head}\n`, code: 0 }
    : { text: `${faults.join("\n")}\n${lines} lines, the chain does not hold\n`, code: 1 };
}

function readAudit(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

if (import.meta.main) {
  const env = readEnvironment();
  const config = () => loadConfig({ path: configPath(Deno.args, env), env });
  const { text, code } = auditCommand(Deno.args, {
    read: () => readAudit(join(config().state.folder, "audit.jsonl")),
  });
  await Deno.stdout.write(new TextEncoder().encode(text));
  Deno.exit(code);
}
