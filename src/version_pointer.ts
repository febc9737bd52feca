/** The file that says which version of a strategy is in force. */

import { ConfigError } from "./config.ts";
import { wrongValue } from "./config_problems.ts";
import { pointerSchema } from "./config_schema.ts";
import { readText } from "./config_text.ts";

/** What `strategy_version.yaml` says: the version in force, and the folder that holds it if it names one. */
export interface VersionPointer {
  readonly version: string;
  readonly folder: string | undefined;
}

/** Reads `strategy_version.yaml`; throws `ConfigError` when there is no version in it. */
export function parseVersionPointer(text: string, path: string): VersionPointer {
  const placed = readText(text, {});
  const checked = pointerSchema.safeParse(placed.value, { reportInput: true });
  const problems = [
    ...placed.problems,
    ...(placed.problems.length > 0 ? [] : checked.error?.issues ?? []).map((issue) =>
      placed.problemAt(issue.path, wrongValue(issue))
    ),
  ];
  if (problems.length > 0 || !checked.data) throw new ConfigError(path, problems);
  return { version: String(checked.data.version), folder: checked.data.folder };
}
