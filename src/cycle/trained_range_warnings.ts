/** `domain: warn` and `domain: keep`: where a state lies outside what its models were trained on. */

import { stepsOf } from "../strategy/chain.ts";
import { measuredValue } from "../strategy/measured_value.ts";
import type { Strategy } from "../strategy/strategy.ts";

/** [lower, upper] per input of a model skill, in its units; changes for a delta model. */
export type TrainedRange = readonly (readonly [number, number])[];

/** Share of a range by which rounding may leave it without a word. */
const ROUNDING = 1e-6;

/** One sentence for each input of a chain's models that lies outside its trained range. */
export function trainedRangeWarnings(
  strategy: Strategy,
  skillName: string,
  { values, measured, ranges }: {
    /** Every variable's value in the state. */
    readonly values: ReadonlyMap<string, number>;
    /** Values at the cycle's start. */
    readonly measured: ReadonlyMap<string, number>;
    /** By the name of the model skill. */
    readonly ranges: ReadonlyMap<string, TrainedRange>;
  },
): string[] {
  const start = measuredValue(strategy, measured);
  return stepsOf(strategy, skillName).flatMap((skill) => {
    if (skill.type !== "model" || skill.domain === "ignore") return [];
    const range = ranges.get(skill.name) ?? [];
    return skill.inputs.flatMap((name, i) => {
      const [lower = -Infinity, upper = Infinity] = range[i] ?? [];
      const isDelta = skill.kind === "delta";
      const value = (values.get(name) ?? NaN) - (isDelta ? start(name) : 0);
      const room = ROUNDING * (upper - lower);
      if (!(value < lower - room || value > upper + room)) return [];
      const what = isDelta ? `the change of ${name}` : name;
      const unit = strategy.variables.get(name)?.unit ?? "";
      return [
        `${skill.name}: ${what} is ${`${rounded(value)} ${unit}`.trimEnd()}, outside the ${
          rounded(lower)
        } to ` +
        `${rounded(upper)} that the model was trained on`,
      ];
    });
  });
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(6)));
}
