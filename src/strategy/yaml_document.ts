/** A YAML text as plain values, with the place of each of them. */

import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  type YAMLError,
} from "yaml";
import type { Finding, Path } from "./finding.ts";
import type { Place } from "./problem.ts";
import { placeInScalar } from "./scalar_place.ts";
import { maxAliases, maxDepth, maxValues, tokensWithin } from "./yaml_limits.ts";

/** A fault of the YAML itself; it has a place, but no path that could be trusted. */
export interface YamlFault {
  readonly place: Place;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
}

export interface YamlDocument {
  /** Mappings as objects with own keys only, lists as arrays, scalars as YAML 1.2 core reads them. */
  readonly value: unknown;
  /** Whether the file holds something at this path. */
  readonly has: (path: Path) => boolean;
  /** Where a finding points: the nearest thing that the file does hold. */
  readonly place: (finding: Pick<Finding, "path" | "onKey" | "within">) => Place;
}

export type YamlResult =
  | { readonly kind: "document"; readonly document: YamlDocument }
  | { readonly kind: "faults"; readonly faults: readonly YamlFault[] };

/** Reads one YAML document; every fault of its syntax at once. */
export function readYaml(text: string): YamlResult {
  const split = tokensWithin(text);
  if (split.kind === "too_large") {
    return { kind: "faults", faults: [{ place: { offset: 0, length: 1 }, ...split }] };
  }
  // Duplicate keys are looked for below: the library's own search is quadratic.
  const composer = new Composer({ version: "1.2", schema: "core", uniqueKeys: false });
  const documents = [...composer.compose(split.tokens, true, text.length)];
  const [document, second] = documents;
  const faults = firstOfEach(documents.flatMap((d) => [...d.errors, ...d.warnings]))
    .map(syntaxFault);
  if (second !== undefined) {
    faults.push({
      place: { offset: second.range[0], length: 3 },
      message: "A second document starts here",
      expected: "one strategy per file",
    });
  }
  if (document === undefined || faults.length > 0) return { kind: "faults", faults };
  const reading = new Reading(text, document);
  const value = reading.read();
  if (reading.faults.length > 0) return { kind: "faults", faults: reading.faults };
  return {
    kind: "document",
    document: {
      value,
      has: (path) => reading.nodes.has(keyOf(path)),
      place: (finding) => reading.place(finding),
    },
  };
}

/**
 * One wrong indent makes every line after it wrong too: of each kind the first is told. A tab among
 * the indents explains all the rest.
 */
function firstOfEach(errors: readonly YAMLError[]): YAMLError[] {
  const tab = errors.find(({ code }) => code === "TAB_AS_INDENT");
  if (tab !== undefined) return [tab];
  return errors.filter(({ code }, i) => errors.findIndex((other) => other.code === code) === i);
}

function syntaxFault(error: YAMLError): YamlFault {
  const [start, end] = error.pos;
  const [message = ""] = error.message.split("\n");
  return {
    place: { offset: start, length: Math.max(1, end - start) },
    message: `This is not YAML: ${message}`,
    suggestion: cures.get(error.code),
  };
}

const cures: ReadonlyMap<string, string> = new Map([
  ["BAD_INDENT", "Indent with the same number of spaces as the lines around it"],
  ["TAB_AS_INDENT", "Indent with spaces, not with tabs"],
  ["MISSING_CHAR", "Close every bracket and quote; put texts with : or # between quotes"],
  ["BLOCK_AS_IMPLICIT_KEY", "Put texts with a colon between quotes"],
  ["MULTILINE_IMPLICIT_KEY", "Put a colon behind each key, and a space behind the colon"],
  ["BAD_SCALAR_START", "Put texts that start with `, @ or % between quotes"],
  ["TAG_RESOLVE_FAILED", "Leave out the tag that starts with !"],
]);

interface Nodes {
  readonly key: ParsedNode | undefined;
  readonly value: ParsedNode | undefined;
}

/** One walk over a document; keeps what it found wrong and where everything stands. */
class Reading {
  readonly faults: YamlFault[] = [];
  readonly nodes = new Map<string, Nodes>();
  readonly #text: string;
  readonly #document: Document.Parsed;
  readonly #open = new Set<ParsedNode>();
  #values = 0;
  #aliases = 0;

