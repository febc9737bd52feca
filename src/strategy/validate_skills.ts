/** Rules inside one skill and one task: every name resolves, to the right kind of thing. */

import type { Finding, Path } from "./finding.ts";
import { namesIn } from "./formula_names.ts";
import { wordLength, writtenName } from "./formula_tokens.ts";
import type { KnownFaults } from "./known_faults.ts";
import { nearName } from "../near_name.ts";
import type {
  CompositionSkill,
  ConstraintsSkill,
  Formula,
  FunctionSkill,
  ModelSkill,
  OptimizerSkill,
  Skill,
  Strategy,
  Variable,
} from "./strategy.ts";

/** What is wrong with the names that skills and tasks use. */
export function checkSkills(strategy: Strategy, known: KnownFaults): Finding[] {
  const check = new NameCheck(strategy, known);
  if (strategy.skills.size === 0 && known.broken.size === 0) {
    check.findings.push({ path: ["skills"], onKey: true, message: "The strategy has no skills" });
  }
  for (const skill of strategy.skills.values()) check.skill(skill);
  check.tasks();
  return check.findings;
}

/** Looks names up in a strategy and keeps what does not resolve. */
class NameCheck {
  readonly findings: Finding[] = [];
  readonly #strategy: Strategy;
  readonly #broken: ReadonlySet<string>;

  constructor(strategy: Strategy, known: KnownFaults) {
    this.#strategy = strategy;
    this.#broken = known.broken;
  }

  skill(skill: Skill): void {
    const path = ["skills", skill.name];
    switch (skill.type) {
      case "model":
        return this.#model(skill, path);
      case "function":
        return this.#function(skill, path);
      case "constraints":
        return this.#constraints(skill, path);
      case "optimizer":
        return this.#optimizer(skill, path);
      case "composition":
        return this.#composition(skill, path);
    }
  }

