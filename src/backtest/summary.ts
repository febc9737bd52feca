/** The figures of one strategy over all moments: what the report says, as numbers. */

import type { CycleStatus } from "../cycle/recommendation.ts";
import { excessOf } from "./layout.ts";
import type { Layout } from "./layout.ts";
import { limitFigures } from "./limit_figures.ts";
import type { AnyLimit, BindingFigures, LimitFigures } from "./limit_figures.ts";
import { modelFigures } from "./model_figures.ts";
import type { ModelFigures } from "./model_figures.ts";
import { isAnswer } from "./moment_result.ts";
import type { MomentResult } from "./moment_result.ts";
import { moveFigures } from "./move_figures.ts";
import type { MoveFigures } from "./move_figures.ts";
import { distributionOf, meanOf, quantileOf } from "./statistics.ts";
import type { Distribution, Point } from "./statistics.ts";
import { casesOf } from "./worst_cases.ts";
import type { CaseGroup } from "./worst_cases.ts";

export interface Summary {
  readonly layout: Layout;
  readonly count: number;
  /** The first and the last moment, in milliseconds since 1970. */
  readonly span: readonly [number, number];
  /** The usual time between two moments, in milliseconds. */
  readonly stepMs: number;
  /** All moments with an answer, each until the next one but at most twice the usual step. */
  readonly hours: number;
  readonly statuses: ReadonlyMap<CycleStatus, number>;
  readonly reasons: readonly ReasonCount[];
  readonly warnings: readonly ReasonCount[];
  readonly gain: GainFigures | undefined;
  readonly limits: readonly LimitFigures[];
  readonly anyLimit: AnyLimit;
  readonly binding: readonly BindingFigures[];
  readonly moves: readonly MoveFigures[];
  readonly models: readonly ModelFigures[];
  readonly cases: readonly CaseGroup[];
  /** Gains by moment, in time order. */
  readonly gains: readonly Point[];
  /** Solver time per moment, in milliseconds; of the machine, not of the answer. */
  readonly solverMs: Distribution | undefined;
}

/** Why cycles had no answer, or what they warned of; numbers in the text count as alike. */
export interface ReasonCount {
  /** As the first moment says it. */
  readonly text: string;
  readonly count: number;
  readonly first: number;
}

/** In the objective's unit; positive is better. */
export interface GainFigures {
  readonly all: Distribution;
  /** Where the record kept every limit, as predicted; where it broke one. */
  readonly kept: Distribution | undefined;
  readonly broken: Distribution | undefined;
  readonly betterShare: number;
  /** Means over the moments with an answer. */
  readonly now: number;
  readonly expected: number;
  /** With measurements in place of predictions; undefined where they lack. */
  readonly measured: number | undefined;
  /** Sum of gain times hours. */
  readonly gainHours: number;
}

export function summaryOf(layout: Layout, results: readonly MomentResult[]): Summary {
  const answered = results.filter(isAnswer);
  const gains = answered.map(({ time, objective }) => ({ time, value: objective!.gain }));
  const stepMs = usualStep(results);
  const hours = hoursOf(results, stepMs);
  return {
    layout,
    count: results.length,
    span: [results[0]?.time ?? 0, results.at(-1)?.time ?? 0],
    stepMs,
    hours: results.reduce((sum, one, i) => isAnswer(one) ? sum + hours[i]! : sum, 0),
    statuses: new Map(
      [...Map.groupBy(results, ({ status }) => status)].map(([status, of]) => [status, of.length]),
    ),
    reasons: countedTexts(
      results.flatMap((one) => one.reason === null ? [] : [{ one, text: one.reason }]),
    ),
    warnings: countedTexts(
      results.flatMap((one) => one.warnings.map((text) => ({ one, text }))),
    ),
    gain: gainFigures(answered, {
      layout,
      gainHours: results.reduce(
        (sum, one, i) => isAnswer(one) ? sum + one.objective!.gain * hours[i]! : sum,
        0,
      ),
    }),
    ...limitFigures(layout, results),
    moves: moveFigures(layout, answered),
    models: modelFigures(layout, results),
    cases: casesOf(layout, results),
    gains,
    solverMs: distributionOf(results.filter(({ outcome }) => outcome !== null).map(({ ms }) => ms)),
  };
}

/** Whether the recorded settings break a limit, as predicted. */
export function recordBreaks({ limits }: Layout, result: MomentResult): boolean {
  return limits.some((limit, i) => excessOf(limit, result.limits[i]?.now ?? null) > 0);
}

function gainFigures(
  answered: readonly MomentResult[],
  { layout, gainHours }: { readonly layout: Layout; readonly gainHours: number },
): GainFigures | undefined {
  const gainsOf = (some: readonly MomentResult[]) => some.map(({ objective }) => objective!.gain);
  const all = distributionOf(gainsOf(answered));
  if (all === undefined) return undefined;
  const measured = answered.flatMap(({ objective }) => objective!.measured ?? []);
  return {
    all,
    kept: distributionOf(gainsOf(answered.filter((one) => !recordBreaks(layout, one)))),
    broken: distributionOf(gainsOf(answered.filter((one) => recordBreaks(layout, one)))),
    betterShare: answered.filter(({ objective }) => objective!.gain > 0).length / answered.length,
    now: meanOf(answered.map(({ objective }) => objective!.now)),
    expected: meanOf(answered.map(({ objective }) => objective!.expected)),
    measured: measured.length === 0 ? undefined : meanOf(measured),
    gainHours,
  };
}

/** The median time between neighbours; 0 for fewer than two moments. */
function usualStep(results: readonly MomentResult[]): number {
  const steps = results.slice(1).map(({ time }, i) => time - results[i]!.time);
  return steps.length === 0 ? 0 : quantileOf(Float64Array.from(steps).sort(), 0.5);
}

/** How long each moment stands: until the next one, but not over a gap in the record. */
function hoursOf(results: readonly MomentResult[], stepMs: number): number[] {
  return results.map(({ time }, i) => {
    const next = results[i + 1]?.time ?? time + stepMs;
    return Math.min(next - time, 2 * stepMs) / 3_600_000;
  });
}

function countedTexts(
  said: readonly { readonly one: MomentResult; readonly text: string }[],
): ReasonCount[] {
  const alike = (text: string) => text.replace(/-?\d+(\.\d+)?(e[-+]?\d+)?/g, "…");
  return [...Map.groupBy(said, ({ text }) => alike(text)).values()]
    .map((of) => {
      const { one, text } = of[0]!;
      return { text, count: of.length, first: one.time };
    })
    .toSorted((a, b) => b.count - a.count || a.first - b.first);
}
