/**
 * From the exact optimum to settings that an operator can enter: deadband, resolution, bounds again,
 * and every constraint checked again, so that a rounded answer never breaks a limit that the exact
 * one kept.
 */

import { evaluate } from "../model/evaluate.ts";
import type { Program } from "../solve/program.ts";
import type { OperativeVariable } from "../strategy/strategy.ts";
import type { LimitedBy } from "./recommendation.ts";

/** A setting, or the total of a group of them. */
export type Movable = Pick<
  OperativeVariable,
  "name" | "unit" | "bounds" | "deadband" | "resolution"
>;

/** What an operative variable may become in this cycle. */
export interface Reach {
  readonly variable: Movable;
  readonly measured: number;
  /** Hard bounds, trained range and move limit together. */
  readonly lower: number;
  readonly upper: number;
  /** Hard bounds and trained range alone. */
  readonly bounds: readonly [number, number];
}

export interface SetPointSources {
  readonly program: Program;
  readonly parameters: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  /** One per variable of the program, in its order. */
  readonly reaches: readonly Reach[];
}

export interface SetPoints {
  /** One per variable of the program, in its order. */
  readonly point: Float64Array;
  readonly limitedBy: readonly LimitedBy[];
  readonly warnings: readonly string[];
}

/** A violation below this share of a row's scale is none. */
const TOLERANCE = 1e-6;
/** Nearer to a limit than this share of the variable's scale, that limit is what stopped it. */
const AT_LIMIT = 1e-4;

/**
 * What an operative variable may become, or why there is nothing. `bounds` are its hard bounds cut
 * to the trained range. Outside the trained range by more than one move, one move towards it is all
 * that may be done; outside the hard bounds by more than that, nothing may.
 */
export function reachOf(
  variable: OperativeVariable,
  { measured, bounds }: { readonly measured: number; readonly bounds: readonly [number, number] },
): Reach | string {
  const { up, down } = variable.maxMove ?? { up: Infinity, down: Infinity };
  const lowest = Math.max(variable.bounds[0], measured - down);
  const highest = Math.min(variable.bounds[1], measured + up);
  if (lowest > highest) {
    return `${variable.name}: measured ${measured} ${variable.unit} lies outside its bounds ` +
      `${variable.bounds[0]} to ${variable.bounds[1]} by more than one move`;
  }
  const within = (value: number) => Math.min(Math.max(value, lowest), highest);
  return { variable, measured, lower: within(bounds[0]), upper: within(bounds[1]), bounds };
}

/** Deadband, resolution, bounds and constraints applied to the exact optimum. */
export function practicalSetPoints(exact: Float64Array, sources: SetPointSources): SetPoints {
  const choices = sources.reaches.map((reach, i) =>
    choicesFor(exact[i]!, { reach, scale: sources.program.variables[i]!.scale })
  );
  const allowed = rowViolation(exact, sources) + TOLERANCE;
  const point = Float64Array.from(choices, (choice) => choice[0]!);

  const violation = stepInside(point, { choices, sources, allowed });
  if (violation > allowed) point.set(exact.map((value, i) => clip(value, sources.reaches[i]!)));
  const limitedBy = sources.reaches.map((reach, i) =>
    limitOf(reach, {
      exact: exact[i]!,
      chosen: point[i]!,
      scale: sources.program.variables[i]!.scale,
    })
  );
  return { point, limitedBy, warnings: offGrid(point, sources.reaches) };
}

/**
 * Moves a point onto other choices until its rows are kept as well as `allowed` says, where that can
 * be; returns how far they are outside. The step that helps most comes first, one that moves nothing
 * anew before one that takes a setting out of its deadband, and what proves needless is taken back:
 * an operator is asked for as few changes as will do.
 */
