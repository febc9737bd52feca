/**
 * The shapes that this interface sends and takes, once: validation, the OpenAPI document and the
 * tests all come from here. A number that cannot be told (NaN) is null in JSON.
 */

import { z } from "zod";

/** Schemas that stand by name in the OpenAPI document. */
export const named = z.registry<{ id: string }>();

const time = z.iso.datetime().meta({ description: "UTC instant, ISO 8601" });
const maybeNumber = z.number().nullable();
const quality = z.enum(["good", "uncertain"]);
const side = z.enum(["lower", "upper"]);
const mode = z.enum(["advisory", "active"]);

function name<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  named.add(schema, { id });
  return schema;
}

export const problemDocument = name(
  "Problem",
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "What is wrong, and the cure" }),
    instance: z.string(),
    errors: z.array(z.object({
      pointer: z.string().meta({ description: "JSON pointer into the request" }),
      detail: z.string(),
    })).optional(),
  }).meta({ description: "RFC 9457" }),
);

const setting = name(
  "Setting",
  z.object({
    variable: z.string(),
    unit: z.string(),
    measured: z.number(),
    recommended: z.number(),
    change: z.number(),
    limited_by: z.string().meta({
      description:
        "optimum, lower bound, upper bound, move limit up, move limit down, trained range, " +
        "deadband, group, constraint NAME, switched off or held",
    }),
    quality,
    source_time: time.nullable(),
  }),
);

/** As good and as old as the worst of what a number follows from. */
const trace = { quality, source_time: time.nullable() };

const expectation = name(
  "Expectation",
  z.object({
    variable: z.string(),
    unit: z.string(),
    now: maybeNumber,
    expected: maybeNumber,
    bias: maybeNumber,
    ...trace,
  }),
);

const objective = z.object({
  optimizer: z.string(),
  unit: z.string(),
  sense: z.enum(["minimize", "maximize"]),
  now: maybeNumber,
  expected: maybeNumber,
  improvement: maybeNumber.meta({ description: "Positive: better, whatever the sense" }),
  penalties: z.array(
    z.object({ kind: z.string(), name: z.string(), now: maybeNumber, expected: maybeNumber }),
  ),
  ...trace,
});

const bindingLimit = name(
  "BindingLimit",
  z.object({
    limit: z.string(),
    of: z.enum(["constraint", "setting"]),
    side,
    unit: z.string(),
    value: z.number(),
    shadow_price: maybeNumber.meta({ description: "Null: several limits meet, none has a price" }),
    shadow_price_unit: z.string(),
  }),
);

const relaxedLimit = name(
  "RelaxedLimit",
  z.object({
    limit: z.string(),
    side,
    unit: z.string(),
    value: z.number(),
    relaxed_by: z.number(),
    rank: z.number(),
  }),
);

const influence = name(
  "Influence",
  z.object({
    variable: z.string(),
    unit: z.string(),
    value: z.number(),
    per_unit: z.number().meta({
      description: "Change of the setting or of the objective per unit of the value",
    }),
    per_unit_unit: z.string(),
    typical_change: z.number().meta({ description: "In the value's unit" }),
    typical_from: z.enum(["recent readings", "valid range", "value"]).meta({
      description: "Their standard deviation over about a hundred, a tenth, or a twentieth of it",
    }),
    moves: z.number().meta({ description: "per_unit times typical_change" }),
  }),
);

const influences = name(
  "Influences",
  z.object({
    optimizer: z.string(),
    reason: z.string().nullable().meta({
      description: "Why nothing can be told, such as a degenerate optimum",
    }),
    one_sided: z.array(z.string()).meta({
      description: "Limits at whose edge the optimum stands: beyond them it moves otherwise",
    }),
    settings: z.array(
      z.object({
        variable: z.string(),
        unit: z.string(),
        moved_by: z.array(influence).meta({ description: "The strongest first, at most five" }),
      }),
    ),
    objective: z.object({ unit: z.string(), moved_by: z.array(influence) }),
  }).meta({ description: "What would move the answer, as far as a straight line tells" }),
);

