/** YAML text as plain values with the place of each, and `${VAR}` replaced from the environment. */

import { isCollection, isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";

export type Environment = Readonly<Record<string, string | undefined>>;
export type KeyPath = readonly PropertyKey[];

/** One wrong place; line and column count from 1. */
export interface ConfigProblem {
  readonly line: number;
  readonly column: number;
  /** Dotted path of the key, empty for the file as a whole. */
  readonly key: string;
  readonly message: string;
}

/** A text's values, what was wrong with the text itself, and a way to report what else is wrong. */
export interface PlacedText {
  readonly value: unknown;
  readonly problems: readonly ConfigProblem[];
  /** A problem with the value at `path`, or with the nearest section around it that is there. */
  problemAt(path: KeyPath, message: string): ConfigProblem;
  /** The same, but placed at the key's name. */
  problemAtKey(path: KeyPath, message: string): ConfigProblem;
}

/** Reads YAML text; a broken text gives problems and no value. Aliases are refused. */
export function readText(text: string, env: Environment): PlacedText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const values = new Map<string, number>();
  const names = new Map<string, number>();
  const problems: ConfigProblem[] = [];
  const problem = (offset: number, key: string, message: string): ConfigProblem => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1), key, message };
  };
  const offsetOf = (path: KeyPath): number => {
    for (let length = path.length; length > 0; length--) {
      const offset = values.get(keyOf(path.slice(0, length)));
      if (offset !== undefined) return offset;
    }
    return 0;
  };

  for (const error of document.errors) problems.push(problem(error.pos[0], "", error.message));
  const wrong = (key: string, node: Node, message: string) => {
    problems.push(problem(startOf(node), key, message));
  };
  const value = problems.length > 0
    ? undefined
    : toPlain(document.contents, { path: [], env, values, names, wrong });
  return {
    value,
    problems,
    problemAt: (path, message) => problem(offsetOf(path), keyOf(path), message),
    problemAtKey: (path, message) =>
      problem(names.get(keyOf(path)) ?? offsetOf(path), keyOf(path), message),
  };
}

function keyOf(path: KeyPath): string {
  return path.map(String).join(".");
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

interface PlainWalk {
  readonly path: readonly string[];
  readonly env: Environment;
  readonly values: Map<string, number>;
  readonly names: Map<string, number>;
  wrong(key: string, node: Node, message: string): void;
}

function toPlain(node: unknown, walk: PlainWalk): unknown {
  const key = keyOf(walk.path);
  if (isMap(node)) {
    walk.values.set(key, startOf(node));
    return Object.fromEntries(node.items.map((pair) => {
      const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      const path = [...walk.path, name];
      if (isScalar(pair.key)) {
        walk.names.set(keyOf(path), startOf(pair.key));
        if (pair.value !== null && !isScalar(pair.value) && !isCollection(pair.value)) {
          walk.wrong(keyOf(path), pair.key, "Expected a value, got an alias");
        }
      }
      return [name, toPlain(pair.value, { ...walk, path })];
    }));
  }
  if (isCollection(node)) {
    walk.values.set(key, startOf(node));
    return node.items.map((item, i) => toPlain(item, { ...walk, path: [...walk.path, String(i)] }));
  }
  // An empty value means: not set.
  if (!isScalar(node) || node.value === null) return undefined;
  walk.values.set(key, startOf(node));
  if (typeof node.value !== "string") return node.value;
  const missing = (name: string) => {
    const cure = `set it, or write \${${name}:-default}`;
    walk.wrong(key, node, `Environment variable ${name} is not set: ${cure}`);
  };
  return replaceVariables(node.value, { env: walk.env, missing });
}

/** `${VAR}` and `${VAR:-default}`; the default also stands in for an empty variable. */
function replaceVariables(
  text: string,
  options: { env: Environment; missing: (name: string) => void },
): string {
  return text.replaceAll(/\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g, (_, name: string, fallback) => {
    const value = options.env[name];
    if (typeof fallback === "string") return value || fallback;
    if (value === undefined) options.missing(name);
    return value ?? "";
  });
}
