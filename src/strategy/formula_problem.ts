/** What is wrong with a formula, placed by its offset in the text. */

import { wordLength } from "./formula_tokens.ts";

/** One thing wrong with a formula's text. */
export interface FormulaProblem {
  /** Offset in the text, from 0. */
  readonly at: number;
  /** Characters to underline. */
  readonly length: number;
  readonly message: string;
  readonly expected: string | undefined;
  readonly suggestion: string | undefined;
}

/** A problem at one word of a formula. */
export function problemAt(
  text: string,
  at: number,
  what: { message: string; expected?: string; suggestion?: string | undefined },
): FormulaProblem {
  return {
    at,
    length: wordLength(text, at),
    message: what.message,
    expected: what.expected,
    suggestion: what.suggestion,
  };
}
