/** `deno task config-reference`: every key of the configuration file. */

import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import type { Terminal } from "./command.ts";
import { configSchemaJson, referenceMarkdown, referenceRows } from "./config_reference.ts";

const HELP = `deno task config-reference [--schema]

Prints every key of the configuration file as Markdown: type, default, unit, meaning.

  --schema   print the JSON Schema instead, for editors: kept in a file, its path goes into the first
             line of a configuration, as in: # yaml-language-server: $schema=config.schema.json
  --help     print this
`;

export function configReferenceCommand(args: readonly string[], { say }: Terminal): number {
  const { values } = parseArgs({
    args: [...args],
    options: { schema: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help === true) say(HELP);
  else if (values.schema === true) say(JSON.stringify(configSchemaJson(), null, 2));
  else say(referenceMarkdown(referenceRows()));
  return 0;
}

if (import.meta.main) {
  Deno.exit(
    await runCommand(
      () => Promise.resolve(configReferenceCommand(Deno.args, { say: console.log })),
      { help: HELP },
    ),
  );
}
