/** Quality and time of numbers that follow from others: as good and as old as the worst of them. */

import { stepsOf } from "../strategy/chain.ts";
import type { Step } from "../strategy/chain.ts";
import { namesIn } from "../strategy/formula_names.ts";
import type { Formula, Strategy } from "../strategy/strategy.ts";
import type { Trace } from "./recommendation.ts";
import type { Snapshot } from "./snapshot.ts";

export interface Traces {
  /** Of a variable, whatever its type. */
  readonly variable: (name: string) => Trace;
  readonly formula: (formula: Formula) => Trace;
}

/** Where nothing is known, nothing is good. */
const UNKNOWN: Trace = { quality: "uncertain", source_time: null };
const CONSTANT: Trace = { quality: "good", source_time: null };

/** Follows a plan's predicting skills from the values that the snapshot gave. */
export function tracesOf(
  { strategy, predictions }: {
    readonly strategy: Strategy;
    readonly predictions: readonly string[];
  },
  { values, measurements }: Pick<Snapshot, "values" | "measurements">,
): Traces {
  const known = new Map<string, Trace>(values);
  const variable = (name: string) => known.get(name) ?? UNKNOWN;
  const measured = (name: string) => measurements.get(name) ?? known.get(name) ?? UNKNOWN;
  const formula = (formula: Formula) =>
    worst(
      namesIn(formula).map(({ name, kind }) =>
        kind === "measured" ? measured(name) : variable(name)
      ),
    );
  const note = (step: Step) => {
    if (step.type === "function") {
      for (const output of step.outputs) known.set(output.variable, formula(output.formula));
      return;
    }
    const inputs = step.inputs.map(variable);
    for (const output of step.outputs) {
      known.set(output, worst(step.kind === "delta" ? [...inputs, measured(output)] : inputs));
    }
  };
  for (const skill of predictions) stepsOf(strategy, skill).forEach(note);
  return { variable, formula };
}

function worst(traces: readonly Trace[]): Trace {
  const times = traces.flatMap(({ source_time }) => source_time ?? []).toSorted();
  return traces.length === 0 ? CONSTANT : {
    quality: traces.every(({ quality }) => quality === "good") ? "good" : "uncertain",
    source_time: times[0] ?? null,
  };
}
