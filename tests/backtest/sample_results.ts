/** A layout and results made by hand, small enough to count on fingers. */

import type { Layout } from "../../src/backtest/layout.ts";
import type { MomentResult } from "../../src/backtest/moment_result.ts";
import { parseFormula } from "../../src/strategy/formula.ts";
import type { Formula } from "../../src/strategy/strategy.ts";
import { operative, predicted, strategyOf } from "../cycle/strategies.ts";

export const HOUR = 3_600_000;
export const BEGIN = Date.parse("2026-03-01T00:00:00Z");

const coal = operative("Coal", { unit: "t/h", description: "To the <main> burner" });
const lime = predicted("Lime", { unit: "%", measuredBy: "LAB" });

export const LAYOUT: Layout = {
  strategy: strategyOf(coal, lime),
  version: "7",
  digest: "d",
  objective: { unit: "EUR/h", sense: "maximize", formula: formula("Coal") },
  settings: [coal],
  outputs: [lime],
  judged: [lime],
  limits: [{
    ...{ name: "lime & more", expression: formula("Lime"), unit: "%", min: undefined, max: 2 },
    ...{ rank: 1, price: undefined, tolerance: 0.001 },
  }],
};

function formula(text: string): Formula {
  const parsed = parseFormula(text);
  if (!("formula" in parsed)) throw new Error(text);
  return parsed.formula;
}

/** An hour with an answer; `fields` make another of it. */
export function resultAt(hour: number, fields: Partial<MomentResult> = {}): MomentResult {
  return {
    time: BEGIN + hour * HOUR,
    status: "optimised",
    reason: null,
    warnings: [],
    settings: [{ measured: 5, recommended: 6, limitedBy: "move limit up" }],
    now: [1],
    expected: [2],
    objective: { measured: 99, now: 100, expected: 110, gain: 10 },
    limits: [{ measured: 1.5, now: 1, expected: 2 }],
    binding: [],
    relaxed: [],
    errors: [null],
    inputs: [],
    outcome: "solved",
    iterations: 9,
    referee: 1e-8,
    ms: 12,
    ...fields,
  };
}

export function held(hour: number, reason: string): MomentResult {
  return resultAt(hour, {
    ...{ status: "held", reason, objective: null, outcome: null },
    ...{ expected: [null], limits: [{ measured: 3, now: null, expected: null }] },
  });
}