const limitCheck = name(
  "LimitCheck",
  z.object({
    limit: z.string(),
    unit: z.string(),
    now: maybeNumber.meta({ description: "At the present settings" }),
    value: maybeNumber.meta({ description: "At the recommended settings" }),
    min: maybeNumber,
    max: maybeNumber,
    violation: maybeNumber,
    ...trace,
  }),
);

const solver = name(
  "SolverEvidence",
  z.object({
    optimizer: z.string(),
    outcome: z.string(),
    iterations: z.number(),
    total_ms: z.number(),
    evaluation_ms: z.number(),
    linear_solver: z.string().optional(),
    rungs: z.array(z.looseObject({})),
  }),
);

const referee = z.object({
  worst_difference: maybeNumber,
  variable: z.string().nullable(),
  tolerance: z.number(),
});

export const cycleStatus = z.enum(["optimised", "unchanged", "relaxed", "held", "failed"]);
const trigger = z.enum(["schedule", "start", "request"]);

const recommendationFields = {
  cycle_id: z.string(),
  strategy: z.string(),
  version: z.string(),
  digest: z.string(),
  time,
  valid_until: time,
  trigger,
  status: cycleStatus,
  reason: z.string().nullable(),
  mode: z.object({ requested: mode, achieved: mode }),
  settings: z.array(setting),
  expectations: z.array(expectation),
  objective: objective.nullable(),
  binding_limits: z.array(bindingLimit),
  relaxed_limits: z.array(relaxedLimit),
  influences: influences.nullable().optional().meta({
    description: "Null without an optimum; absent in records of older releases",
  }),
  checks: z.array(limitCheck),
  warnings: z.array(z.string()),
  solver: solver.nullable(),
  referee: referee.nullable(),
  last_answer: z.object({ cycle_id: z.string(), time, status: cycleStatus }).nullable().meta({
    description: "The newest answer before this cycle: what stands while a cycle is held",
  }),
};

/** More may be added to it in later versions, and clients must take that. */
export const recommendation = name("Recommendation", z.looseObject(recommendationFields));

export const tagValue = name(
  "TagValue",
  z.object({
    tag: z.string(),
    value: maybeNumber,
    unit: z.string(),
    quality: z.enum(["good", "uncertain", "bad"]).meta({
      description: "bad: do not use it; the recommendation is held, failed or no longer valid",
    }),
    source_time: time.nullable().meta({
      description: "When the plant's value behind it was measured",
    }),
    server_time: time,
  }),
);

export const latestRecommendation = name(
  "LatestRecommendation",
  z.looseObject({
    ...recommendationFields,
    valid: z.boolean(),
    server_time: time,
    heartbeat: z.int().min(0).max(999).meta({
      description:
        "Goes up by one each second and turns over at 1000; standing still: the box is dead",
    }),
    values: z.array(tagValue),
  }),
);

const readValue = name(
  "ReadValue",
  z.object({
    variable: z.string(),
    unit: z.string(),
    value: maybeNumber,
    quality,
    source: z.enum(["measured", "given", "last_good", "default"]),
    source_time: time.nullable(),
    note: z.string().nullable(),
  }),
);

export const cycleRecord = name(
  "CycleRecord",
  z.looseObject({
    recommendation,
    snapshot: z.array(z.looseObject(readValue.shape)),
    bias: z.record(z.string(), z.number()),
    times: z.looseObject({
      read_ms: z.number(),
      predict_ms: z.number(),
      solve_ms: z.number(),
      referee_ms: z.number(),
      total_ms: z.number(),
    }),
  }),
);

export const cycleList = name(
  "CycleList",
  z.object({
    cycles: z.array(z.object({
      cycle_id: z.string(),
      time,
      status: cycleStatus,
      trigger,
      version: z.string(),
      reason: z.string().nullable(),
      objective: objective.nullable(),
      moves: z.int(),
    })),
    next: z.string().nullable().meta({
      description: "Path of the next page; null on the last one",
    }),
  }),
);

/** Two of 50 points each: more than a screen shows. */
const MAX_AXES = 2;

