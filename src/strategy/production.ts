/** What produces what: a chain as single productions, each with the variables that it reads. */

import type { Step } from "./chain.ts";
import type { Finding } from "./finding.ts";
import { namesIn } from "./formula_names.ts";
import { wordLength, writtenName } from "./formula_tokens.ts";
import type { Formula } from "./strategy.ts";

/** One use of a variable, with its place in the strategy. */
export interface Read extends Pick<Finding, "path" | "within"> {
  readonly name: string;
  readonly kind: "variable" | "measured";
}

/** One formula of a function, or one whole model. */
export interface Production {
  readonly skill: string;
  readonly outputs: readonly {
    readonly name: string;
    readonly at: Pick<Finding, "path" | "onKey">;
  }[];
  readonly reads: readonly Read[];
}

/** The productions of a step, in order. */
export function productionsOf(step: Step): Production[] {
  const path = ["skills", step.name];
  if (step.type === "model") {
    return [{
      skill: step.name,
      outputs: step.outputs.map((name, i) => ({ name, at: { path: [...path, "outputs", i] } })),
      reads: step.inputs.map((name, i) => ({
        name,
        kind: "variable",
        path: [...path, "inputs", i],
      })),
    }];
  }
  return step.outputs.map(({ variable, formula }) => ({
    skill: step.name,
    outputs: [{ name: variable, at: { path: [...path, "outputs", variable], onKey: true } }],
    reads: readsOf(formula, [...path, "outputs", variable]),
  }));
}

/** The variables that a formula at `path` reads. */
export function readsOf(formula: Formula, path: Finding["path"]): Read[] {
  return namesIn(formula).map(({ name, kind, at }) => ({
    name,
    kind,
    path,
    within: { at, length: wordLength(writtenName(name), 0) },
  }));
}
