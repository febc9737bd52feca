/** A variable's past as a chart wants it: every series on one grid of buckets, least, mean, largest. */

import type { Constraint, Strategy, Variable } from "../strategy/strategy.ts";
import type { CycleHistory, Series, SeriesKind } from "./cycle_history.ts";
import { OBJECTIVE } from "./cycle_history.ts";
import type { Desk } from "./desk.ts";

export interface TrendSeries {
  readonly kind: SeriesKind;
  readonly source: "values" | "cycles";
  readonly min: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

export interface Trend {
  readonly bucketMs: number;
  /** UTC milliseconds of the middle of every bucket that holds something, and of each hole's first. */
  readonly times: readonly number[];
  readonly series: readonly TrendSeries[];
  /** Why the database's values are missing; null where they are not. */
  readonly fault: string | null;
}

export interface TrendQuestion {
  readonly variable: string;
  readonly from: Date;
  readonly to: Date;
  readonly buckets: number;
}

interface Bucket {
  min: number;
  max: number;
  sum: number;
  count: number;
}

type Filled = Map<number, Bucket>;

const FROM_CYCLES: readonly SeriesKind[] = ["recommended", "predicted", "expected"];

/** The measured past from the database, the rest from past cycles; never throws for the database. */
export async function trendOf(
  { variable, from, to, buckets }: TrendQuestion,
  { strategy, history, measured }: {
    readonly strategy: Strategy;
    readonly history: CycleHistory;
    readonly measured: Desk["history"] | undefined;
  },
): Promise<Trend> {
  const fromMs = from.getTime();
  const bucketMs = (to.getTime() - fromMs) / buckets;
  const tag = tagOf(strategy.variables.get(variable));
  let fault: string | null = null;
  let values: Filled | undefined;
  if (tag !== undefined && measured !== undefined) {
    try {
      const found = await measured({ tag, from, to, buckets });
      values = found && new Map(found.map(({ bucket, min, max, mean, count }) => [
        bucket,
        { min, max, sum: mean * count, count },
      ]));
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error);
    }
  }
  const ofCycles = (kind: SeriesKind, name = variable) =>
    inBuckets(history.series(name, { kind, fromMs, toMs: to.getTime() }), { fromMs, bucketMs });
  const found: { kind: SeriesKind; source: TrendSeries["source"]; filled: Filled }[] = [];
  // A database without this tag's past, or away: one value per cycle is still there.
  if (values !== undefined && values.size > 0) {
    found.push({ kind: "measured", source: "values", filled: values });
  } else if (tag !== undefined) {
    found.push({ kind: "measured", source: "cycles", filled: ofCycles("measured", tag) });
  }
  for (const kind of FROM_CYCLES) found.push({ kind, source: "cycles", filled: ofCycles(kind) });

  const known = new Set(found.flatMap(({ filled }) => [...filled.keys()]));
  // One empty bucket at the start of every hole, so that a chart can leave it open.
  const ends = [...known].map((bucket) => bucket + 1).filter((bucket) => bucket < buckets);
  const used = [...known.union(new Set(ends))].toSorted((a, b) => a - b);
  return {
    bucketMs,
    times: used.map((bucket) => fromMs + (bucket + 0.5) * bucketMs),
    series: found.filter(({ filled }) => filled.size > 0).map(({ kind, source, filled }) => {
      const each = used.map((bucket) => filled.get(bucket));
      return {
        kind,
        source,
        min: each.map((bucket) => bucket?.min ?? null),
        mean: each.map((bucket) => bucket === undefined ? null : bucket.sum / bucket.count),
        max: each.map((bucket) => bucket?.max ?? null),
      };
    }),
    fault,
  };
}

/** The tag whose readings a variable's measured past is; undefined where nothing measures it. */
function tagOf(variable: Variable | undefined): string | undefined {
  switch (variable?.type) {
    case "operative":
    case "informative":
      return variable.name;
    case "predicted":
      return variable.measuredBy;
    default:
      return undefined;
  }
}

function inBuckets(
  { times, values }: Series,
  { fromMs, bucketMs }: { readonly fromMs: number; readonly bucketMs: number },
): Filled {
  const filled: Filled = new Map();
  for (const [i, time] of times.entries()) {
    const at = Math.floor((time - fromMs) / bucketMs);
    const value = values[i]!;
    const bucket = filled.get(at);
    if (bucket === undefined) filled.set(at, { min: value, max: value, sum: value, count: 1 });
    else {
      bucket.min = Math.min(bucket.min, value);
      bucket.max = Math.max(bucket.max, value);
      bucket.sum += value;
      bucket.count++;
    }
  }
  return filled;
}

/** A limit as a line in a chart of its variable. */
export interface TrendLimit {
  readonly name: string;
  readonly min: number | null;
  readonly max: number | null;
}

/** The bounds of a setting; of others the constraints that say something of the variable alone. */
export function limitsOf(strategy: Strategy, name: string): TrendLimit[] {
  const variable = strategy.variables.get(name);
  if (variable?.type === "operative") {
    return [{ name: "bounds", min: variable.bounds[0], max: variable.bounds[1] }];
  }
  return constraintsOf(strategy)
    .filter(({ expression }) => expression.kind === "variable" && expression.name === name)
    .map(({ name, min, max }) => ({ name, min: min ?? null, max: max ?? null }));
}

/** Every constraint of the strategy, once, in its order. */
export function constraintsOf(strategy: Strategy): Constraint[] {
  const all = [...strategy.skills.values()].flatMap((skill) =>
    skill.type === "constraints" ? skill.constraints : []
  );
  return [...new Map(all.map((constraint) => [constraint.name, constraint])).values()];
}

/** The unit of a variable or of the objective. */
export function unitOf(strategy: Strategy, name: string): string {
  if (name !== OBJECTIVE) return strategy.variables.get(name)?.unit ?? "";
  for (const skill of strategy.skills.values()) {
    if (skill.type === "optimizer") return skill.objectiveUnit;
  }
  return "";
}
