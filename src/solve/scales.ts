/**
 * Typical sizes, so that IPOPT sees numbers near 1 whatever the units.
 *
 * - a variable: its larger move limit, else the distance between its bounds;
 * - a row: the distance between its limits, else the size of its one limit, else 1;
 * - the objective: its largest change when one variable, from the middle of the box, moves by its
 *   scale. Parameters are not known yet, so typical ones stand in; only the order of magnitude counts.
 */

import { evaluate } from "../model/evaluate.ts";
import type { Tape, TapeElement } from "../model/tape.ts";
import type { OperativeVariable, Strategy } from "../strategy/strategy.ts";
import type { ParameterSource, ProgramVariable } from "./program.ts";

/** In the variable's unit. */
export function variableScale({ bounds: [lower, upper], maxMove }: OperativeVariable): number {
  const move = maxMove === undefined ? 0 : Math.max(maxMove.up, maxMove.down);
  return move > 0 ? move : upper - lower;
}

/** In the row's unit; infinite limits are none. */
export function rowScale(lower: number, upper: number): number {
  const distance = upper - lower;
  if (Number.isFinite(distance) && distance > 0) return distance;
  const limit = Math.abs(Number.isFinite(lower) ? lower : upper);
  return Number.isFinite(limit) && limit > 0 ? limit : 1;
}

/** Part of a variable's scale over which the objective's slope is taken. */
const step = 1e-3;

/** In the objective's unit; 1 where the objective has no finite slope in the middle of the box. */
export function objectiveScale(
  { tape, objective }: { readonly tape: Tape; readonly objective: TapeElement },
  { strategy, variables, parameters }: {
    readonly strategy: Strategy;
    readonly variables: readonly ProgramVariable[];
    readonly parameters: readonly ParameterSource[];
  },
): number {
  const p = Float64Array.from(parameters, (source) => typicalValue(strategy, source));
  const middle = Float64Array.from(variables, ({ bounds: [lower, upper] }) => (lower + upper) / 2);
  const at = (x: Float64Array) => evaluate(tape, x, p)[objective.node]?.[objective.element] ?? NaN;
  const value = at(middle);
  let largest = 0;
  variables.forEach(({ scale }, i) => {
    const x = Float64Array.from(middle);
    x[i] = (x[i] ?? 0) + step * scale;
    const change = Math.abs(at(x) - value) / step;
    if (Number.isFinite(change)) largest = Math.max(largest, change);
  });
  return largest > 0 ? largest : 1;
}

function typicalValue(strategy: Strategy, { kind, variable: name }: ParameterSource): number {
  if (kind === "bias") return 0;
  const variable = strategy.variables.get(name);
  switch (variable?.type) {
    case "operative":
      return (variable.bounds[0] + variable.bounds[1]) / 2;
    case "informative": {
      if (variable.onBad.kind === "default") return variable.onBad.value;
      return variable.valid === undefined ? 1 : (variable.valid[0] + variable.valid[1]) / 2;
    }
    case "predicted": {
      const tag = variable.measuredBy;
      return tag !== undefined && strategy.variables.get(tag)?.type === "informative"
        ? typicalValue(strategy, { kind: "value", variable: tag })
        : 1;
    }
    default:
      return 1;
  }
}
