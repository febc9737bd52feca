/** `deno task audit`: who changed what; `--verify` holds the chain of hashes. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import { configPath, loadConfig, readEnvironment } from "./config.ts";
import { verifyAudit } from "./storage/audit_log.ts";

const HELP = `deno task audit [--verify] [--config PATH]

Shows every change of state of the box. --verify checks that no line of the audit log was changed,
left out or put in, and prints the newest hash; exit code 1 where the chain does not hold.

  --config PATH   the site's configuration (else SETPOINT_CONFIG, else the cement kiln)
  --help          print this
`;

/** What to print, and the exit code. */
export function auditCommand(
  args: readonly string[],
  { read }: { readonly read: (config: string | undefined) => string },
): { readonly text: string; readonly code: number } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      verify: { type: "boolean" },
      config: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) return { text: HELP, code: 0 };
  const text = read(values.config);
  if (values.verify !== true) {
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
  const run = async () => {
    const env = readEnvironment();
    const { text, code } = auditCommand(Deno.args, {
      read: (path) => {
        const config = loadConfig({ path: path ?? configPath([], env), env });
        return readAudit(join(config.state.folder, "audit.jsonl"));
      },
    });
    await Deno.stdout.write(new TextEncoder().encode(text));
    return code;
  };
  Deno.exit(await runCommand(run, { help: HELP }));
}
