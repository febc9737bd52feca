/** Where a stretch of a YAML scalar's value stands in the file. */

import type { Scalar } from "yaml";
import type { Place } from "./problem.ts";

/**
 * Quotes, escapes, folded lines and indentation make a value differ from its text. Walks both side
 * by side: a character of the value is the next equal one of the text, the next escape, or, for a
 * space that folding made, the next white space.
 */
export function placeInScalar(
  text: string,
  { node, within }: {
    readonly node: Scalar.Parsed;
    readonly within: { readonly at: number; readonly length: number };
  },
): Place {
  const [start, end] = node.range;
  const value = String(node.value);
  const first = text[start];
  const walk = { end, escapes: first === '"' };
  let offset = start;
  if (first === "|" || first === ">") offset = text.indexOf("\n", start);
  if (first === '"' || first === "'") offset += 1;
  for (let i = 0; i < within.at && offset < end; i++) {
    const here = next(text, { ...walk, from: offset, wanted: value[i] ?? "" });
    offset = here.offset + here.length;
  }
  if (within.at < value.length) {
    offset = next(text, { ...walk, from: offset, wanted: value[within.at] ?? "" }).offset;
  }
  return { offset: Math.min(offset, end), length: within.length };
}

/** Where the text writes the wanted character of the value, from an offset on. */
function next(
  text: string,
  { from, end, wanted, escapes }: {
    readonly from: number;
    readonly end: number;
    readonly wanted: string;
    readonly escapes: boolean;
  },
): Place {
  const isSpace = /\s/.test(wanted);
  for (let offset = from; offset < end; offset++) {
    const here = text[offset] ?? "";
    const escape = escapes && here === "\\" ? escapeLength(text, offset) : 0;
    if (escape > 0) return { offset, length: escape };
    if (here === wanted || (isSpace && /\s/.test(here))) return { offset, length: 1 };
  }
  return { offset: from, length: 0 };
}

/** Length of a double-quoted escape (YAML 1.2.2, section 5.7); 0 for one that only breaks the line. */
function escapeLength(text: string, offset: number): number {
  const code = text[offset + 1] ?? "";
  const digits: ReadonlyMap<string, number> = new Map([["x", 2], ["u", 4], ["U", 8]]);
  return /[\r\n]/.test(code) ? 0 : 2 + (digits.get(code) ?? 0);
}
