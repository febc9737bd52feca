/**
 * The grammar of formulas, loosest binding first:
 *
 *     formula    = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
 *     sum        = term { ("+" | "-") term }
 *     term       = signed { ("*" | "/") signed }
 *     signed     = { "+" | "-" } power
 *     power      = primary [ "^" signed ]              so -2^2 = -4 and 2^3^2 = 2^9
 *     primary    = number | name | name "(" formula { "," formula } ")" | "(" formula ")"
 */

import { EmbeddedActionsParser, type IToken, type TokenType } from "chevrotain";
import {
  CloseToken,
  CommaToken,
  ComparisonToken,
  FactorToken,
  formulaTokens,
  nameOf,
  NameToken,
  NumberToken,
  OpenToken,
  PowerToken,
  QuotedNameToken,
  SignToken,
} from "./formula_tokens.ts";
import type { Formula } from "./strategy.ts";

/** Brackets, calls and powers inside one another, at most. */
export const maxNesting = 64;

/** Thrown by a rule that is entered more than `maxNesting` deep; bounds the parser's stack. */
export class NestingError extends RangeError {
  override readonly name = "NestingError";
  readonly at: number;

  constructor(at: number) {
    super(`Formula is nested more than ${maxNesting} deep`);
    this.at = at;
  }
}

type Operator = Extract<Formula, { kind: "operator" }>["operator"];

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>(
  (["+", "-", "*", "/", "^", "<", "<=", ">", ">=", "==", "!="] as const).map((o) => [o, o]),
);

type OfName = (name: string, at: number) => Formula;

/** Any change(x) is x − measured(x); both take a variable's name. */
const nameFunctions: ReadonlyMap<string, OfName> = new Map<string, OfName>([
  ["measured", (name, at) => ({ kind: "measured", name, at })],
  ["change", (name, at) => ({
    kind: "operator",
    operator: "-",
    left: { kind: "variable", name, at },
    right: { kind: "measured", name, at },
    at,
  })],
]);

/** Messages are what was expected; the caller says what was found. */
const expectations = {
  buildMismatchTokenMessage: ({ expected }: { expected: TokenType }) =>
    expected.LABEL ?? expected.name,
  buildNotAllInputParsedMessage: () => "an operator or the end of the formula",
  buildNoViableAltMessage: () => 'a number, a name or "("',
  buildEarlyExitMessage: () => "more of the formula",
};

/** One parser, used again and again: building it analyses the grammar, which takes milliseconds. */
export class FormulaParser extends EmbeddedActionsParser {
  #depth = 0;

  constructor() {
    super([...formulaTokens], { maxLookahead: 2, errorMessageProvider: expectations });
    this.performSelfAnalysis();
  }

  /** Sets the words to read. Afterwards `formula()` reads them and `errors` says what is wrong. */
  read(tokens: IToken[]): void {
    this.input = tokens;
    this.#depth = 0;
  }

  readonly formula = this.RULE("formula", (): Formula => {
    let left = this.SUBRULE(this.#sum);
    this.OPTION(() => {
      const token = this.CONSUME(ComparisonToken);
      left = binary(token, left, this.SUBRULE2(this.#sum));
    });
    return left;
  });

  readonly #sum = this.RULE("sum", (): Formula => {
    let left = this.SUBRULE(this.#term);
    this.MANY(() => {
      const token = this.CONSUME(SignToken);
      left = binary(token, left, this.SUBRULE2(this.#term));
    });
    return left;
  });

  readonly #term = this.RULE("term", (): Formula => {
    let left = this.SUBRULE(this.#signed);
    this.MANY(() => {
      const token = this.CONSUME(FactorToken);
      left = binary(token, left, this.SUBRULE2(this.#signed));
    });
    return left;
  });

  readonly #signed = this.RULE("signed", (): Formula => {
    let sign: IToken | undefined;
    this.MANY(() => {
      const token = this.CONSUME(SignToken);
      if (token.image === "-") sign = sign === undefined ? token : undefined;
    });
    const of = this.SUBRULE(this.#power);
    return sign === undefined ? of : { kind: "negate", of, at: sign.startOffset };
  });

  readonly #power = this.RULE("power", (): Formula => {
    let base = this.SUBRULE(this.#primary);
    this.OPTION(() => {
      const token = this.CONSUME(PowerToken);
      this.#enter(token);
      base = binary(token, base, this.SUBRULE(this.#signed));
      this.#leave();
    });
    return base;
  });

  readonly #primary = this.RULE("primary", (): Formula =>
    this.OR([
      {
        ALT: (): Formula => {
          const token = this.CONSUME(NumberToken);
          return { kind: "number", value: Number(token.image), at: token.startOffset };
        },
      },
      { ALT: () => this.SUBRULE(this.#call) },
      { ALT: () => this.#variable(this.CONSUME(NameToken)) },
      { ALT: () => this.#variable(this.CONSUME(QuotedNameToken)) },
      {
        ALT: () => {
          this.#enter(this.CONSUME(OpenToken));
          const inner = this.SUBRULE(this.formula);
          this.#leave();
          this.CONSUME(CloseToken);
          return inner;
        },
      },
    ]));

  readonly #call = this.RULE("call", (): Formula => {
    const name = this.CONSUME(NameToken);
    this.#enter(this.CONSUME(OpenToken));
    const given: Formula[] = [];
    this.MANY_SEP({
      SEP: CommaToken,
      DEF: () => {
        given.push(this.SUBRULE(this.formula));
      },
    });
    this.#leave();
    this.CONSUME(CloseToken);
    return this.ACTION(() => call(name, given));
  });

  #variable(token: IToken): Formula {
    return this.ACTION(() => ({
      kind: "variable",
      name: nameOf(token),
      at: token.startOffset,
    }));
  }

  #enter(token: IToken): void {
    this.ACTION(() => {
      this.#depth += 1;
      if (this.#depth > maxNesting) throw new NestingError(token.startOffset);
    });
  }

  #leave(): void {
    this.ACTION(() => {
      this.#depth -= 1;
    });
  }
}

function binary(token: IToken, left: Formula, right: Formula): Formula {
  // While Chevrotain records the grammar its tokens carry no operator: any one serves.
  const operator = operators.get(token.image) ?? "+";
  return { kind: "operator", operator, left, right, at: token.startOffset };
}

function call(name: IToken, given: readonly Formula[]): Formula {
  const ofName = nameFunctions.get(name.image);
  const [only] = given;
  if (ofName !== undefined && given.length === 1 && only?.kind === "variable") {
    return ofName(only.name, only.at);
  }
  return { kind: "call", name: name.image, arguments: given, at: name.startOffset };
}
