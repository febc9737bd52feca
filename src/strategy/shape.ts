/** The shape of a file checked against the schema; every fault of shape in the engineer's words. */

import { z } from "zod";
import type { Finding, Path } from "./finding.ts";
import { nearName } from "../near_name.ts";
import { type StrategyFile, strategyFile } from "./schema.ts";

export interface ShapeResult {
  readonly findings: readonly Finding[];
  /**
   * The file without what is wrong in it, so that the rest can be checked in the same run;
   * undefined where too little is left.
   */
  readonly file: StrategyFile | undefined;
  /** Variables and skills that are declared but were left out of `file`. */
  readonly broken: ReadonlySet<string>;
  /** True: the groups were left out as a whole, so that nobody knows their names. */
  readonly unreadGroups: boolean;
}

/** Sections whose parts go by name, so that one part can be left out. */
const partsByName: ReadonlySet<string> = new Set(["variables", "groups", "skills"]);

/** Checks the values of a YAML document; reports everything at once. */
export function checkShape(value: unknown): ShapeResult {
  const parsed = strategyFile.safeParse(value, { error: expectation });
  if (parsed.success) {
    return { findings: [], file: parsed.data, broken: noBroken, unreadGroups: false };
  }
  const findings = parsed.error.issues.flatMap((issue) => findingsOf(issue, value));

  const withoutKeys = structuredClone(value);
  for (const { path } of findings) if (isOptional(path)) remove(withoutKeys, path);
  const again = strategyFile.safeParse(withoutKeys);
  const unreadGroups = misread(value, findings);
  if (again.success) return { findings, file: again.data, broken: noBroken, unreadGroups };

  const broken = new Set<string>();
  for (const { path } of again.error.issues) {
    const [section, name] = path;
    if (section === "name") put(withoutKeys, section, "nameless");
    if (section === "tasks") put(withoutKeys, section, []);
    if (section === "groups" && name === undefined) remove(withoutKeys, [section]);
    if (section === "steady_state") remove(withoutKeys, [section]);
    if (partsByName.has(String(section)) && typeof name === "string") {
      broken.add(name);
      remove(withoutKeys, [String(section), name]);
    }
  }
  const rest = strategyFile.safeParse(withoutKeys);
  return {
    findings,
    file: rest.success ? rest.data : undefined,
    broken,
    unreadGroups,
  };
}

/** Whether the groups are no mapping, or may be what an unknown key of the file was meant to be. */
function misread(value: unknown, findings: readonly Finding[]): boolean {
  const groups = valueAt(value, ["groups"]);
  if (groups !== undefined) return typeof groups !== "object" || Array.isArray(groups);
  return findings.some(({ path }) => path.length === 1 && isOptional(path));
}

const noBroken: ReadonlySet<string> = new Set();

/** What was expected, where the schema itself has no words for it. */
function expectation(issue: { readonly code?: string; readonly expected?: unknown }): string {
  if (issue.code !== "invalid_type") return "another value";
  return plain.get(String(issue.expected)) ?? `a value of type ${String(issue.expected)}`;
}

const plain: ReadonlyMap<string, string> = new Map([
  ["object", "a mapping of keys to values"],
  ["record", "a mapping of names to values"],
  ["array", "a list"],
  ["string", "a text"],
  ["number", "a number"],
  ["boolean", "true or false"],
]);

function findingsOf(issue: z.core.$ZodIssue, file: unknown): Finding[] {
  const path = issue.path.filter((step) => typeof step !== "symbol");
  const found = valueAt(file, path);
  const last = String(path.at(-1) ?? "The file");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey([...path, key], file));
  }
  if (issue.code === "invalid_key") {
    return [{
      path,
      onKey: true,
      message: `"${last}" cannot be a name`,
      expected: issue.issues[0]?.message,
    }];
  }
  if (issue.code === "invalid_union" && issue.discriminator !== undefined) {
    const options = "options" in issue ? (issue.options ?? []).map(String) : [];
    const near = typeof found === "string" ? nearName(found, options) : undefined;
    return [{
      path,
      message: found === undefined
        ? `"${issue.discriminator}" is missing`
        : `Unknown ${issue.discriminator} ${worded(found)}`,
      expected: options.join(", "),
      suggestion: near === undefined ? undefined : `Did you mean "${near}"?`,
    }];
  }
  const branch = issue.code === "invalid_union" ? branchMeant(issue.errors) : undefined;
  if (branch !== undefined) {
    return branch.flatMap((inner) =>
      findingsOf({ ...inner, path: [...issue.path, ...inner.path] }, file)
    );
  }
  if (path.length === 0) {
    const message = found === null || found === undefined
      ? "The file is empty"
      : "The file is not a mapping";
    return [{ path, message, expected: "name, variables, skills and tasks" }];
  }
  const near = typeof found === "string" ? nearName(found, wordsOf(issue)) : undefined;
  return [{
    path,
    onKey: found === null,
    message: found === undefined
      ? `"${last}" is missing`
      : `${named(path)} ${found === null ? "has no value" : `is ${worded(found)}`}`,
    expected: issue.message,
    ...(near === undefined ? {} : { suggestion: `Did you mean "${near}"?` }),
  }];
}

