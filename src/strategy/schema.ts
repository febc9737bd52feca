/**
 * The shape of a strategy file, once: parsing, messages and the JSON Schema for editors come from
 * here. What one key alone can tell is checked here; what needs two of them, in validate.ts.
 *
 * Every `error` text says what was expected; the parser puts what was found in front of it.
 */

import { z } from "zod";
import { durationPattern } from "./duration.ts";

const lengthOfTime = "a length of time such as 30s, 10m, 8h or 2d";
const duration = z.string({ error: lengthOfTime }).regex(durationPattern, { error: lengthOfTime })
  .meta({ examples: ["30s", "10m", "8h"] });

const finite = z.number({ error: "a number" });
const positive = finite.positive({ error: "a number above 0" });
const notNegative = finite.nonnegative({ error: "a number of 0 or more" });
const range = z.tuple([finite, finite], { error: "two numbers, [lowest, highest]" });

const nameText = "a name of 1 to 200 characters without backticks or line breaks";
// deno-lint forbids control characters in patterns; \p{C} is the class that holds them.
const name = z.string({ error: nameText })
  .regex(/^(?=.*\S)[^`\p{C}]{1,200}$/u, { error: nameText });
const unit = z.string({ error: 'a unit such as t/h, degC or "%"; "" where there is none' }).max(
  40,
  {
    error: "a unit of at most 40 characters",
  },
).describe('Unit, such as t/h, degC or "%"; "" where there is none');
const text = z.string({ error: "a text" }).max(2000, {
  error: "a text of at most 2000 characters",
});
const description = text.optional().describe("What it is, for people");

const formula = z.union([z.string(), z.number()], {
  error: "a formula such as 2 * Coal + 0.5",
}).describe(
  "Formula over the strategy's variables: + - * / ^, comparisons, if(condition, then, otherwise), " +
    "and, or, not, min, max, abs, sqrt, exp, log, clip, interpolate, measured(x), change(x) and more; " +
    "smooth for the optimizer: above(x, limit, width), below(x, limit, width), " +
    "smooth_if(a > b, then, otherwise, width); " +
    "names with other characters than letters, digits and _ stand between backticks",
);
const unitOfFormula = unit.optional()
  .describe("Unit of the formula; that of the variable where the formula is one variable");

/** A choice of words, each with what it means for editors that complete it. */
function choice<Word extends string>(
  meanings: Readonly<Record<Word, string>>,
  params?: { readonly error: string },
) {
  const words = Object.keys(meanings) as Word[];
  return z.enum(words as [Word, ...Word[]], params)
    .meta({ enumDescriptions: Object.values(meanings) });
}

const onBad = z.union([
  choice({
    last_good: "The last good value, however old",
    hold: "Nothing: the cycle keeps the present settings",
  }),
  z.strictObject({ last_good: duration.describe("The last good value, where it is not older") }),
  z.strictObject({ default: finite.describe("This value") }),
], { error: "last_good, hold, { last_good: 30m } or { default: 85 }" })
  .describe("What takes the place of a bad value; hold: the cycle keeps the present settings");

const liveValue = {
  valid: range.optional().describe("Outside: a bad value"),
  max_age: duration.optional().describe("Older: a bad value"),
  frozen: duration.optional()
    .describe("The same number for this long comes from a dead sensor: a bad value"),
  max_change: positive.optional()
    .describe("Largest credible change from the last good value; more is a bad value"),
  average: z.union([
    duration,
    z.strictObject({
      window: duration.describe("Values of this long count"),
      by: choice({
        mean: "The mean of the window",
        median: "The median of the window: single spikes do not count",
      }, { error: "mean or median" }).describe("What of the window counts"),
    }),
  ], { error: "a length of time such as 10m, or { window: 10m, by: median }" }).optional()
    .describe("Mean over this window in place of the last value; or median, against spikes"),
  on_bad: onBad.optional(),
  critical: z.boolean({ error: "true or false" }).optional()
    .describe("true: a bad value holds the cycle"),
};

const operative = z.strictObject({
  type: z.literal("operative").describe("A setting that the optimizer may move"),
  unit,
  description,
  bounds: range.describe("Hard limits, never crossed by a recommendation"),
  max_move: z.union([
    notNegative,
    z.strictObject({
      up: notNegative.describe("Largest rise in one cycle"),
      down: notNegative.describe("Largest fall in one cycle"),
    }),
  ], {
    error: "a number of 0 or more, or { up: 0.4, down: 0.2 }",
  }).optional().describe("Largest change in one cycle, from the measured value"),
  deadband: notNegative.optional().describe("Smaller changes are not recommended"),
  resolution: positive.optional().describe("Recommendations are multiples of this"),
  operating_band: z.strictObject({
    range: range.describe("Where it costs nothing to be"),
    penalty: positive.describe("What it costs at the bound, in the objective's unit"),
  }).optional().describe(
    "Where it is liked to be, inside the bounds; outside a penalty grows up to the bound",
  ),
  enabled: z.boolean({ error: "true or false" }).optional()
    .describe("false: the optimizer leaves it where it is"),
  ...liveValue,
}).describe("A setting that the optimizer may move");

const informative = z.strictObject({
  type: z.literal("informative").describe("A value that is only read"),
  unit,
  description,
  ...liveValue,
}).describe("A value that is only read");

const calculated = z.strictObject({
  type: z.literal("calculated").describe("A formula over other variables"),
  unit,
  description,
})
  .describe("A formula over other variables; a function skill produces it");

const predicted = z.strictObject({
  type: z.literal("predicted").describe("A model's output"),
  unit,
  description,
  measured_by: name.optional().describe("The tag that measures what is predicted"),
  bias: z.strictObject({
    filter: finite.gt(0, { error: "a number above 0 and up to 1" })
      .max(1, { error: "a number above 0 and up to 1" })
      .describe("Weight of the newest difference between measured and predicted"),
    limit: positive.describe("Largest bias used, in the variable's unit"),
    max_age: duration.optional().describe("A measurement older than this does not count"),
  }).optional().describe("Corrects the model by measured minus predicted, filtered"),
}).describe("A model's output");

const file = z.string({ error: "a path inside the bundle, such as models/quality.onnx" })
  .regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$))(?!.*\/\/)[^\\\p{C}:]{1,200}$/u, {
    error: "a path inside the bundle, such as models/quality.onnx, without .. or a leading /",
  });
const names = z.array(name, { error: "a list of names" }).min(1, { error: "at least one name" });

const model = z.strictObject({
  type: z.literal("model").describe("A trained model (ONNX)"),
  file: file.describe("ONNX file in the bundle"),
  scaler: file.optional().describe("Scaler file (JSON) in the bundle"),
  inputs: names.describe("Variables, in the order of the model's inputs"),
  outputs: names.describe("Predicted variables, in the order of the model's outputs"),
  kind: choice({
    absolute: "Values in, values out; without: this",
    delta: "Changes in, change out, added to the measured value",
  }, { error: "absolute or delta" }).optional()
    .describe("delta: changes in, change out, added to the measured value"),
  domain: choice({
    keep: "The optimizer stays inside the trained range",
    warn: "A warning tells where it is left; without: this",
    ignore: "Nothing is said",
  }, { error: "keep, warn or ignore" }).optional()
    .describe("keep: the optimizer stays inside the range the model was trained on"),
}).describe("A trained model");

const functionSkill = z.strictObject({
  type: z.literal("function").describe("Formulas that produce calculated variables"),
  output: name.optional().describe("The calculated variable; together with `formula`"),
  formula: formula.optional().describe("What `output` is"),
  outputs: z.record(name, formula, { error: "formulas by calculated variable" }).optional()
    .describe("Several formulas by calculated variable; later ones may use earlier outputs"),
}).describe("Formulas that produce calculated variables");

const constraint = z.strictObject({
  expression: formula.describe("What is limited: a formula over the strategy's variables"),
  unit: unitOfFormula,
  min: finite.optional().describe("At least this"),
  max: finite.optional().describe("At most this"),
  between: range.optional().describe("At least the first, at most the second"),
  equals: finite.optional().describe("Exactly this"),
  rank: finite.int({ error: "a whole number, 1 or more" })
    .min(1, { error: "a whole number, 1 or more" }).optional()
    .describe("Order in which limits give when they conflict: 1 gives last; without: never"),
  price: positive.optional()
    .describe("Soft limit: what one unit of violation costs, in the objective's unit"),
}).describe("A limit: min, max, both, between or equals");

const constraints = z.strictObject({
  type: z.literal("constraints").describe("Limits, each with a name"),
  constraints: z.record(name, constraint, { error: "limits by name" })
    .describe("Limits by the names that recommendations and operators use"),
}).describe("Limits, each with a name");

const optimizer = z.strictObject({
  type: z.literal("optimizer").describe("Finds the best settings inside the limits"),
  minimize: formula.optional().describe("What is to be as small as it can be"),
  maximize: formula.optional().describe("What is to be as large as it can be"),
  unit: unitOfFormula,
  model: name.describe("The model, function or composition that the program consists of"),
  subject_to: z.array(name, { error: "a list of constraints skills" }).optional()
    .describe("The constraints skills whose limits it keeps"),
  penalties: z.record(name, formula, { error: "formulas by name" }).optional()
    .describe("What the objective pays beside what it states: formulas in its unit, by name"),
  moves: names.optional()
    .describe("The settings and groups that it may move; without: all that are switched on"),
  solver: z.strictObject({
    tolerance: finite.min(1e-12, { error: "a number from 1e-12 to 1e-2" })
      .max(1e-2, { error: "a number from 1e-12 to 1e-2" }).optional()
      .describe("When a solution is good enough, relative; without: 1e-8"),
    max_iterations: finite.int({ error: "a whole number from 1 to 100000" })
      .min(1, { error: "a whole number from 1 to 100000" })
      .max(100_000, { error: "a whole number from 1 to 100000" }).optional()
      .describe("Of one solve"),
    time_limit: duration.optional().describe("For all solves of one cycle together"),
    starts: finite.int({ error: "a whole number from 1 to 1000" })
      .min(1, { error: "a whole number from 1 to 1000" })
      .max(1000, { error: "a whole number from 1 to 1000" }).optional()
      .describe("Start points to try where the first finds no solution"),
  }).optional().describe("How long and how exactly it searches"),
}).describe("Finds the best settings inside the limits");

const composition = z.strictObject({
  type: z.literal("composition").describe("A chain of skills"),
  skills: names.describe("Skills in the order they run"),
}).describe("A chain of skills");

const group = z.strictObject({
  description,
  members: z.array(name, { error: "a list of operative variables" })
    .min(2, { error: "at least two operative variables" })
    .describe("The settings that move together"),
  share: choice({
    proportional: "By the members' present shares of the total; without: this",
    equal: "To each member alike",
  }, { error: "proportional or equal" }).optional()
    .describe("How a change of the total is shared out"),
}).describe("Operative variables that the optimizer moves as one, by their total");

const weight = finite.gt(0, { error: "a number above 0 and up to 1" })
  .max(1, { error: "a number above 0 and up to 1" });
const steadyState = z.strictObject({
  variables: names.describe("Live values that show whether the plant has settled"),
  threshold: finite.gt(1, { error: "a number above 1" }).optional()
    .describe("Largest R that counts as settled; noise alone stays below 2 most of the time"),
  filters: z.tuple([weight, weight, weight], { error: "three numbers above 0 and up to 1" })
    .optional().describe("Weights of the newest reading in mean, variance and differences"),
  readings: finite.int({ error: "a whole number, 1 or more" })
    .min(1, { error: "a whole number, 1 or more" }).optional()
    .describe("New readings of each variable that it takes after a move"),
  max_wait: duration.optional().describe("After a move a cycle waits no longer than this"),
}).describe("A cycle waits until the plant has settled since the last move");

const task = z.strictObject({
  name: name.describe("For messages and the dashboard"),
  skill: name.describe("The skill that runs"),
  when: formula.optional().describe("The task runs only where this holds"),
  on: choice({
    present: "The settings as they are",
    recommended: "The settings as the tasks before have left them; without: this",
  }, { error: "present or recommended" }).optional()
    .describe("The settings to run on; recommended: as the tasks before have left them"),
  on_failure: choice({
    hold: "The rest does not run and the cycle is held; without: this",
    continue: "The rest runs all the same",
  }, { error: "hold or continue" }).optional()
    .describe("hold: where this task fails, the rest does not run and the cycle is held"),
});

/** The whole file. */
export const strategyFile = z.strictObject({
  name: name.describe("Of the strategy"),
  description,
  variables: z.record(
    name,
    z.discriminatedUnion("type", [operative, informative, calculated, predicted]),
    { error: "variables by name" },
  ).describe("Everything that has a value, by name"),
  groups: z.record(name, group, { error: "groups by name" }).optional()
    .describe("Settings that move as one"),
  steady_state: steadyState.optional(),
  skills: z.record(
    name,
    z.discriminatedUnion("type", [model, functionSkill, constraints, optimizer, composition]),
    { error: "skills by name" },
  ).describe("What the strategy can do, by name"),
  tasks: z.array(task, { error: "a list of { name, skill }" })
    .describe("What a cycle does, in order"),
});

/** A strategy file that has the right shape; names and formulas are still plain text. */
export type StrategyFile = z.infer<typeof strategyFile>;

/** The JSON Schema (draft 2020-12) of a strategy file, for editors. */
export function strategySchemaJson(): Record<string, unknown> {
  return { ...z.toJSONSchema(strategyFile, { io: "input" }), title: "Setpoint strategy" };
}
