/** The shapes of the routes for the people at the desk; see schemas.ts. */

import { z } from "zod";
import { named } from "./schemas.ts";

function name<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  named.add(schema, { id });
  return schema;
}

const mode = z.enum(["advisory", "active"]);
const time = z.iso.datetime();
const maybeNumber = z.number().nullable();

export const controls = name(
  "Controls",
  z.object({
    mode: z.object({
      configured: mode.meta({ description: "By the configuration" }),
      requested: mode.meta({ description: "Now: an engineer's choice stands through restarts" }),
    }),
    switched_off: z.array(z.string()).meta({
      description: "Settings that stay where they are until they are switched on again",
    }),
  }),
);

export const modeBody = name("ModeRequest", z.strictObject({ mode }));

export const switchBody = name(
  "SwitchRequest",
  z.strictObject({
    variable: z.string().min(1).max(200).meta({ description: "An operative variable" }),
    on: z.boolean().meta({ description: "False: it stays where it is measured" }),
  }),
);

export const auditPage = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  before: z.coerce.number().int().min(1).optional().meta({
    description: "Only lines with a number below this",
  }),
});

export const auditList = name(
  "AuditList",
  z.object({
    lines: z.array(z.looseObject({
      number: z.int(),
      time,
      who: z.string(),
      role: z.string(),
      address: z.string(),
      what: z.string(),
      before: z.unknown(),
      after: z.unknown(),
    })),
  }),
);

export const versionList = name(
  "VersionList",
  z.object({
    versions: z.array(z.object({
      version: z.string(),
      digest: z.string().nullable(),
      active: z.boolean(),
      pinned: z.boolean(),
      kept: time.nullable().meta({ description: "When it was kept on this box" }),
      refusal: z.object({ reason: z.string(), time }).nullable(),
    })),
  }),
);

export const replayVerdict = name(
  "ReplayVerdict",
  z.union([
    z.object({ kind: z.literal("same") }),
    z.object({ kind: z.literal("different"), differences: z.array(z.string()) }),
    z.object({ kind: z.literal("impossible"), reason: z.string() }),
  ]).meta({ description: "different: one line per place, with both values" }),
);

/** Longest span of a trend. */
export const MOST_TREND_DAYS = 400;

export const trendQuery = z.strictObject({
  variable: z.string().min(1).max(200).meta({
    description: "Any variable of the strategy; (objective) for the objective",
  }),
  from: time.meta({ description: "UTC instant" }),
  to: time.meta({ description: "UTC instant, not included" }),
  buckets: z.coerce.number().int().min(10).max(2000).default(600).meta({
    description: "How many points at most; each holds the least, the mean and the largest",
  }),
});

const buckets = z.object({
  min: z.array(maybeNumber),
  mean: z.array(maybeNumber),
  max: z.array(maybeNumber),
});

export const trend = name(
  "Trend",
  z.object({
    variable: z.string(),
    unit: z.string(),
    from: time,
    to: time,
    bucket_ms: z.number(),
    times: z.array(z.number()).meta({
      description:
        "Milliseconds since 1970 of each bucket's middle; of empty ones only each hole's first",
    }),
    series: z.array(z.object({
      kind: z.enum(["measured", "recommended", "predicted", "expected"]),
      source: z.enum(["values", "cycles"]).meta({
        description: "values: every reading in the database; cycles: one number per cycle",
      }),
      ...buckets.shape,
    })),
    limits: z.array(z.object({
      name: z.string(),
      min: maybeNumber,
      max: maybeNumber,
    })),
    is_complete: z.boolean().meta({
      description: "False: older cycles are still being read, so ask again in a moment",
    }),
    fault: z.string().nullable().meta({ description: "Why the database's values are missing" }),
  }),
);

export const trialBody = name(
  "TrialRequest",
  z.strictObject({
    input_data: z.record(z.string(), z.number()).default({}).meta({
      description: "Values to start from in place of the live ones, by tag",
    }),
    switch_off: z.array(z.string()).default([]).meta({
      description: "Settings that stay where they are",
    }),
  }),
);
