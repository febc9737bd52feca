/** How large a strategy file may be. Checked before anything that walks the tree recursively. */

import { type CST, Lexer, Parser } from "yaml";

/** Longest file in characters. */
export const maxLength = 512 * 1024;
/** Most words, marks and line breaks in a file. */
const maxWords = 100_000;
/** Lists and mappings inside one another, at most. */
export const maxDepth = 40;
/** Most aliases (`*name`) in a file. */
export const maxAliases = 100;
/** Most values after all aliases are replaced by what they stand for. */
export const maxValues = 50_000;

export type Tokens =
  | { readonly kind: "tokens"; readonly tokens: readonly CST.Token[] }
  | { readonly kind: "too_large"; readonly message: string; readonly expected: string };

/** Splits the text into YAML's syntax tree, or says which limit it breaks; never recursive. */
export function tokensWithin(text: string): Tokens {
  if (text.length > maxLength) {
    return tooLarge(`The file has ${text.length} characters`, `at most ${maxLength} characters`);
  }
  let words = 0;
  for (const _ of new Lexer().lex(text)) {
    words += 1;
    if (words > maxWords) {
      return tooLarge(`The file has more than ${maxWords} words and marks`, "a smaller file");
    }
  }
  const tokens = [...new Parser().parse(text)];
  if (isDeeperThan(tokens, maxDepth)) {
    return tooLarge(
      "The file is nested too deeply",
      `at most ${maxDepth} lists and mappings inside one another`,
    );
  }
  return { kind: "tokens", tokens };
}

function tooLarge(message: string, expected: string): Tokens {
  return { kind: "too_large", message, expected };
}

/** Walks level by level, so that depth costs no stack. */
function isDeeperThan(tokens: readonly CST.Token[], limit: number): boolean {
  let level: CST.Token[] = [...tokens];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap(childrenOf);
  }
  return false;
}

function childrenOf(token: CST.Token): CST.Token[] {
  if (token.type === "document") return token.value === undefined ? [] : [token.value];
  if (!("items" in token)) return [];
  return token.items.flatMap((item) => [item.key, item.value]).filter((child) =>
    child !== undefined && child !== null
  );
}
