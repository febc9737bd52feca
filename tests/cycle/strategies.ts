/** Small strategies for the tests of the cycle, as checked values: parsing has its own tests. */

import type {
  InformativeVariable,
  OperativeVariable,
  PredictedVariable,
  Strategy,
  Variable,
} from "../../src/strategy/strategy.ts";

const LIVE = {
  description: undefined,
  valid: undefined,
  maxAgeMs: undefined,
  frozenMs: undefined,
  maxChange: undefined,
  averageMs: undefined,
  averageBy: "mean",
  onBad: { kind: "hold" },
  critical: false,
} as const;

export function operative(
  name: string,
  fields: Partial<OperativeVariable> = {},
): OperativeVariable {
  return {
    ...LIVE,
    type: "operative",
    name,
    unit: "t/h",
    bounds: [0, 10],
    maxMove: undefined,
    deadband: 0,
    resolution: undefined,
    operatingBand: undefined,
    enabled: true,
    ...fields,
  };
}

export function informative(
  name: string,
  fields: Partial<InformativeVariable> = {},
): InformativeVariable {
  return { ...LIVE, type: "informative", name, unit: "degC", ...fields };
}

export function predicted(
  name: string,
  fields: Partial<PredictedVariable> = {},
): PredictedVariable {
  return {
    type: "predicted",
    name,
    unit: "%",
    description: undefined,
    measuredBy: undefined,
    bias: undefined,
    ...fields,
  };
}

export function strategyOf(...variables: readonly Variable[]): Strategy {
  return {
    name: "test",
    description: undefined,
    variables: new Map(variables.map((variable) => [variable.name, variable])),
    groups: new Map(),
    skills: new Map(),
    tasks: [],
    steadyState: undefined,
  };
}
