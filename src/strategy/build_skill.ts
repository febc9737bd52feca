/** One skill of a file of the right shape to a `Skill`. */

import { parseDuration } from "./duration.ts";
import type { Finding, Path } from "./finding.ts";
import { readFormula } from "./read_formula.ts";
import type { StrategyFile } from "./schema.ts";
import type { Constraint, Formula, Skill } from "./strategy.ts";

type FileSkill = StrategyFile["skills"][string];
type FileConstraint = Extract<FileSkill, { type: "constraints" }>["constraints"][string];

/** What each key means where the engineer leaves it out. */
const defaults = {
  kind: "absolute",
  domain: "warn",
  tolerance: 1e-8,
  maxIterations: 200,
  timeLimit: "5s",
  starts: 4,
} as const;

/** Builds skills; adds what is wrong to `findings`. */
export class SkillBuilder {
  readonly #path: Path;
  readonly #findings: Finding[];

  constructor(path: Path, findings: Finding[]) {
    this.#path = path;
    this.#findings = findings;
  }

  build(name: string, skill: FileSkill, file: StrategyFile): Skill {
    switch (skill.type) {
      case "model":
        return {
          type: "model",
          name,
          file: skill.file,
          scaler: skill.scaler,
          inputs: skill.inputs,
          outputs: skill.outputs,
          kind: skill.kind ?? defaults.kind,
          domain: skill.domain ?? defaults.domain,
        };
      case "function":
        return { type: "function", name, outputs: this.#outputs(skill) };
      case "constraints":
        return {
          type: "constraints",
          name,
          constraints: Object.entries(skill.constraints).map(([limit, constraint]) =>
            this.#constraint(limit, constraint, file)
          ),
        };
      case "optimizer":
        return this.#optimizer(name, skill, file);
      case "composition":
        return { type: "composition", name, skills: skill.skills };
    }
  }

  #outputs(skill: Extract<FileSkill, { type: "function" }>) {
    const short = skill.output !== undefined || skill.formula !== undefined;
    if (short && skill.outputs !== undefined) {
      this.#find(["outputs"], {
        onKey: true,
        message: "The function has both `outputs` and `output` or `formula`",
        expected: "output and formula for one, outputs for several",
      });
    }
    if (short && (skill.output === undefined || skill.formula === undefined)) {
      const missing = skill.output === undefined ? "output" : "formula";
      this.#find([missing], {
        message: `"${missing}" is missing`,
        expected: "output and formula together",
      });
    }
    if (!short && (skill.outputs === undefined || Object.keys(skill.outputs).length === 0)) {
      this.#find([], {
        onKey: true,
        message: "The function has no formula",
        expected: "output and formula, or outputs: { variable: formula }",
      });
    }
    if (skill.output !== undefined) {
      const formula = this.#formula(skill.formula ?? 0, ["formula"]);
      return [{ variable: skill.output, formula }];
    }
    return Object.entries(skill.outputs ?? {}).map(([variable, formula]) => ({
      variable,
      formula: this.#formula(formula, ["outputs", variable]),
    }));
  }

  #constraint(name: string, constraint: FileConstraint, file: StrategyFile): Constraint {
    const path = ["constraints", name];
    const { min, max, between, equals } = constraint;
    const kinds = [
      min !== undefined || max !== undefined,
      between !== undefined,
      equals !== undefined,
    ];
    const count = kinds.filter(Boolean).length;
    if (count !== 1) {
      this.#find(path, {
        onKey: true,
        message: count === 0 ? `"${name}" limits nothing` : `"${name}" is limited in several ways`,
        expected: "min, max, both of them, between: [lowest, highest] or equals",
      });
    }
    const expression = this.#formula(constraint.expression, [...path, "expression"]);
    return {
      name,
      expression,
      unit: constraint.unit ?? unitOf(expression, file),
      min: min ?? between?.[0] ?? equals,
      max: max ?? between?.[1] ?? equals,
      rank: constraint.rank,
      price: constraint.price,
    };
  }

  #optimizer(
    name: string,
    skill: Extract<FileSkill, { type: "optimizer" }>,
    file: StrategyFile,
  ): Skill {
    if ((skill.minimize === undefined) === (skill.maximize === undefined)) {
      this.#find(skill.minimize === undefined ? [] : ["maximize"], {
        onKey: true,
        message: skill.minimize === undefined
          ? "The optimizer has no objective"
          : "The optimizer has two objectives",
        expected: "either minimize or maximize",
      });
    }
    const sense = skill.minimize === undefined ? "maximize" : "minimize";
    const objective = this.#formula(skill.minimize ?? skill.maximize ?? 0, [sense]);
    const { tolerance, max_iterations, time_limit, starts } = skill.solver ?? {};
    return {
      type: "optimizer",
      name,
      sense,
      objective,
      objectiveUnit: skill.unit ?? unitOf(objective, file),
      model: skill.model,
      subjectTo: skill.subject_to ?? [],
      penalties: Object.entries(skill.penalties ?? {}).map(([penalty, cost]) => ({
        name: penalty,
        cost: this.#formula(cost, ["penalties", penalty]),
      })),
      moves: skill.moves,
      solver: {
        tolerance: tolerance ?? defaults.tolerance,
        maxIterations: max_iterations ?? defaults.maxIterations,
        timeLimitMs: parseDuration(time_limit ?? defaults.timeLimit),
        starts: starts ?? defaults.starts,
      },
    };
  }

  #formula(text: string | number, path: Path): Formula {
    return readFormula(text, { path: [...this.#path, ...path], findings: this.#findings });
  }

  #find(path: Path, what: Omit<Finding, "path">): void {
    this.#findings.push({ path: [...this.#path, ...path], ...what });
  }
}

/** The unit of a formula that is one variable; none for any other. */
function unitOf(formula: Formula, file: StrategyFile): string {
  if (formula.kind !== "variable") return "";
  return Object.hasOwn(file.variables, formula.name)
    ? file.variables[formula.name]?.unit ?? ""
    : "";
}
