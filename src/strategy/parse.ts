/** Strategy text to a checked `Strategy`, or every problem in it at once. */

import { buildStrategy } from "./build.ts";
import { type Finding, type Path, pathText } from "./finding.ts";
import { type Problem, problemIn } from "./problem.ts";
import { checkShape, valueAt } from "./shape.ts";
import type { Strategy } from "./strategy.ts";
import { validate } from "./validate.ts";
import { readYaml, type YamlDocument } from "./yaml_document.ts";

export type ParseResult =
  | { readonly kind: "strategy"; readonly strategy: Strategy }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

/** Reads a strategy; `file` is the name that problems carry. */
export function parseStrategy(text: string, { file }: { readonly file: string }): ParseResult {
  const source = { file, text };
  const yaml = readYaml(text);
  if (yaml.kind === "faults") {
    const problems = yaml.faults.map((fault) => problemIn(source, { path: "", ...fault }));
    return { kind: "problems", problems: inOrder(problems) };
  }
  const { strategy, findings } = check(yaml.document.value);
  if (strategy !== undefined && findings.length === 0) return { kind: "strategy", strategy };
  const problems = findings.map((finding) => asWritten(finding, yaml.document)).map((finding) =>
    problemIn(source, {
      place: yaml.document.place(finding),
      path: pathText(finding.path),
      message: finding.message,
      expected: finding.expected,
      suggestion: finding.suggestion,
    })
  );
  return { kind: "problems", problems: inOrder(problems) };
}

/** Shape, then formulas, then the rules between keys; each as far as the ones before allow. */
function check(value: unknown): { strategy: Strategy | undefined; findings: Finding[] } {
  const shape = checkShape(value);
  if (shape.file === undefined) return { strategy: undefined, findings: [...shape.findings] };
  const built = buildStrategy(shape.file);
  const before = [
    ...shape.findings,
    ...built.findings.filter(({ path }) => !shape.findings.some((other) => within(other, path))),
  ];
  const rules = validate(built.strategy, {
    broken: shape.broken,
    unreadFormulas: built.findings.length > 0,
    unreadGroups: shape.unreadGroups,
  });
  // What a rule says about a part that has another fault may only be that fault's consequence.
  const rest = rules.filter((finding) =>
    !before.some((other) => samePart(finding.path, other.path))
  );
  return { strategy: built.strategy, findings: withoutRepeats([...before, ...rest]) };
}

/** A part that lacks something lacks what was left out of it for its shape: told once is enough. */
function within({ path }: Finding, part: Path): boolean {
  return path.length > part.length && part.every((step, i) => step === path[i]);
}

/** change(x) reads x twice, and several tasks may run one chain: the same fault is told once. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const told = new Map(findings.map((finding) => [
    JSON.stringify([finding.path, finding.within, finding.message]),
    finding,
  ]));
  return [...told.values()];
}

function samePart(a: Path, b: Path): boolean {
  if (a[0] === "tasks" && a.length === 1) return b[0] === "tasks";
  return a.length > 1 && a[0] === b[0] && a[1] === b[1];
}

/** Rules know one way to write a thing; this is the way that the engineer took. */
function asWritten(finding: Finding, document: YamlDocument): Finding {
  const [section, skill = "", key] = finding.path;
  if (key === "average" && !document.has(finding.path)) {
    return { ...finding, path: finding.path.slice(0, 3) };
  }
  if (section !== "skills" || document.has(finding.path)) return finding;
  const written = valueAt(document.value, [section, skill]);
  if (key === "outputs" && valueAt(written, ["output"]) !== undefined) {
    const part = finding.onKey === true ? "output" : "formula";
    return { ...finding, path: [section, skill, part], onKey: false };
  }
  if (key === "objective") {
    const sense = valueAt(written, ["minimize"]) === undefined ? "maximize" : "minimize";
    return { ...finding, path: [section, skill, sense] };
  }
  return finding;
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
