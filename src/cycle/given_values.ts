/** Values that a request gives in place of live ones: which of them cannot be, and why. */

import { nearName } from "../near_name.ts";
import type { Strategy } from "../strategy/strategy.ts";

export interface WrongValue {
  readonly variable: string;
  /** True: the strategy has no such live value at all. */
  readonly unknown: boolean;
  /** A sentence with the cure. */
  readonly detail: string;
}

/** Every given value that is not a live value of the strategy or lies outside its valid range. */
export function wrongValues(
  strategy: Strategy,
  given: Readonly<Record<string, number>>,
): WrongValue[] {
  const live = [...strategy.variables.values()]
    .filter(({ type }) => type === "operative" || type === "informative")
    .map(({ name }) => name);
  const wrong: WrongValue[] = [];
  for (const [name, value] of Object.entries(given)) {
    const variable = strategy.variables.get(name);
    if (variable === undefined) {
      const near = nearName(name, live);
      const cure = near === undefined ? "" : `; did you mean ${near}?`;
      const detail = `${name} is not a variable of ${strategy.name}${cure}`;
      wrong.push({ variable: name, unknown: true, detail });
    } else if (variable.type !== "operative" && variable.type !== "informative") {
      const detail = `${name} is a ${variable.type} variable: it is computed and cannot be given`;
      wrong.push({ variable: name, unknown: true, detail });
    } else if (variable.valid !== undefined) {
      const [low, high] = variable.valid;
      if (value >= low && value <= high) continue;
      const detail = `${name} is ${value} ${variable.unit}; valid are ${low} to ${high}`;
      wrong.push({ variable: name, unknown: false, detail });
    }
  }
  return wrong;
}
