/**
 * The form of a file of published nonlinear programs, read leniently: what a program lacks takes its
 * usual meaning, and a program that is not of the form is named and costs the others nothing.
 */

import { z } from "zod";

/** Values from here on mean that there is no bound, as in AMPL and GAMS files. */
const NO_BOUND = 1e20;

/** Null where there is no bound. */
const limit = z.union([z.number(), z.string().regex(/^[+-]?inf(inity)?$/i), infinite()]).nullish()
  .transform((value) => typeof value === "number" && Math.abs(value) < NO_BOUND ? value : null);

const name = z.union([z.string(), z.number()]).transform(String);
const expression = z.union([z.string(), z.number()]).transform(String);
const value = z.number().nullish().transform((given) => given ?? undefined);

const SENSES: Readonly<Record<string, "minimize" | "maximize">> = {
  ...{ min: "minimize", minimize: "minimize", minimise: "minimize" },
  ...{ max: "maximize", maximize: "maximize", maximise: "maximize" },
};
const sense = z.string().transform((text, context) => {
  const known = SENSES[text.toLowerCase()];
  if (known === undefined) context.addIssue(`"${text}" is neither minimize nor maximize`);
  return known ?? z.NEVER;
});

const variable = z.object({ name, lower: limit, upper: limit, start: value })
  .refine(({ lower, upper }) => (lower ?? -Infinity) <= (upper ?? Infinity), {
    error: "The lower bound is above the upper one",
  })
  .transform(({ start, ...stated }) => ({ ...stated, start: start ?? inside(stated) }));

const nlpProblem = z.object({
  name,
  variables: z.array(variable).min(1).refine(
    (all) => new Set(all.map(({ name }) => name)).size === all.length,
    { error: "A variable's name stands twice" },
  ),
  objective: z.object({ sense: sense.default("minimize"), expr: expression }),
  constraints: z.array(
    z.object({ name: name.default(""), expr: expression, lower: limit, upper: limit }),
  ).default([]),
  optimum: z.object({
    /** As published; undefined where nothing was. */
    value,
    /** What another solver came to, where the published value has few digits. */
    value_computed: value,
  }).default({ value: undefined, value_computed: undefined }),
  check: z.object({
    /** Whether an IPOPT of others reaches the published optimum from the stated start. */
    ipopt_from_start: z.object({ reaches_optimum: z.boolean().default(false) })
      .default({ reaches_optimum: false }),
  }).default({ ipopt_from_start: { reaches_optimum: false } }),
});

export type NlpProblem = z.infer<typeof nlpProblem>;

/** A program that is not of the form, and why. */
export interface WrongProblem {
  readonly name: string;
  readonly wrong: string;
}

/** Reads the file's text: `{ "problems": […] }` or the list alone. Never throws. */
export function readNlpProblems(text: string): (NlpProblem | WrongProblem)[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    return [{ name: "the file", wrong: `is not JSON: ${(error as SyntaxError).message}` }];
  }
  const list = z.union([z.array(z.unknown()), z.object({ problems: z.array(z.unknown()) })])
    .safeParse(content).data;
  if (list === undefined) return [{ name: "the file", wrong: 'holds no list "problems"' }];
  return (Array.isArray(list) ? list : list.problems).map((entry, i) => {
    const parsed = nlpProblem.safeParse(entry);
    if (parsed.success) return parsed.data;
    const called = z.object({ name }).safeParse(entry).data?.name ?? `number ${i + 1}`;
    return { name: called, wrong: z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, " ") };
  });
}

/** What JSON.parse makes of 1e999. */
function infinite() {
  return z.custom<number>((value) => Math.abs(value as number) === Infinity, "a number expected");
}

/** Where no start is stated: the middle of the bounds, the one bound, or 0. */
function inside(
  { lower, upper }: { readonly lower: number | null; readonly upper: number | null },
) {
  return lower !== null && upper !== null ? (lower + upper) / 2 : lower ?? upper ?? 0;
}
