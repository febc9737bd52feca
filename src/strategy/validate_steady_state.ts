/** Rules of the gate: what it watches must be live values. */

import type { Finding } from "./finding.ts";
import type { KnownFaults } from "./known_faults.ts";
import { nearName } from "../near_name.ts";
import type { Strategy } from "./strategy.ts";

/** What is wrong with the variables that `steady_state` watches. */
export function checkSteadyState(
  { steadyState, variables }: Strategy,
  known: KnownFaults,
): Finding[] {
  return (steadyState?.variables ?? []).flatMap((name, i): Finding[] => {
    const variable = variables.get(name);
    const path = ["steady_state", "variables", i];
    if (variable?.type === "operative" || variable?.type === "informative") return [];
    if (variable !== undefined) {
      return [{
        path,
        message: `"${name}" is ${variable.type}, so nothing measures it`,
        expected: "an operative or informative variable",
      }];
    }
    if (known.broken.has(name)) return [];
    const near = nearName(name, variables.keys());
    return [{
      path,
      message: `There is no variable "${name}"`,
      expected: "an operative or informative variable",
      ...(near === undefined ? {} : { suggestion: `Did you mean "${near}"?` }),
    }];
  });
}
