/** A formula of the file to its tree; what is wrong with it becomes a finding. */

import type { Finding, Path } from "./finding.ts";
import { parseFormula } from "./formula.ts";
import type { Formula } from "./strategy.ts";

/** The formula at `path`; 0 stands for one that cannot be read, and `findings` then says why. */
export function readFormula(
  text: string | number,
  { path, findings }: { readonly path: Path; readonly findings: Finding[] },
): Formula {
  const result = parseFormula(String(text));
  if (result.kind === "formula") return result.formula;
  for (const { at, length, message, expected, suggestion } of result.problems) {
    findings.push({ path, within: { at, length }, message, expected, suggestion });
  }
  return { kind: "number", value: 0, at: 0 };
}
