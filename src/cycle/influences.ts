/** What would move the answer: per setting, and for the objective, the values that move it most. */

import type { Program, ProgramVariable } from "../solve/program.ts";
import { sensitivity } from "../solve/sensitivity.ts";
import type { Influence as Slope } from "../solve/sensitivity.ts";
import type { Binding, Optimum } from "../solve/shadow_prices.ts";
import { SolverProcessError } from "../solve/solver_process.ts";
import type { Solver } from "../solve/solver.ts";
import type { Strategy } from "../strategy/strategy.ts";
import type { LoadedOptimizer } from "./plan.ts";
import type { Influence, Influences } from "./recommendation.ts";
import { deviation } from "./spreads.ts";
import type { Spread } from "./spreads.ts";

/** Values that are told per setting at most. */
const MOST = 5;
/** A setting that a typical change moves by less than this share of its scale is not moved. */
const MOVES = 1e-4;
/** Without enough readings a typical change is this share of the valid range. */
const SHARE_OF_RANGE = 0.1;
/** With neither of them it is this share of the value. */
const SHARE_OF_VALUE = 0.05;

export interface InfluenceSources {
  readonly optimum: Optimum;
  /** Values at the cycle's start, by name. */
  readonly measured: ReadonlyMap<string, number>;
  readonly spreads: ReadonlyMap<string, Spread>;
}

/** A solver that breaks after it has given its answer costs what is told of it, no more. */
export async function influencesOf(
  solver: Solver,
  { optimizer, sources }: {
    readonly optimizer: LoadedOptimizer;
    readonly sources: InfluenceSources;
  },
): Promise<Influences> {
  const { main: loaded } = optimizer.ladder;
  const { wide } = optimizer;
  if (wide === undefined) {
    return nothing(optimizer, "The answer depends on no value, or on too many to be followed");
  }
  try {
    const found = await sensitivity(solver, { loaded, wide, optimum: sources.optimum });
    return found === undefined
      ? nothing(optimizer, "The optimum is degenerate: no single settings follow from the values")
      : told(optimizer, { slopes: found.byVariable, edges: found.edges, sources });
  } catch (error) {
    if (!(error instanceof SolverProcessError)) throw error;
    return nothing(optimizer, `The solver gave no answer: ${error.message}`);
  }
}

function nothing({ skill }: LoadedOptimizer, reason: string): Influences {
  const objective = { unit: skill.objectiveUnit, moved_by: [] };
  return { optimizer: skill.name, reason, one_sided: [], settings: [], objective };
}

function told(
  { skill, variables, ladder: { program } }: LoadedOptimizer,
  { slopes, edges, sources }: {
    readonly slopes: ReadonlyMap<string, Slope>;
    readonly edges: readonly Binding[];
    readonly sources: InfluenceSources;
  },
): Influences {
  const own = new Set(program.variables.flatMap(({ name, group }) => group?.members ?? [name]));
  // A setting's own measured value is nothing from outside.
  const outside = [...slopes].filter(([name]) => !own.has(name));
  const ranked = (
    { unit, least, slopeOf }: {
      readonly unit: string;
      readonly least: number;
      readonly slopeOf: (slope: Slope) => number;
    },
  ): Influence[] =>
    outside
      .map(([name, slope]) =>
        influence(name, { unit, perUnit: slopeOf(slope), variables, sources })
      )
      .filter(({ moves }) => Number.isFinite(moves) && Math.abs(moves) > least)
      .toSorted((a, b) => Math.abs(b.moves) - Math.abs(a.moves))
      .slice(0, MOST);
  return {
    optimizer: skill.name,
    reason: null,
    one_sided: edges.map((edge) => nameOf(program, edge)),
    settings: program.variables.map(({ name, unit, scale }, i) => ({
      ...{ variable: name, unit },
      moved_by: ranked({ unit, least: MOVES * scale, slopeOf: ({ settings }) => settings[i]! }),
    })),
    objective: {
      unit: skill.objectiveUnit,
      moved_by: ranked({
        unit: skill.objectiveUnit,
        least: MOVES * program.objectiveScale,
        slopeOf: ({ objective }) => program.sense * objective,
      }),
    },
  };
}

function influence(
  name: string,
  { unit, perUnit, variables, sources }: {
    readonly unit: string;
    readonly perUnit: number;
    readonly variables: Strategy["variables"];
    readonly sources: InfluenceSources;
  },
): Influence {
  const variable = variables.get(name)!;
  const value = sources.measured.get(name)!;
  const { change, from } = typicalChange(name, { value, variables, sources });
  return {
    ...{ variable: name, unit: variable.unit, value },
    per_unit: perUnit,
    per_unit_unit: variable.unit === "" ? unit : `(${unit}) per ${variable.unit}`,
    ...{ typical_change: change, typical_from: from, moves: perUnit * change },
  };
}

function typicalChange(
  name: string,
  { value, variables, sources: { spreads } }: {
    readonly value: number;
    readonly variables: Strategy["variables"];
    readonly sources: InfluenceSources;
  },
): { readonly change: number; readonly from: Influence["typical_from"] } {
  const recent = deviation(spreads.get(name));
  if (recent !== undefined) return { change: recent, from: "recent readings" };
  const variable = variables.get(name)!;
  const range = "valid" in variable ? variable.valid : undefined;
  return range !== undefined && Number.isFinite(range[1] - range[0])
    ? { change: SHARE_OF_RANGE * (range[1] - range[0]), from: "valid range" }
    : { change: SHARE_OF_VALUE * Math.abs(value), from: "value" };
}

function nameOf({ rows, variables }: Program, { kind, index, side }: Binding): string {
  if (kind === "row") return rows[index]!.name;
  const { name }: ProgramVariable = variables[index]!;
  return `${name}: ${side} end of its reach`;
}