  tasks(): void {
    const seen = new Set<string>();
    if (this.#strategy.tasks.length === 0) {
      this.findings.push({
        path: ["tasks"],
        onKey: true,
        message: "The strategy has no tasks, so a cycle would do nothing",
        expected: "a list of { name, skill }",
      });
    }
    this.#strategy.tasks.forEach((task, i) => {
      this.#skillNamed(task.skill, ["tasks", i, "skill"]);
      if (seen.has(task.name)) {
        this.findings.push({
          path: ["tasks", i, "name"],
          message: `A second task is named "${task.name}"`,
          expected: "a name of its own for each task",
        });
      }
      seen.add(task.name);
      if (task.when !== undefined) this.#formula(task.when, ["tasks", i, "when"]);
    });
  }

  #model(skill: ModelSkill, path: Path): void {
    skill.inputs.forEach((name, i) => {
      const input = this.#variableNamed(name, [...path, "inputs", i]);
      if (skill.kind === "delta" && input !== undefined) {
        this.#measurable(input, { path: [...path, "inputs", i] });
      }
    });
    skill.outputs.forEach((name, i) => {
      const at = [...path, "outputs", i];
      const output = this.#variableNamed(name, at);
      if (output === undefined) return;
      if (output.type !== "predicted") {
        this.findings.push({
          path: at,
          message: `The model produces "${name}", which is ${article(output.type)} variable`,
          expected: "a predicted variable",
          suggestion: `Write type: predicted at variables.${name}`,
        });
        return;
      }
      if (skill.kind !== "delta") return;
      this.#measurable(output, { path: at });
      if (output.bias !== undefined) {
        this.findings.push({
          path: ["variables", name, "bias"],
          onKey: true,
          message: `"${name}" comes from a delta model, which starts from the measured value: ` +
            "its bias is always 0",
          suggestion: "Leave bias out, or use a model of kind: absolute",
        });
      }
    });
    this.#repeats(skill.inputs, [...path, "inputs"]);
    this.#repeats(skill.outputs, [...path, "outputs"]);
  }

  #function(skill: FunctionSkill, path: Path): void {
    for (const { variable: name, formula } of skill.outputs) {
      const at = [...path, "outputs", name];
      const output = this.#variableNamed(name, at, true);
      if (output !== undefined && output.type !== "calculated") {
        this.findings.push({
          path: at,
          onKey: true,
          message: `The function produces "${name}", which is ${article(output.type)} variable`,
          expected: "a calculated variable",
          suggestion: `Write type: calculated at variables.${name}`,
        });
      }
      this.#formula(formula, at);
    }
  }

  #constraints(skill: ConstraintsSkill, path: Path): void {
    if (skill.constraints.length === 0) {
      this.findings.push({
        path: [...path, "constraints"],
        onKey: true,
        message: "The skill has no limits",
        expected: "at least one limit",
      });
    }
    for (const constraint of skill.constraints) {
      const at = [...path, "constraints", constraint.name];
      this.#formula(constraint.expression, [...at, "expression"]);
      const { min, max, rank, price } = constraint;
      if (rank !== undefined && price !== undefined) {
        this.findings.push({
          path: [...at, "rank"],
          onKey: true,
          message: `"${constraint.name}" is soft by its price, so it never has to give by its rank`,
          expected: "either price or rank",
        });
      }
      if (min !== undefined && max !== undefined && min > max) {
        this.findings.push({
          path: at,
          onKey: true,
          message: `"${constraint.name}" has its lowest value ${min} above its highest ${max}`,
          expected: "the lowest value first",
        });
      }
    }
  }

  #optimizer(skill: OptimizerSkill, path: Path): void {
    this.#formula(skill.objective, [...path, "objective"]);
    for (const { name, cost } of skill.penalties) this.#formula(cost, [...path, "penalties", name]);
    const model = this.#skillNamed(skill.model, [...path, "model"]);
    if (model !== undefined && !runs(model)) {
      this.findings.push({
        path: [...path, "model"],
        message: `"${skill.model}" is ${article(model.type)} skill`,
        expected: "a model, function or composition",
      });
    }
    const owners = new Map<string, string>();
    skill.subjectTo.forEach((name, i) => {
      const at = [...path, "subject_to", i];
      const limits = this.#skillNamed(name, at);
      if (limits === undefined) return;
      if (limits.type !== "constraints") {
        this.findings.push({
          path: at,
          message: `"${name}" is ${article(limits.type)} skill`,
          expected: "a constraints skill",
        });
        return;
      }
      for (const constraint of limits.constraints) {
        const owner = owners.get(constraint.name);
        if (owner !== undefined && owner !== name) {
          this.findings.push({
            path: at,
            message: `"${owner}" and "${name}" both have a limit named "${constraint.name}"`,
            expected: "a name of its own for each limit of an optimizer",
          });
        }
        owners.set(constraint.name, name);
      }
    });
    this.#repeats(skill.subjectTo, [...path, "subject_to"]);
  }

  #composition(skill: CompositionSkill, path: Path): void {
    skill.skills.forEach((name, i) => {
      const at = [...path, "skills", i];
      const part = this.#skillNamed(name, at);
      if (part !== undefined && !runs(part)) {
        this.findings.push({
          path: at,
          message: `"${name}" is ${article(part.type)} skill`,
          expected: "a model, function or composition",
          suggestion: "Run constraints and optimizers as tasks of their own",
        });
      }
    });
    this.#repeats(skill.skills, [...path, "skills"]);
  }

  #formula(formula: Formula, path: Path): void {
    for (const { name, kind, at } of namesIn(formula)) {
      const within = { at, length: wordLength(writtenName(name), 0) };
      const variable = this.#lookUp(name, { path, within });
      if (variable !== undefined && kind === "measured") {
        this.#measurable(variable, { path, within });
      }
    }
  }

  /** A value at the cycle's start exists for all but predictions that nothing measures. */
  #measurable(variable: Variable, where: Pick<Finding, "path" | "within">): void {
    if (variable.type !== "predicted" || variable.measuredBy !== undefined) return;
    this.findings.push({
      ...where,
      message: `"${variable.name}" has no measured value to start from`,
      expected: `measured_by at variables.${variable.name}`,
    });
  }

  #variableNamed(name: string, path: Path, onKey = false): Variable | undefined {
    return this.#lookUp(name, { path, onKey });
  }

  #lookUp(name: string, where: Pick<Finding, "path" | "onKey" | "within">): Variable | undefined {
    const variable = this.#strategy.variables.get(name);
    if (variable !== undefined || this.#broken.has(name)) return variable;
    this.findings.push({
      ...where,
      message: `Unknown variable "${name}"`,
      ...this.#nearest(name, this.#strategy.variables, "a variable of this strategy"),
    });
    return undefined;
  }

  #skillNamed(name: string, path: Path): Skill | undefined {
    const skill = this.#strategy.skills.get(name);
    if (skill !== undefined || this.#broken.has(name)) return skill;
    this.findings.push({
      path,
      message: `Unknown skill "${name}"`,
      ...this.#nearest(name, this.#strategy.skills, "a skill of this strategy"),
    });
    return undefined;
  }

  #nearest(name: string, known: ReadonlyMap<string, unknown>, expected: string) {
    const near = nearName(name, known.keys());
    return {
      expected,
      suggestion: near === undefined ? undefined : `Did you mean "${near}"?`,
    };
  }

  #repeats(names: readonly string[], path: Path): void {
    names.forEach((name, i) => {
      if (names.indexOf(name) === i) return;
      this.findings.push({ path: [...path, i], message: `"${name}" stands here a second time` });
    });
  }
}

/** Whether a skill computes values, so that it can be a part of a chain. */
function runs(skill: Skill): boolean {
  return skill.type === "model" || skill.type === "function" || skill.type === "composition";
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
