/** Strategy texts with random damage, the same in every run. */

import { fullStrategy } from "./full_strategy.ts";
import { sampleStrategy } from "./sample_strategy.ts";

/** Texts that hurt: syntax of YAML and of formulas, numbers at the edges, long names. */
const fragments = [
  ..."[ ] { } : , - ? | > & * ! % @ ` ' \" # \\ \t \n \r ( ) + / ^ < = ~ . 0 1 _ é 😀".split(" "),
  "\n",
  " ",
  "\n  ",
  ": ",
  "- ",
  "null",
  "true",
  ".nan",
  "-.inf",
  "1e400",
  "-0",
  "0x1F",
  "<<",
  "*a",
  "&a",
  "!!binary",
  "---",
  "...",
  "__proto__",
  "constructor",
  "toString",
  "measured(",
  "if(1,",
  "Coal",
  "state",
];

/**
 * Damages one of the two samples: deletes, repeats, moves and replaces stretches, inserts what hurts,
 * or puts one word of the file in the place of another, or other numbers in the place of its numbers,
 * which leaves most of the syntax whole.
 */
export function mutatedStrategy(seed: number): string {
  const random = mulberry32(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  let text = random() < 0.5 ? sampleStrategy : fullStrategy;
  const gentle = [withWordMoved, withNumberChanged][below(4)];
  if (gentle !== undefined) {
    for (let edits = 1 + below(3); edits > 0; edits--) text = gentle(text, below);
    return text;
  }
  for (let edits = 1 + below(4); edits > 0; edits--) {
    const at = below(text.length);
    const length = below(random() < 0.2 ? 200 : 12);
    const [before, part, after] = [
      text.slice(0, at),
      text.slice(at, at + length),
      text.slice(at + length),
    ];
    const fragment = fragments[below(fragments.length)] ?? "";
    const lines = text.split("\n");
    const line = lines[below(lines.length)] ?? "";
    text = [
      before + after,
      before + part + part + after,
      before + fragment + after,
      before + fragment + part + after,
      before + line + "\n" + part + after,
      before + String((random() - 0.5) * 10 ** below(12)) + after,
    ][below(6)] ?? text;
  }
  return text;
}

function withNumberChanged(text: string, below: (limit: number) => number): string {
  const numbers = [...text.matchAll(/(?<![\w.])-?\d+(\.\d+)?(e-?\d+)?/g)];
  const found = numbers[below(numbers.length)];
  if (found === undefined) return text;
  const value = Number(found[0]);
  const others = [0, -value, value * 10, value / 10, value + 1, 1e300, -1e-300, value * 0.9];
  return text.slice(0, found.index) + others[below(others.length)] +
    text.slice(found.index + found[0].length);
}

function withWordMoved(text: string, below: (limit: number) => number): string {
  const words = [...text.matchAll(/[\w.]+/g)];
  const [from, to] = [words[below(words.length)], words[below(words.length)]];
  if (from === undefined || to === undefined) return text;
  return text.slice(0, to.index) + from[0] + text.slice(to.index + to[0].length);
}

function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
