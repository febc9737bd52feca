/**
 * The rules between keys: what no key alone can tell. Pure; every broken rule is reported, not the
 * first one only.
 */

import type { Finding } from "./finding.ts";
import type { KnownFaults } from "./known_faults.ts";
import { checkFlow } from "./validate_flow.ts";
import { checkSettings } from "./validate_settings.ts";
import { checkSkills } from "./validate_skills.ts";
import { checkSteadyState } from "./validate_steady_state.ts";
import { checkUnits } from "./validate_units.ts";
import { checkVariables } from "./validate_variables.ts";
import type { Strategy } from "./strategy.ts";

const nothingKnown: KnownFaults = { broken: new Set(), unreadFormulas: false, unreadGroups: false };

/** Everything that is wrong with a strategy whose parts are right one by one. */
export function validate(strategy: Strategy, known: KnownFaults = nothingKnown): Finding[] {
  return [
    ...checkVariables(strategy),
    ...checkSettings(strategy, known),
    ...checkSkills(strategy, known),
    ...checkFlow(strategy, known),
    ...checkSteadyState(strategy, known),
    ...checkUnits(strategy),
  ];
}
