/** What is wrong with the configuration file, told by its schema. */

import { z } from "zod";
import { fileSchema } from "./config_schema.ts";

/** The keys that may stand in the section at `path`; empty where there is no such section. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = fileSchema;
  for (const key of path) {
    const section = withoutWrappers(schema);
    schema = section instanceof z.ZodObject ? section.shape[String(key)] : undefined;
  }
  const section = withoutWrappers(schema);
  return section instanceof z.ZodObject ? Object.keys(section.shape) : [];
}

function withoutWrappers(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodOptional || inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault
  ) inner = inner.unwrap();
  return inner;
}

/** What is wrong with a value, and what was expected, as one sentence. */
export function wrongValue(issue: z.core.$ZodIssue): string {
  const key = String(issue.path.at(-1) ?? "");
  const isSecret = /password|secret|key/.test(key);
  const got = isSecret ? "another value" : JSON.stringify(issue.input) ?? "nothing";
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? `Missing; expected ${nounOf(issue.expected)}`
        : `Expected ${nounOf(issue.expected)}, got ${got}`;
    case "invalid_value":
      return `Expected ${issue.values.map(String).join(", ")}, got ${got}`;
    case "too_small":
      return `Expected ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}` +
        `${issue.origin === "string" ? " character" : ""}, got ${got}`;
    case "too_big":
      return `Expected ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}, got ${got}`;
    default:
      return issue.message;
  }
}

const nouns: Readonly<Record<string, string>> = {
  object: "a section of keys",
  record: "a section of keys",
  string: "text (put numbers in quotes)",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

function nounOf(type: string): string {
  return nouns[type] ?? type;
}
