/** The words of a formula: numbers, names, quoted names, operators. */

import { createToken, type ILexingError, type IToken, Lexer, type TokenType } from "chevrotain";

/** Letters of any alphabet, digits and `_`, not starting with a digit. */
const plainName = /[\p{L}_][\p{L}\p{M}\p{N}_]*/uy;
/** Any other tag goes between backticks: `` `FIC-101.PV` ``. */
const quotedName = /`[^`\r\n]+`/y;

/** Matches at the given place only; Chevrotain's own pattern reader does not know `\p{…}`. */
function sticky(pattern: RegExp): (text: string, offset: number) => RegExpExecArray | null {
  return (text, offset) => {
    pattern.lastIndex = offset;
    return pattern.exec(text);
  };
}

export const NumberToken = createToken({
  name: "Number",
  label: "a number",
  pattern: /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/,
});
export const NameToken = createToken({
  name: "Name",
  label: "a name",
  pattern: { exec: sticky(plainName) },
  line_breaks: false,
});
export const QuotedNameToken = createToken({
  name: "QuotedName",
  label: "a name in backticks",
  pattern: { exec: sticky(quotedName) },
  line_breaks: false,
});
export const ComparisonToken = createToken({
  name: "Comparison",
  label: "a comparison",
  pattern: /<=|>=|==|!=|<|>/,
});
export const SignToken = createToken({ name: "Sign", label: '"+" or "-"', pattern: /[+-]/ });
export const FactorToken = createToken({ name: "Factor", label: '"*" or "/"', pattern: /[*/]/ });
export const PowerToken = createToken({ name: "Power", label: '"^"', pattern: /\^/ });
export const OpenToken = createToken({ name: "Open", label: '"("', pattern: /\(/ });
export const CloseToken = createToken({ name: "Close", label: '")"', pattern: /\)/ });
export const CommaToken = createToken({ name: "Comma", label: '","', pattern: /,/ });
const SpaceToken = createToken({ name: "Space", pattern: /\s+/, group: Lexer.SKIPPED });

export const formulaTokens: readonly TokenType[] = [
  SpaceToken,
  NumberToken,
  NameToken,
  QuotedNameToken,
  ComparisonToken,
  SignToken,
  FactorToken,
  PowerToken,
  OpenToken,
  CloseToken,
  CommaToken,
];

let lexer: Lexer | undefined;

/** Splits a formula; what no word matches is in `errors`. */
export function tokenize(text: string): { tokens: IToken[]; errors: ILexingError[] } {
  lexer ??= new Lexer([...formulaTokens], { positionTracking: "onlyOffset" });
  return lexer.tokenize(text);
}

/** The name that a name token stands for: without its backticks. */
export function nameOf(token: IToken): string {
  return token.image.startsWith("`") ? token.image.slice(1, -1) : token.image;
}

/** A name as a formula writes it: between backticks unless it is a plain one. */
export function writtenName(name: string): string {
  plainName.lastIndex = 0;
  const match = plainName.exec(name);
  return match !== null && match[0] === name ? name : `\`${name}\``;
}

/** Length of the word that starts at `offset`, for carets; at least 1. */
export function wordLength(text: string, offset: number): number {
  for (const pattern of [quotedName, plainName]) {
    pattern.lastIndex = offset;
    const match = pattern.exec(text);
    if (match !== null) return match[0].length;
  }
  const other = /^(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|<=|>=|==|!=)/.exec(text.slice(offset));
  return other?.[0].length ?? 1;
}
