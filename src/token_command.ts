/** `deno task token`: makes a token, shows it once, and prints what goes into the configuration. */

import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import { newToken, ROLES } from "./http/access.ts";

const HELP = `deno task token --name NAME --role ROLE

Makes a bearer token. ROLE is one of ${ROLES.join(", ")}; each may do what those before it may.
The token itself is shown once and kept nowhere; the configuration holds its hash.

  --name NAME   who holds it: letters, digits, dots and hyphens
  --role ROLE   what it may do
  --help        print this
`;

/** What to print, and the exit code. */
export function tokenCommand(
  args: readonly string[],
): { readonly text: string; readonly code: number } {
  const { values } = parseArgs({
    args: [...args],
    options: { name: { type: "string" }, role: { type: "string" }, help: { type: "boolean" } },
  });
  const { name } = values;
  const role = ROLES.find((known) => known === values.role);
  if (values.help === true) return { text: HELP, code: 0 };
  if (name === undefined || !/^[\w.-]+$/.test(name) || role === undefined) {
    const wrong = name !== undefined && !/^[\w.-]+$/.test(name)
      ? `"${name}" is no name: letters, digits, dots and hyphens\n\n`
      : values.role !== undefined && role === undefined
      ? `"${values.role}" is no role: ${ROLES.join(", ")}\n\n`
      : "";
    return { text: `${wrong}${HELP}`, code: 2 };
  }
  const { text, sha256 } = newToken();
  return {
    text: `Token for its owner, shown this once:\n\n  ${text}\n\nFor the configuration file:\n\n` +
      `api:\n  tokens:\n    - { name: ${name}, role: ${role}, sha256: ${sha256} }\n`,
    code: 0,
  };
}

if (import.meta.main) {
  const run = async () => {
    const { text, code } = tokenCommand(Deno.args);
    await Deno.stdout.write(new TextEncoder().encode(text));
    return code;
  };
  Deno.exit(await runCommand(run, { help: HELP }));
}
