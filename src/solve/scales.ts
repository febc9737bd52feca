/**
 * Typical sizes, so that IPOPT sees numbers near 1 whatever the units.
 *
 * - a variable: its larger move limit or the distance between its bounds, whichever is smaller;
 * - a row: the distance between its limits, else the size of its one limit, else its typical change;
 * - the objective: its typical change.
 *
 * A typical change is the largest one when a single variable, from the middle of the box, moves by
 * its scale. Parameters are not known yet, so typical ones stand in; only the order of magnitude
 * counts.
 */

import { evaluate, evaluateInstruction, type Point } from "../model/evaluate.ts";
import { operandsOf } from "../model/operands.ts";
import type { Tape, TapeElement } from "../model/tape.ts";
import type { OperativeVariable, Strategy } from "../strategy/strategy.ts";
import type { ParameterSource, ProgramVariable } from "./program.ts";

/** In the variable's unit. */
export function variableScale({ bounds: [lower, upper], maxMove }: OperativeVariable): number {
  const move = maxMove === undefined ? 0 : Math.max(maxMove.up, maxMove.down);
  return move > 0 ? Math.min(move, upper - lower) : upper - lower;
}

/** In the row's unit; undefined where its limits say nothing about its size: one limit of 0. */
export function rowScale(lower: number, upper: number): number | undefined {
  const distance = upper - lower;
  if (Number.isFinite(distance) && distance > 0) return distance;
  const limit = Math.abs(Number.isFinite(lower) ? lower : upper);
  return Number.isFinite(limit) && limit > 0 ? limit : undefined;
}

/** The middle of the box and parameters that stand in for those of a solve. */
export function typicalState(
  strategy: Strategy,
  { variables, parameters }: {
    readonly variables: readonly ProgramVariable[];
    readonly parameters: readonly ParameterSource[];
  },
): { readonly x: Float64Array; readonly p: Float64Array } {
  return {
    x: Float64Array.from(variables, ({ bounds: [lower, upper] }) => (lower + upper) / 2),
    p: Float64Array.from(parameters, (source) => typicalValue(strategy, source)),
  };
}

/** Parts of a variable's scale by which it moves: half of it to either side stays in the box. */
const steps = [-0.5, 0.5];
/** The same, so small that a function is nearly a straight line over them. */
const smallSteps = [-0.005, 0.005];
/**
 * A typical change is at most this many times what the slope says. Without it a row with exp(x) and
 * x in [0, 100] has a scale of 1e22, in which no violation shows.
 */
const MOST_OF_SLOPE = 100;

/**
 * Typical changes of places of a tape around a state, each in its own unit; 1 where nothing moves a
 * place or it has no finite value there.
 */
export function typicalChanges(
  tape: Tape,
  { places, variables, state: { x, p } }: {
    readonly places: readonly TapeElement[];
    readonly variables: readonly Pick<ProgramVariable, "scale">[];
    readonly state: { readonly x: Float64Array; readonly p: Float64Array };
  },
): number[] {
  const base = evaluate(tape, x, p);
  const read = (results: readonly Float64Array[]) =>
    places.map(({ node, element }) => results[node]?.[element] ?? NaN);
  const here = read(base);
  const largest = places.map(() => 0);
  const changesOver = (parts: readonly number[], { scale, i }: { scale: number; i: number }) => {
    const most = places.map(() => 0);
    for (const part of parts) {
      const moved = Float64Array.from(x);
      moved[i] = (moved[i] ?? 0) + part * scale;
      read(movedFrom(base, { tape, i, point: { x: moved, p } })).forEach((value, k) => {
        const change = Math.abs((value - (here[k] ?? NaN)) / part);
        if (Number.isFinite(change)) most[k] = Math.max(most[k] ?? 0, change);
      });
    }
    return most;
  };
  variables.forEach(({ scale }, i) => {
    const bySlope = changesOver(smallSteps, { scale, i });
    changesOver(steps, { scale, i }).forEach((change, k) => {
      const slope = bySlope[k] ?? 0;
      // No change at all: flat, or without a value half a scale away, as log(x) may be.
      const most = slope > 0 ? MOST_OF_SLOPE * slope : Infinity;
      largest[k] = Math.max(largest[k] ?? 0, change > 0 ? Math.min(change, most) : slope);
    });
  });
  return largest.map((change) => change > 0 ? change : 1);
}

/** What `base` becomes where variable i alone has moved: only what depends on it is evaluated again. */
function movedFrom(
  base: readonly Float64Array[],
  { tape, i, point }: { readonly tape: Tape; readonly i: number; readonly point: Point },
): Float64Array[] {
  const results = [...base];
  const hasMoved = new Uint8Array(base.length);
  tape.instructions.forEach((instruction, node) => {
    const moves = instruction.op === "input"
      ? instruction.indices.includes(i)
      : operandsOf(instruction).some((operand) => hasMoved[operand] === 1);
    if (!moves) return;
    hasMoved[node] = 1;
    results[node] = evaluateInstruction(instruction, results, point);
  });
  return results;
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
