/**
 * Bias: measured minus predicted, filtered and limited, so that a model's slow drift does not lead
 * the optimiser astray. First-order filter as in the bias update of model predictive controllers:
 * b ← b + f · ((measured − predicted) − b).
 */

import type { Strategy } from "../strategy/strategy.ts";
import type { ReadValue } from "./recommendation.ts";

/** The bias of one predicted variable and the measurement that it last learned from. */
export interface BiasState {
  readonly value: number;
  /** ISO 8601. */
  readonly measuredAt: string;
}

export type BiasStates = ReadonlyMap<string, BiasState>;

/**
 * Learns from measurements that are newer than the last one; keeps a bias whose measurement is not
 * older than `max_age`; forgets it after that. `predicted` holds the models' outputs without bias.
 */
export function updateBias(
  strategy: Strategy,
  { states, measurements, predicted, now }: {
    readonly states: BiasStates;
    readonly measurements: ReadonlyMap<string, ReadValue>;
    readonly predicted: ReadonlyMap<string, number>;
    readonly now: Date;
  },
): Map<string, BiasState> {
  const updated = new Map<string, BiasState>();
  for (const variable of strategy.variables.values()) {
    if (variable.type !== "predicted" || variable.bias === undefined) continue;
    const { filter, limit, maxAgeMs } = variable.bias;
    const old = states.get(variable.name);
    const measurement = measurements.get(variable.name);
    const prediction = predicted.get(variable.name);
    const isNew = measurement !== undefined && measurement.source === "measured" &&
      measurement.source_time !== null && measurement.source_time !== old?.measuredAt;
    if (isNew && prediction !== undefined && Number.isFinite(prediction)) {
      const before = old?.value ?? 0;
      const value = before + filter * (measurement.value - prediction - before);
      updated.set(variable.name, {
        value: Math.min(Math.max(value, -limit), limit),
        measuredAt: measurement.source_time!,
      });
    } else if (old !== undefined && !outdated(old, { now, maxAgeMs })) {
      updated.set(variable.name, old);
    }
  }
  return updated;
}

function outdated(
  state: BiasState,
  { now, maxAgeMs }: { readonly now: Date; readonly maxAgeMs: number | undefined },
): boolean {
  return maxAgeMs !== undefined && now.getTime() - Date.parse(state.measuredAt) > maxAgeMs;
}