/** The words that a value may be, where it may be one of some. */
function wordsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code !== "invalid_union") return [];
  return issue.errors.flat().filter(({ path }) => path.length === 0).flatMap(wordsOf);
}

/**
 * Of the shapes that a value may have, the one that it was meant to have: the only one that it starts
 * right, or the one with the fewest faults further in. Undefined where none stands out.
 */
function branchMeant(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const started = branches.filter((issues) =>
    issues.every(({ code, path }) => path.length > 0 || code === "unrecognized_keys")
  ).toSorted((a, b) => a.length - b.length);
  const [best, second] = started;
  return best === undefined || best.length === second?.length ? undefined : best;
}

function unknownKey(path: Path, file: unknown): Finding {
  const known = knownKeys(path.slice(0, -1), file);
  const key = String(path.at(-1));
  const near = nearName(key, known);
  return {
    path,
    onKey: true,
    message: `Unknown key "${key}"`,
    expected: `one of ${known.join(", ")}`,
    suggestion: near === undefined ? undefined : `Did you mean "${near}"?`,
  };
}

/** The keys that the schema knows at a path; which of several shapes counts, `type` tells. */
function knownKeys(path: Path, file: unknown): string[] {
  const schema = schemaAt(path, file);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The schema of the value at a path, or undefined where the schema knows no such path. */
function schemaAt(path: Path, file: unknown): unknown {
  let schema: unknown = strategyFile;
  for (let depth = 0; depth <= path.length; depth++) {
    while (schema instanceof z.ZodOptional) schema = schema.unwrap();
    if (schema instanceof z.ZodDiscriminatedUnion) {
      const value = valueAt(file, path.slice(0, depth));
      schema = schema.options.find((option: unknown) => isOfType(option, valueAt(value, ["type"])));
    }
    const step = path[depth];
    if (step === undefined) break;
    if (schema instanceof z.ZodObject) schema = schema.shape[step];
    else if (schema instanceof z.ZodRecord) schema = schema.valueType;
    else if (schema instanceof z.ZodArray) schema = schema.element;
    else return undefined;
  }
  return schema;
}

function isOfType(option: unknown, type: unknown): boolean {
  if (!(option instanceof z.ZodObject)) return false;
  const literal: unknown = option.shape.type;
  return literal instanceof z.ZodLiteral && literal.value === type;
}

/** Whether a file without the value at `path` can still have the right shape. */
function isOptional(path: Path): boolean {
  if (path.length === 1) return !Object.hasOwn(strategyFile.shape, String(path[0]));
  return path.length > 1 && typeof path.at(-1) === "string" &&
    !(path.length === 2 && (path[0] === "variables" || path[0] === "skills"));
}

/** The value at a path of plain objects and lists; undefined where there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return undefined;
    here = Reflect.get(here, step);
  }
  return here;
}

function remove(value: unknown, path: Path): void {
  const parent = valueAt(value, path.slice(0, -1));
  const last = path.at(-1);
  if (typeof parent === "object" && parent !== null && last !== undefined) {
    Reflect.deleteProperty(parent, last);
  }
}

function put(value: unknown, key: string, what: unknown): void {
  if (typeof value === "object" && value !== null) Reflect.set(value, key, what);
}

function named(path: Path): string {
  const last = path.at(-1);
  return typeof last === "number" ? `"${String(path.at(-2))}[${last}]"` : `"${String(last)}"`;
}

/** A value found in the file, in words. */
function worded(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
}