export const optimizeBody = name(
  "OptimizeRequest",
  z.strictObject({
    input_data: z.record(z.string(), z.number()).default({}).meta({
      description: "Values to use in place of the live ones, by tag",
    }),
    switch_off: z.array(z.string()).default([]).meta({
      description: "Settings that stay where they are for this one recommendation",
    }),
  }),
);

const axis = z.strictObject({
  from: z.number(),
  to: z.number(),
  points: z.int().min(2).max(50).default(21),
});

export const predictBody = name(
  "PredictRequest",
  z.strictObject({
    input_data: z.record(z.string(), z.number()).default({}).meta({
      description: "Values to use in place of the newest snapshot's, by tag",
    }),
    sweep: z.record(z.string(), axis).default({})
      .refine((axes) => Object.keys(axes).length <= MAX_AXES, "At most two variables")
      .meta({ description: "One or two variables to go through, by tag", maxProperties: MAX_AXES }),
  }),
);

export const prediction = name(
  "Prediction",
  z.object({
    version: z.string(),
    snapshot_time: time.nullable().meta({ description: "Null: no cycle has read values yet" }),
    axes: z.array(
      z.object({ variable: z.string(), unit: z.string(), values: z.array(z.number()) }),
    ),
    curves: z.array(z.object({
      name: z.string(),
      unit: z.string(),
      kind: z.enum(["variable", "limit", "objective"]),
      min: maybeNumber,
      max: maybeNumber,
      values: z.array(maybeNumber).meta({
        description: "One per point; the last axis runs fastest. Null: an input is missing",
      }),
    })),
    missing: z.array(z.string()).meta({ description: "Live values that are not known" }),
  }),
);

const check = z.looseObject({
  status: z.enum(["pass", "warn", "fail"]),
  output: z.string().optional(),
  observedValue: z.union([z.number(), z.string()]).optional(),
  observedUnit: z.string().optional(),
});

export const health = name(
  "Health",
  z.looseObject({
    status: z.enum(["pass", "warn", "fail"]),
    output: z.string().optional(),
    strategy: z.string().nullable(),
    version: z.string().nullable(),
    digest: z.string().nullable(),
    mode: z.enum(["continuous", "api", "hybrid"]),
    recommendations: z.object({ requested: mode, achieved: mode.nullable() }),
    last_cycle: z.looseObject({
      cycle_id: z.string(),
      time,
      status: cycleStatus,
      reason: z.string().nullable(),
    }).nullable(),
    next_cycle: time.nullable(),
    started: time,
    checks: z.record(z.string(), z.array(check)),
  }),
);

export const shortHealth = name(
  "ShortHealth",
  z.object({ status: z.enum(["pass", "warn", "fail"]), output: z.string().optional() }),
);

export const strategyView = name(
  "Strategy",
  z.object({
    name: z.string(),
    description: z.string().nullable(),
    version: z.string(),
    digest: z.string(),
    variables: z.array(z.object({
      name: z.string(),
      type: z.enum(["operative", "informative", "calculated", "predicted"]),
      unit: z.string(),
      description: z.string().nullable(),
      bounds: z.array(z.number()).nullable(),
      valid: z.array(z.number()).nullable(),
      max_move: z.object({ up: z.number(), down: z.number() }).nullable(),
      measured_by: z.string().nullable(),
    })),
    skills: z.array(z.object({ name: z.string(), type: z.string() })),
    tasks: z.array(z.object({ name: z.string(), skill: z.string() })),
  }),
);

export const activateBody = name(
  "ActivateRequest",
  z.strictObject({ version: z.string().min(1).max(200) }),
);

export const activation = name(
  "Activation",
  z.object({ version: z.string(), digest: z.string(), time, refusal: z.string().nullable() }),
);

export const activationUnderWay = name(
  "ActivationUnderWay",
  z.object({ wanted: z.string(), state: z.literal("being tried") }),
);

export const cacheStats = name(
  "CacheStats",
  z.looseObject({
    version: z.string().nullable(),
    items: z.int(),
    bytes: z.int(),
    hits: z.int(),
    misses: z.int(),
    kinds: z.record(z.string(), z.looseObject({ items: z.int(), bytes: z.int() })),
  }),
);

export const cleared = name("Cleared", z.object({ cleared: z.int() }));
