/** Where a stretch of a YAML scalar's value stands in the file. */

import type { Scalar } from "yaml";
import type { Place } from "./problem.ts";

/**
 * Quotes, escapes, folded lines and indentation make a value differ from its text. Walks both side
 * by side: a character of the value is the next equal one of the text, and a space that folding made
 * is the next white space.
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
  let offset = text[start] === "|" || text[start] === ">" ? text.indexOf("\n", start) : start;
  for (let i = 0; i < within.at && offset < end; i++) {
    offset = nextLike(text, { from: offset, end, wanted: value[i] ?? "" }) + 1;
  }
  if (within.at < value.length) {
    offset = nextLike(text, { from: offset, end, wanted: value[within.at] ?? "" });
  }
  return { offset: Math.min(offset, end), length: within.length };
}

function nextLike(
  text: string,
  { from, end, wanted }: { readonly from: number; readonly end: number; readonly wanted: string },
): number {
  const isSpace = /\s/.test(wanted);
  for (let offset = from; offset < end; offset++) {
    const here = text[offset] ?? "";
    if (here === wanted || (isSpace && /\s/.test(here))) return offset;
  }
  return from;
}