function stepInside(point: Float64Array, { choices, sources, allowed }: {
  readonly choices: readonly (readonly number[])[];
  readonly sources: SetPointSources;
  readonly allowed: number;
}): number {
  const stays = (i: number) => point[i] === sources.reaches[i]!.measured;
  const violationWith = (i: number, value: number) => rowViolation(point.with(i, value), sources);
  let violation = rowViolation(point, sources);
  while (violation > allowed) {
    const steps = choices.flatMap((choice, i) =>
      choice.filter((value) => value !== point[i]).map((value) => ({
        ...{ i, value, movesAnew: stays(i) },
        violation: violationWith(i, value),
      }))
    );
    const enough = steps.filter((step) => step.violation <= allowed);
    const [best] = (enough.length > 0 ? enough : steps).toSorted((a, b) =>
      enough.length > 0
        ? Number(a.movesAnew) - Number(b.movesAnew) || a.violation - b.violation
        : a.violation - b.violation
    );
    if (best === undefined || best.violation >= violation) return violation;
    point[best.i] = best.value;
    violation = best.violation;
  }
  for (const [i, [preferred]] of choices.entries()) {
    if (preferred === undefined || preferred === point[i]) continue;
    const without = violationWith(i, preferred);
    if (without > allowed) continue;
    point[i] = preferred;
    violation = without;
  }
  return violation;
}

/** One warning per variable that had to leave its resolution. */
function offGrid(point: Float64Array, reaches: readonly Reach[]): string[] {
  return reaches.flatMap(({ variable: { name, unit, resolution }, measured }, i) => {
    const value = point[i]!;
    if (resolution === undefined || value === measured) return [];
    if (onGrid(Math.round(value / resolution), resolution) === value) return [];
    return [
      `${name} is recommended finer than its resolution of ${resolution} ${unit}: no step keeps every limit`,
    ];
  });
}

/** Sum of the violations of all rows at a point, each as a share of its scale; 0 where all hold. */
export function rowViolation(
  point: Float64Array,
  { program, parameters, rowLower, rowUpper }: Omit<SetPointSources, "reaches">,
): number {
  const values = evaluate(program.tape, point, parameters);
  let sum = 0;
  for (const [i, row] of program.rows.entries()) {
    const value = values[row.output.node]![row.output.element]!;
    const outside = Math.max(rowLower[i]! - value, value - rowUpper[i]!, 0) / row.scale;
    if (Number.isNaN(outside)) return Infinity;
    sum += outside > TOLERANCE / 10 ? outside : 0;
  }
  return sum;
}

/** Values that a variable may take near its optimum, the preferred one first, the exact one last. */
function choicesFor(
  exact: number,
  { reach, scale }: { readonly reach: Reach; readonly scale: number },
): number[] {
  const { resolution, deadband } = reach.variable;
  const inside = (value: number) => value >= reach.lower && value <= reach.upper;
  const change = Math.abs(exact - reach.measured);
  const choices: number[] = [];
  if ((change < deadband || change < 1e-6 * scale) && inside(reach.measured)) {
    choices.push(reach.measured);
  }
  if (resolution !== undefined) {
    const below = onGrid(Math.floor(exact / resolution), resolution);
    const above = onGrid(Math.ceil(exact / resolution), resolution);
    const neighbours = exact - below <= above - exact ? [below, above] : [above, below];
    choices.push(...neighbours.filter(inside));
  }
  // An interior point method ends a hair inside the limits that it has reached.
  if (resolution === undefined) {
    choices.push(...[reach.lower, reach.upper].filter((l) => Math.abs(exact - l) < 1e-6 * scale));
  }
  choices.push(clip(exact, reach));
  return choices;
}

/** count · resolution without the binary tail: 851 · 0.01 is 8.51. */
export function onGrid(count: number, resolution: number): number {
  return Number((count * resolution).toPrecision(12));
}

function clip(value: number, { lower, upper }: Reach): number {
  return Math.min(Math.max(value, lower), upper);
}

/** What stopped a variable at its chosen value; `exact` is what it was before rounding. */
export function limitOf(
  reach: Reach,
  { exact, chosen, scale }: {
    readonly exact: number;
    readonly chosen: number;
    readonly scale: number;
  },
): LimitedBy {
  const { variable, measured, lower, upper, bounds } = reach;
  if (chosen === measured && Math.abs(exact - measured) > 1e-6 * scale) return "deadband";
  if (upper - exact <= AT_LIMIT * scale) {
    if (upper < bounds[1]) return "move limit up";
    return bounds[1] < variable.bounds[1] ? "trained range" : "upper bound";
  }
  if (exact - lower <= AT_LIMIT * scale) {
    if (lower > bounds[0]) return "move limit down";
    return bounds[0] > variable.bounds[0] ? "trained range" : "lower bound";
  }
  return "optimum";
}
