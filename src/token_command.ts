/** `deno task token`: makes a token, shows it once, and prints what goes into the configuration. */

import { newToken, ROLES } from "./http/access.ts";

const HELP = `deno task token --name NAME --role ROLE

Makes a bearer token. ROLE is one of ${ROLES.join(", ")}; each may do what those before it may.
The token itself is shown once and kept nowhere; the configuration holds its hash.
`;

/** What to print, and the exit code. */
export function tokenCommand(
  args: readonly string[],
): { readonly text: string; readonly code: number } {
  const valueOf = (flag: string) => {
    const at = args.indexOf(flag);
    return at < 0 ? undefined : args[at + 1];
  };
  const name = valueOf("--name");
  const role = ROLES.find((known) => known === valueOf("--role"));
  if (args.includes("--help")) return { text: HELP, code: 0 };
  if (name === undefined || !/^[\w.-]+$/.test(name) || role === undefined) {
    return { text: HELP, code: 2 };
  }
  const { text, sha256 } = newToken();
  return {
    text: `Token for its owner, shown this once:\n\n  ${text}\n\nFor the configuration file:\n\n` +
      `api:\n  tokens:\n    - { name: ${name}, role: ${role}, sha256: ${sha256} }\n`,
    code: 0,
  };
}

if (import.meta.main) {
  const { text, code } = tokenCommand(Deno.args);
  await Deno.stdout.write(new TextEncoder().encode(text));
  Deno.exit(code);
}
