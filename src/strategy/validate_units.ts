/**
 * Units of formulas: what is added or compared must be of one unit, and a formula must give the unit
 * that its result is declared in.
 *
 * A plain number has any unit: in 273 + T it takes that of T, and 75 * coal may be money, so nothing
 * more is known of a product with a number in it. That misses faults, and never raises a false one.
 */

import type { Finding, Path } from "./finding.ts";
import { numberOf } from "./formula_calls.ts";
import type { Formula, Strategy } from "./strategy.ts";
import { combine, difference, parseUnit, raise, type Unit } from "./unit_algebra.ts";

/** What is wrong with units, as far as they are declared. */
export function checkUnits(strategy: Strategy): Finding[] {
  const units = new UnitCheck(strategy);
  for (const skill of strategy.skills.values()) {
    const path = ["skills", skill.name];
    if (skill.type === "function") {
      for (const { variable, formula } of skill.outputs) {
        units.result(formula, {
          path: [...path, "outputs", variable],
          declared: strategy.variables.get(variable)?.unit ?? "",
          what: `"${variable}"`,
        });
      }
    }
    if (skill.type === "constraints") {
      for (const { name, expression, unit } of skill.constraints) {
        const at = [...path, "constraints", name, "expression"];
        units.result(expression, { path: at, declared: unit, what: `"${name}"` });
      }
    }
    if (skill.type === "optimizer") {
      const declared = skill.objectiveUnit;
      const at = [...path, "objective"];
      units.result(skill.objective, { path: at, declared, what: "the objective" });
      for (const { name, cost } of skill.penalties) {
        units.result(cost, { path: [...path, "penalties", name], declared, what: "the objective" });
      }
    }
  }
  strategy.tasks.forEach(({ when }, i) => {
    if (when !== undefined) {
      units.result(when, { path: ["tasks", i, "when"], declared: "", what: "" });
    }
  });
  units.measurements();
  return units.findings;
}

/** Undefined: any unit. */
type Known = Unit | undefined;

class UnitCheck {
  readonly findings: Finding[] = [];
  readonly #strategy: Strategy;
  #path: Path = [];

  constructor(strategy: Strategy) {
    this.#strategy = strategy;
  }

  result(
    formula: Formula,
    { path, declared, what }: {
      readonly path: Path;
      readonly declared: string;
      readonly what: string;
    },
  ): void {
    this.#path = path;
    const before = this.findings.length;
    const found = this.#unitOf(formula);
    const wanted = parseUnit(declared);
    if (found === undefined || wanted === undefined || this.findings.length > before) return;
    const apart = difference(wanted, found);
    if (apart === undefined) return;
    this.findings.push({
      path,
      message: `The formula is in ${found.text}, but ${what} in ${declared}`,
      expected: `a formula in ${declared}`,
      suggestion: apart === "kind" ? undefined : `Multiply it by ${rounded(apart.factor)}`,
    });
  }

  /** A prediction is compared with its measurement, number by number. */
  measurements(): void {
    for (const variable of this.#strategy.variables.values()) {
      if (variable.type !== "predicted" || variable.measuredBy === undefined) continue;
      const tag = this.#strategy.variables.get(variable.measuredBy);
      const [wanted, found] = [parseUnit(variable.unit), parseUnit(tag?.unit ?? "")];
      if (wanted === undefined || found === undefined || difference(wanted, found) === undefined) {
        continue;
      }
      this.findings.push({
        path: ["variables", variable.name, "measured_by"],
        message:
          `"${variable.measuredBy}" is in ${found.text}, but the prediction in ${wanted.text}`,
        expected: `a measurement in ${wanted.text}`,
      });
    }
  }

  #unitOf(formula: Formula): Known {
    switch (formula.kind) {
      case "number":
        return undefined;
      case "variable":
      case "measured":
        return parseUnit(this.#strategy.variables.get(formula.name)?.unit ?? "");
      case "negate":
        return this.#unitOf(formula.of);
      case "operator":
        return this.#operator(formula);
      case "call":
        return this.#call(formula);
    }
  }

  #operator({ operator, left, right, at }: Extract<Formula, { kind: "operator" }>): Known {
    const a = this.#unitOf(left);
    const b = this.#unitOf(right);
    switch (operator) {
      case "*":
      case "/":
        return a === undefined || b === undefined ? undefined : combine(a, b, {
          sign: operator === "*" ? 1 : -1,
          text: `${a.text}${operator}${
            operator === "/" && /[*/]/.test(b.text) ? `(${b.text})` : b.text
          }`,
        });
      case "^": {
        const exponent = numberOf(right);
        return a === undefined || exponent === undefined ? undefined : raise(a, exponent);
      }
      case "+":
      case "-":
        return this.#joined([a, b], { at, length: operator.length, by: `"${operator}"` });
      default:
        this.#joined([a, b], { at, length: operator.length, by: `"${operator}"` });
        return undefined;
    }
  }

  #call({ name, arguments: given, at }: Extract<Formula, { kind: "call" }>): Known {
    const units = given.map((argument) => this.#unitOf(argument));
    const of = { at, length: name.length, by: `${name}()` };
    if (name === "sqrt") return units[0] === undefined ? undefined : raise(units[0], 0.5);
    const rule = unitRules.get(name);
    if (rule === undefined) return undefined;
    const joined = this.#joined(units.slice(...rule.joins), of);
    return rule.keeps ? joined : undefined;
  }

  /** The one unit of values that must have one; the first known where they do not. */
  #joined(
    units: readonly Known[],
    { at, length, by }: { readonly at: number; readonly length: number; readonly by: string },
  ): Known {
    const known = units.filter((unit) => unit !== undefined);
    const [first] = known;
    const other = known.find((unit) =>
      first !== undefined && difference(first, unit) !== undefined
    );
    if (first === undefined || other === undefined) return first;
    const apart = difference(first, other);
    this.findings.push({
      path: this.#path,
      within: { at, length },
      message: `${by} joins a value in ${first.text} and one in ${other.text}`,
      expected: "values of one unit",
      suggestion: apart === undefined || apart === "kind"
        ? "A price or a weight in front makes it any unit: 90 * Coal"
        : `Multiply the one in ${other.text} by ${rounded(apart.factor)}`,
    });
    return undefined;
  }
}

interface UnitRule {
  /** The arguments that must be of one unit: from the first index up to the second. */
  readonly joins: readonly [number, number];
  /** Whether the result has that unit. */
  readonly keeps: boolean;
}

const allKept: UnitRule = { joins: [0, Infinity], keeps: true };

const unitRules: ReadonlyMap<string, UnitRule> = new Map<string, UnitRule>([
  ["abs", allKept],
  ["min", allKept],
  ["max", allKept],
  ["sum", allKept],
  ["mean", allKept],
  ["clip", allKept],
  ["if", { joins: [1, 3], keeps: true }],
  ["smooth_if", { joins: [1, 3], keeps: true }],
  ["above", { joins: [0, 3], keeps: false }],
  ["below", { joins: [0, 3], keeps: false }],
]);

function rounded(factor: number): string {
  return String(Number(factor.toPrecision(6)));
}
