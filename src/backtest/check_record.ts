/** Whether a record serves a strategy, and what is to be known about it. */

import type { LiveValueRule, Strategy, Variable } from "../strategy/strategy.ts";
import { nearName } from "../near_name.ts";
import type { MomentRange } from "./moments.ts";
import type { Recording } from "./recording.ts";

interface Lack {
  /** The variable that lacks a tag. */
  readonly variable: string;
  /** Undefined: the backtest can do without. */
  readonly problem: string | undefined;
  /** Undefined where the problem says it all. */
  readonly note: string | undefined;
}

/** Everything that stands against a backtest, each with its cure; empty where nothing does. */
export function recordProblems(
  recording: Recording,
  { strategies, others, moments, range }: {
    readonly strategies: readonly Strategy[];
    /** Names in the record that no variable has. */
    readonly others: readonly string[];
    readonly moments: readonly number[];
    readonly range: MomentRange;
  },
): string[] {
  const problems = lacks(recording, { strategies, others }).flatMap(({ problem }) => problem ?? []);
  const text = (time: number) => new Date(time).toISOString();
  const { span } = recording;
  if (span === undefined) {
    return [
      `The record has none of the strategy's tags: name another file or database, or map its names ` +
      "in database.values.tags of the site's configuration",
      ...problems,
    ];
  }
  if (moments.length === 0) {
    problems.push(
      `Nothing was recorded from ${text(range.from)} to ${text(range.to)}: the record goes from ` +
        `${text(span[0])} to ${text(span[1])}; correct --from and --to`,
    );
  }
  return problems;
}

/** What the report is to tell of tags that lack. */
export function recordNotes(recording: Recording, strategies: readonly Strategy[]): string[] {
  return lacks(recording, { strategies, others: [] }).flatMap(({ note }) => note ?? []);
}

function lacks(
  recording: Recording,
  { strategies, others }: {
    readonly strategies: readonly Strategy[];
    readonly others: readonly string[];
  },
): Lack[] {
  const there = new Set(recording.tags);
  const found = strategies.flatMap((strategy) => {
    const { variables } = strategy;
    return [...variables.values()].flatMap((variable): Lack[] => {
      const tag = tagOf(variable);
      return tag === undefined || there.has(tag)
        ? []
        : [lackOf(variable, { tag, others, variables })];
    });
  });
  return [...new Map(found.map((lack) => [lack.variable, lack])).values()];
}

function tagOf(variable: Variable): string | undefined {
  if (variable.type === "operative" || variable.type === "informative") return variable.name;
  return variable.type === "predicted" ? variable.measuredBy : undefined;
}

function lackOf(
  variable: Variable,
  { tag, others, variables }: {
    readonly tag: string;
    readonly others: readonly string[];
    readonly variables: ReadonlyMap<string, Variable>;
  },
): Lack {
  if (variable.type === "predicted") {
    return {
      variable: variable.name,
      // A tag that is also a variable of its own is told there.
      problem: undefined,
      note: `The record has no ${tag}: nothing is known of the error of ${variable.name}` +
        `${variable.bias === undefined ? "" : ", and no bias is learned"}.`,
    };
  }
  const rule = variables.get(tag) as LiveValueRule & Variable;
  const { onBad, critical } = rule;
  if (onBad.kind === "default" && !critical) {
    return {
      variable: variable.name,
      problem: undefined,
      note: `The record has no ${tag}: its default of ${onBad.value} stood in at every moment.`,
    };
  }
  const near = nearName(tag, others);
  return {
    variable: variable.name,
    problem: `${tag}: the record has no such tag${near === undefined ? "" : ` but "${near}"`}; ` +
      "map the site's name in database.values.tags, add the tag to the record, or give the " +
      "variable on_bad: { default: … }",
    note: undefined,
  };
}
