/** Formula text to a syntax tree, or everything that is wrong with it. */

import type { ILexingError, IRecognitionException, IToken } from "chevrotain";
import { checkCalls } from "./formula_calls.ts";
import { FormulaParser, maxNesting, NestingError } from "./formula_parser.ts";
import { type FormulaProblem, problemAt } from "./formula_problem.ts";
import { tokenize } from "./formula_tokens.ts";
import type { Formula } from "./strategy.ts";

/** Longest formula in characters. */
export const maxFormulaLength = 10_000;
/** Most words (numbers, names, operators, brackets) in a formula; bounds the tree's depth. */
export const maxFormulaWords = 3_000;

/** How large a formula may be. */
export interface FormulaSize {
  readonly characters: number;
  readonly words: number;
}

/** What a person can write and read; others than people may have longer ones. */
const written: FormulaSize = { characters: maxFormulaLength, words: maxFormulaWords };

export type FormulaResult =
  | { readonly kind: "formula"; readonly formula: Formula }
  | { readonly kind: "problems"; readonly problems: readonly FormulaProblem[] };

let parser: FormulaParser | undefined;

/**
 * Reads a formula. Names of variables are not looked up here, names of functions are. Every number
 * in the tree is finite, every call has a known function and as many arguments as it takes.
 */
export function parseFormula(text: string, most: FormulaSize = written): FormulaResult {
  const size = sizeProblem(text, most.characters);
  if (size !== undefined) return { kind: "problems", problems: [size] };
  const { tokens, errors } = tokenize(text);
  if (tokens.length > most.words) {
    return { kind: "problems", problems: [tooManyWords(tokens.length, most.words)] };
  }
  if (errors.length > 0) {
    return { kind: "problems", problems: errors.map((error) => strangeCharacter(text, error)) };
  }
  const parsed = parseTokens(text, tokens);
  if (parsed.kind === "problems") return parsed;
  const problems: FormulaProblem[] = [];
  checkCalls(parsed.formula, { text, problems });
  return problems.length === 0 ? parsed : { kind: "problems", problems };
}

function parseTokens(text: string, tokens: IToken[]): FormulaResult {
  parser ??= new FormulaParser();
  parser.read(tokens);
  try {
    const formula = parser.formula();
    const [error] = parser.errors;
    if (error === undefined) return { kind: "formula", formula };
    return { kind: "problems", problems: [unexpectedWord(text, error)] };
  } catch (error) {
    if (!(error instanceof NestingError)) throw error;
    const problem = problemAt(text, error.at, {
      message: "The formula is nested too deeply",
      expected: `at most ${maxNesting} brackets, calls and powers inside one another`,
      suggestion: "Give a part of it a name: an output of its own in a function skill",
    });
    return { kind: "problems", problems: [problem] };
  }
}

function sizeProblem(text: string, most: number): FormulaProblem | undefined {
  if (text.length <= most) return undefined;
  return problemAt(text, 0, {
    message: `The formula has ${text.length} characters`,
    expected: `at most ${most} characters`,
    suggestion: "Split it into several outputs of a function skill",
  });
}

function tooManyWords(count: number, most: number): FormulaProblem {
  return problemAt("", 0, {
    message: `The formula has ${count} numbers, names and signs`,
    expected: `at most ${most}`,
    suggestion: "Split it into several outputs of a function skill",
  });
}

/** What people write who know another language, and what it is called here. */
const strangers: ReadonlyMap<string, string> = new Map([
  ["=", 'Write "==" to compare; limits such as "x <= 5" go into `max`'],
  ["≤", 'Write "<="'],
  ["≥", 'Write ">="'],
  ["≠", 'Write "!="'],
  ["·", 'Write "*"'],
  ["×", 'Write "*"'],
  ["÷", 'Write "/"'],
  ["−", 'Write "-": this is a typographic minus'],
  ["²", 'Write "^2"'],
  ["³", 'Write "^3"'],
  ["%", "Divide by 100 where a percentage is meant"],
  ["&", "Write and(a > 1, b > 2)"],
  ["|", "Write or(a > 1, b > 2)"],
  ["!", "Write not(condition)"],
  ["?", "Write if(condition, then, otherwise)"],
  [".", "Put a tag with dots between backticks: `FIC-101.PV`"],
  ["[", "Put a tag with brackets between backticks: `FIC[101]`"],
  ["{", "Use round brackets"],
  ["`", "Close the name with a second backtick"],
  ['"', "Names stand alone or between backticks, not between quotes"],
  ["'", "Names stand alone or between backticks, not between quotes"],
  [";", 'Separate arguments by ","'],
]);

function strangeCharacter(text: string, error: ILexingError): FormulaProblem {
  const character = String.fromCodePoint(text.codePointAt(error.offset) ?? 0);
  return problemAt(text, error.offset, {
    message: `"${character}" means nothing in a formula`,
    expected: "numbers, names, + - * / ^ ( ) , and comparisons",
    suggestion: strangers.get(character),
  });
}

function unexpectedWord(text: string, error: IRecognitionException): FormulaProblem {
  const expected = error.message;
  const { image, startOffset } = error.token;
  if (image === "" || Number.isNaN(startOffset) || startOffset < 0) {
    const at = text.trimEnd().length;
    const message = at === 0 ? "The formula is empty" : "The formula ends too early";
    return { ...problemAt(text, at, { message, expected }), length: 1 };
  }
  return problemAt(text, startOffset, {
    message: `Unexpected "${image}"`,
    expected,
    suggestion: cureOf(text, { image, at: startOffset }),
  });
}

function cureOf(text: string, word: { image: string; at: number }): string | undefined {
  const before = text.slice(0, word.at);
  const after = text.slice(word.at + word.image.length);
  if (word.image === "," && /\d$/.test(before) && /^\d/.test(after)) {
    return "Write numbers with a decimal point: 0.4";
  }
  if (word.image === "*" && before.endsWith("*")) return 'Write "^" for a power';
  if (/[<>=]/.test(word.image)) return "Compare two values at a time; put brackets around each";
  if (/^(and|or|not)$/i.test(word.image)) return "Write and(a > 1, b > 2), or(…) or not(…)";
  if (/^[.[:]/.test(after) || /[.[:]$/.test(before)) {
    return "Put a tag with other characters between backticks: `FIC-101.PV`";
  }
  if (/^[\p{L}_`\d(]/u.test(word.image)) return 'Write "*" between two factors';
  return undefined;
}
