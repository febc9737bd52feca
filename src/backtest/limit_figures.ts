/** How often and how far limits are broken and bind. */

import { excessOf } from "./layout.ts";
import type { Layout, LimitPlace } from "./layout.ts";
import { isAnswer } from "./moment_result.ts";
import type { LimitResult, MomentResult } from "./moment_result.ts";
import { meanOf } from "./statistics.ts";

/** The three ways in which a limit is looked at; see `LimitResult`. */
export type LimitView = keyof LimitResult;

export interface Broken {
  /** Moments at which the limit has a value. */
  readonly known: number;
  readonly count: number;
  /** By how much, in the limit's unit, at the moments that break it; 0 where none does. */
  readonly mean: number;
  readonly worst: number;
}

export interface LimitFigures {
  readonly limit: LimitPlace;
  readonly broken: Readonly<Record<LimitView, Broken>>;
}

/** A limit, or the end of a setting's reach, on which the optimum lies. */
export interface BindingFigures {
  readonly limit: string;
  readonly of: "constraint" | "setting";
  readonly count: number;
  /** Of the moments with an answer. */
  readonly share: number;
  /** Over the moments at which it has a price of its own; undefined where it never has. */
  readonly meanPrice: number | undefined;
  readonly mostPrice: number | undefined;
  readonly priceUnit: string;
}

/** Moments at which any limit is broken. */
export type AnyLimit = Readonly<
  Record<LimitView, { readonly known: number; readonly count: number }>
>;

const VIEWS: readonly LimitView[] = ["measured", "now", "expected"];

export function limitFigures(
  { limits }: Layout,
  results: readonly MomentResult[],
): {
  readonly limits: readonly LimitFigures[];
  readonly anyLimit: AnyLimit;
  readonly binding: readonly BindingFigures[];
} {
  const of = <Value>(value: (view: LimitView) => Value) =>
    Object.fromEntries(VIEWS.map((view) => [view, value(view)])) as Record<LimitView, Value>;
  return {
    limits: limits.map((limit, i) => ({
      limit,
      broken: of((view) => brokenOf(limit, results.map((one) => one.limits[i]?.[view] ?? null))),
    })),
    anyLimit: of((view) => ({
      known: results.filter((one) => one.limits.some((limit) => limit[view] !== null)).length,
      count:
        results.filter((one) =>
          limits.some((limit, i) => excessOf(limit, one.limits[i]?.[view] ?? null) > 0)
        ).length,
    })),
    binding: bindingFigures(results.filter(isAnswer)),
  };
}

function brokenOf(limit: LimitPlace, values: readonly (number | null)[]): Broken {
  const excesses = values.map((value) => excessOf(limit, value)).filter((excess) => excess > 0);
  return {
    known: values.filter((value) => value !== null).length,
    count: excesses.length,
    mean: meanOf(excesses),
    worst: excesses.reduce((most, excess) => Math.max(most, excess), 0),
  };
}

function bindingFigures(answered: readonly MomentResult[]): BindingFigures[] {
  const bound = answered.flatMap(({ binding }) => binding);
  return [...Map.groupBy(bound, ({ limit, side }) => `${limit} ${side}`).values()].map((group) => {
    const { limit, of, side, priceUnit } = group[0]!;
    const prices = group.flatMap(({ price }) => price ?? []);
    return {
      limit: of === "constraint" ? `${limit}, ${side}` : limit,
      of,
      count: group.length,
      share: group.length / answered.length,
      meanPrice: prices.length === 0 ? undefined : meanOf(prices),
      mostPrice: prices.length === 0 ? undefined : prices.reduce((a, b) => Math.max(a, b)),
      priceUnit,
    };
  }).toSorted((a, b) => b.count - a.count || a.limit.localeCompare(b.limit, "en"));
}
