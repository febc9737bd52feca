/** The moments that are worth a look: where the gain, the limits or the models stand out. */

import type { Layout } from "./layout.ts";
import { isAnswer } from "./moment_result.ts";
import type { MomentResult } from "./moment_result.ts";
import { spreadOf } from "./statistics.ts";

export interface CaseGroup {
  readonly title: string;
  /** Why one should look. */
  readonly why: string;
  readonly cases: readonly {
    /** The moment, in milliseconds since 1970. */
    readonly time: number;
    /** What stands out, in its unit; or the reason. */
    readonly what: CaseFigure | string;
  }[];
}

export interface CaseFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** Of a cycle that ended well and has no objective. */
const NO_OPTIMIZER = "no optimizer ran, as the strategy's condition for it did not hold";
/** Cases of each kind. */
const MOST = 5;

/** Groups without a case are left out; ties go to the earlier moment. */
export function casesOf(layout: Layout, results: readonly MomentResult[]): CaseGroup[] {
  const answered = results.filter(isAnswer);
  const unit = layout.objective?.unit ?? "";
  const gains = answered.map(({ time, objective }) => ({
    time,
    rank: objective!.gain,
    what: { name: "gain", value: objective!.gain, unit },
  }));
  const groups: CaseGroup[] = [
    {
      title: "Largest gains",
      why: "The best of the backtest; also where a model may promise too much.",
      cases: highest(gains),
    },
    {
      title: "Smallest gains",
      why:
        "Below zero the way back inside a limit, or a penalty, counted for more than the objective.",
      cases: highest(gains.map((gain) => ({ ...gain, rank: -gain.rank }))),
    },
    {
      title: "Limits that had to give most",
      why: "No settings within one move kept every limit.",
      cases: highest(answered.flatMap((one) => largestRelaxation(layout, one))),
    },
    {
      title: "Models furthest from the measurement",
      why: "Bias included, against the spread of the measurements.",
      cases: highest(furthestFromMeasurement(layout, results)),
    },
    {
      title: "No answer",
      why: "The first moment of each of the most frequent reasons.",
      cases: firstOfEachReason(results.filter((one) => !isAnswer(one))),
    },
  ];
  return groups.filter(({ cases }) => cases.length > 0);
}

interface Candidate {
  readonly time: number;
  readonly rank: number;
  readonly what: CaseFigure;
}

function highest(candidates: readonly Candidate[]): CaseGroup["cases"] {
  return candidates.toSorted((a, b) => b.rank - a.rank || a.time - b.time).slice(0, MOST)
    .map(({ time, what }) => ({ time, what }));
}

/** Limits differ in unit; their tolerance, a share of their scale, makes them comparable. */
function largestRelaxation({ limits }: Layout, { time, relaxed }: MomentResult): Candidate[] {
  const ranked = relaxed.map(({ limit, unit, by }) => {
    const tolerance = limits.find(({ name }) => name === limit)?.tolerance ?? 1;
    return { time, rank: by / tolerance, what: { name: limit, value: by, unit } };
  });
  return ranked.toSorted((a, b) => b.rank - a.rank).slice(0, 1);
}

function furthestFromMeasurement(
  { judged }: Layout,
  results: readonly MomentResult[],
): Candidate[] {
  const spreads = judged.map((_, i) =>
    spreadOf(results.flatMap(({ errors }) => errors[i]?.measured ?? []))
  );
  return results.flatMap(({ time, errors }) => {
    const ranked = judged.flatMap(({ name, unit }, i): Candidate[] => {
      const error = errors[i];
      if (error === null || error === undefined || spreads[i] === 0) return [];
      const value = error.corrected - error.measured;
      return [{ time, rank: Math.abs(value) / spreads[i]!, what: { name, value, unit } }];
    });
    return ranked.toSorted((a, b) => b.rank - a.rank).slice(0, 1);
  });
}

function firstOfEachReason(unanswered: readonly MomentResult[]): CaseGroup["cases"] {
  const said = ({ reason }: MomentResult) => reason ?? NO_OPTIMIZER;
  const reasons = Map.groupBy(unanswered, (one) => said(one).replace(/[\d.]+/g, "…"));
  return [...reasons.values()].toSorted((a, b) => b.length - a.length || a[0]!.time - b[0]!.time)
    .slice(0, MOST)
    .map(([first]) => ({ time: first!.time, what: said(first!) }));
}
