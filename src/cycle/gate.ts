/**
 * The gate: has the plant settled since the last move? Off unless the strategy asks for it.
 *
 * For each watched variable the R-statistic compares two estimates of one variance: from the
 * distance to a moving mean, which grows while the variable drifts, and from the difference between
 * neighbours, which does not. Settled, R is near 1.
 *
 *     v² ← λ2 (x − m)² + (1 − λ2) v²     m the filtered mean before x
 *     m  ← λ1 x + (1 − λ1) m
 *     d² ← λ3 (x − x′)² + (1 − λ3) d²    x′ the reading before x
 *     R = (2 − λ1) v² / d²
 *
 * S. Cao, R. R. Rhinehart, Journal of Process Control 5 (1995) 363-374.
 */

import type { SteadyStateRule, Strategy } from "../strategy/strategy.ts";
import type { Snapshot } from "./snapshot.ts";

/** The filters of one watched variable. */
export interface Settling {
  readonly value: number;
  readonly mean: number;
  /** v² and d² above. */
  readonly variance: number;
  readonly differences: number;
  /** Of the newest reading; ISO 8601. */
  readonly time: string;
  /** New readings since the last move. */
  readonly readings: number;
}

export interface GateState {
  /** Operative variables as they stood after the last move. */
  readonly settings: ReadonlyMap<string, number>;
  /** When a setting last moved by more than its deadband, ISO 8601; null: not since the start. */
  readonly movedAt: string | null;
  readonly settling: ReadonlyMap<string, Settling>;
}

export const FIRST_GATE: GateState = { settings: new Map(), movedAt: null, settling: new Map() };

export interface GateVerdict {
  readonly state: GateState;
  /** Why the cycle has to wait, in words; undefined where it need not. */
  readonly unsettled: string | undefined;
  /** True where the wait has been too long: the cycle runs all the same. */
  readonly waitedEnough: boolean;
}

/** Follows the watched variables by one snapshot. */
export function passGate(
  strategy: Strategy,
  { state, snapshot }: { readonly state: GateState; readonly snapshot: Snapshot },
): GateVerdict {
  const rule = strategy.steadyState;
  if (rule === undefined) return { state: FIRST_GATE, unsettled: undefined, waitedEnough: false };
  const now = snapshot.time;
  const moved = hasMoved(strategy, { settings: state.settings, snapshot });
  const movedAt = moved ? now.toISOString() : state.movedAt;
  const settings = moved || state.settings.size === 0
    ? operativeValues(strategy, snapshot)
    : state.settings;
  const settling = new Map<string, Settling>();
  for (const name of rule.variables) {
    const before = state.settling.get(name);
    const after = followed(before, { snapshot, name, rule });
    if (after !== undefined) settling.set(name, moved ? { ...after, readings: 0 } : after);
  }
  const waitedMs = movedAt === null ? 0 : now.getTime() - Date.parse(movedAt);
  return {
    state: { settings, movedAt, settling },
    unsettled: unsettled(rule, { settling, movedAt }),
    waitedEnough: rule.maxWaitMs !== undefined && waitedMs > rule.maxWaitMs,
  };
}

/** R; 1 where nothing has varied at all. */
export function rStatistic({ variance, differences }: Settling, rule: SteadyStateRule): number {
  if (variance === 0) return 1;
  return (2 - rule.filters[0]) * variance / differences;
}

function hasMoved(
  { variables }: Strategy,
  { settings, snapshot }: {
    readonly settings: ReadonlyMap<string, number>;
    readonly snapshot: Snapshot;
  },
): boolean {
  return [...settings].some(([name, before]) => {
    const variable = variables.get(name);
    const value = snapshot.values.get(name)?.value ?? before;
    return variable?.type === "operative" && Math.abs(value - before) > variable.deadband;
  });
}

function operativeValues({ variables }: Strategy, snapshot: Snapshot): Map<string, number> {
  return new Map(
    [...snapshot.values.values()].flatMap(({ variable, value }) =>
      variables.get(variable)?.type === "operative" ? [[variable, value] as const] : []
    ),
  );
}

/** The filters after a snapshot; as before where it brings no new reading. */
function followed(
  before: Settling | undefined,
  { snapshot, name, rule }: {
    readonly snapshot: Snapshot;
    readonly name: string;
    readonly rule: SteadyStateRule;
  },
): Settling | undefined {
  const read = snapshot.values.get(name);
  if (read === undefined || read.source !== "measured" || read.source_time === null) return before;
  const { value, source_time: time } = read;
  if (before === undefined) {
    return { value, mean: value, variance: 0, differences: 0, time, readings: 1 };
  }
  if (Date.parse(time) <= Date.parse(before.time)) return before;
  const [ofMean, ofVariance, ofDifferences] = rule.filters;
  const follow = (old: number, fresh: number, weight: number) => old + weight * (fresh - old);
  return {
    value,
    mean: follow(before.mean, value, ofMean),
    variance: follow(before.variance, (value - before.mean) ** 2, ofVariance),
    differences: follow(before.differences, (value - before.value) ** 2, ofDifferences),
    time,
    readings: before.readings + 1,
  };
}

function unsettled(
  rule: SteadyStateRule,
  { settling, movedAt }: Pick<GateState, "settling" | "movedAt">,
): string | undefined {
  const reasons = rule.variables.flatMap((name) => {
    const found = settling.get(name);
    if (found === undefined) return [];
    if (movedAt !== null && found.readings < rule.readings) {
      return [`${name} has ${found.readings} of ${rule.readings} new readings`];
    }
    const ratio = rStatistic(found, rule);
    return ratio > rule.threshold
      ? [`${name} has R = ${ratio.toPrecision(3)}, at most ${rule.threshold} is settled`]
      : [];
  });
  if (reasons.length === 0) return undefined;
  const since = movedAt === null ? "" : ` since the move of ${movedAt}`;
  return `Not settled${since}: ${reasons.join("; ")}`;
}