  constructor(text: string, document: Document.Parsed) {
    this.#text = text;
    this.#document = document;
  }

  read(): unknown {
    return this.#value(this.#document.contents, []);
  }

  place({ path, onKey, within }: Pick<Finding, "path" | "onKey" | "within">): Place {
    const found = this.nodes.get(keyOf(path));
    if (found === undefined) {
      if (path.length === 0) return { offset: 0, length: 1 };
      return this.place({ path: path.slice(0, -1), onKey: true });
    }
    const node = onKey === true ? found.key ?? found.value : found.value ?? found.key;
    if (node === undefined) return { offset: 0, length: 1 };
    const [offset, end] = node.range;
    if (within !== undefined && isScalar(node)) return placeInScalar(this.#text, { node, within });
    if (path.length === 0) return { offset, length: 1 };
    const firstLine = this.#text.slice(offset, end).split("\n", 1)[0] ?? "";
    return { offset, length: Math.max(1, firstLine.trimEnd().length) };
  }

  #value(node: ParsedNode | null | undefined, path: Path, key?: ParsedNode): unknown {
    this.nodes.set(keyOf(path), { key, value: node ?? undefined });
    if (node === null || node === undefined || this.#values > maxValues) return null;
    this.#values += 1;
    if (this.#values > maxValues || path.length > maxDepth) {
      this.#fault(node, {
        message: "The file grows too large when its aliases are replaced",
        expected: `at most ${maxValues} values, ${maxDepth} deep`,
      });
      this.#values = maxValues + 1;
      return null;
    }
    if (isAlias(node)) return this.#alias(node, path, key);
    if (isScalar(node)) return node.value;
    if (this.#open.has(node)) {
      this.#fault(node, { message: "A value contains itself through an alias" });
      return null;
    }
    this.#open.add(node);
    const value = isSeq(node)
      ? node.items.map((item, i) => this.#value(item as ParsedNode | null, [...path, i]))
      : this.#mapping(node, path);
    this.#open.delete(node);
    return value;
  }

  #alias(node: ParsedNode, path: Path, key: ParsedNode | undefined): unknown {
    if (!isAlias(node)) return null;
    this.#aliases += 1;
    if (this.#aliases > maxAliases) {
      if (this.#aliases === maxAliases + 1) {
        this.#fault(node, { message: "Too many aliases", expected: `at most ${maxAliases}` });
      }
      return null;
    }
    const target = node.resolve(this.#document);
    if (target === undefined) {
      this.#fault(node, { message: `No anchor "&${node.source}" stands before this alias` });
      return null;
    }
    return this.#value(target as ParsedNode, path, key);
  }

  #mapping(node: ParsedNode, path: Path): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    if (!isMap(node)) return {};
    for (const pair of node.items) {
      const key = pair.key as ParsedNode | null;
      const name = isScalar(key) && key.value !== null ? String(key.value) : undefined;
      if (key === null || name === undefined || name === "__proto__") {
        this.#fault(key ?? node, {
          message: name === undefined ? "A key is not a plain text" : `"${name}" cannot be a key`,
          expected: "keys that are names",
        });
        continue;
      }
      if (entries.has(name)) {
        this.#fault(key, {
          message: `"${name}" stands here a second time`,
          expected: "each key once",
          suggestion: `The first one is in line ${this.#lineOf([...path, name])}`,
        });
        continue;
      }
      entries.set(name, this.#value(pair.value as ParsedNode | null, [...path, name], key));
    }
    return Object.fromEntries(entries);
  }

  #lineOf(path: Path): number {
    const offset = this.nodes.get(keyOf(path))?.key?.range[0] ?? 0;
    return this.#text.slice(0, offset).split("\n").length;
  }

  #fault(node: ParsedNode, what: Omit<YamlFault, "place">): void {
    const [offset, end] = node.range;
    const firstLine = this.#text.slice(offset, end).split("\n", 1)[0] ?? "";
    this.faults.push({ place: { offset, length: Math.max(1, firstLine.length) }, ...what });
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}
