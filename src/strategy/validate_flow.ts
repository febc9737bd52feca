/** Rules of the flow of values: everything is produced once, and before it is used. */

import { stepsOf } from "./chain.ts";
import type { Finding, Path } from "./finding.ts";
import type { KnownFaults } from "./known_faults.ts";
import { movedSettings } from "./moved_settings.ts";
import { nearName } from "../near_name.ts";
import { type Production, productionsOf, type Read, readsOf } from "./production.ts";
import type { OptimizerSkill, Strategy } from "./strategy.ts";
import { checkCompositions, checkVariableLoops } from "./validate_cycles.ts";

/** What is wrong with who feeds whom. */
export function checkFlow(strategy: Strategy, known: KnownFaults): Finding[] {
  const productions = [...strategy.skills.values()].flatMap((skill) =>
    skill.type === "model" || skill.type === "function" ? productionsOf(skill) : []
  );
  const { findings: loops, looping } = checkVariableLoops(strategy, productions);
  const flow = new FlowCheck(strategy, { known, productions, looping });
  if (chainsResolve(strategy)) {
    flow.tasks();
    for (const skill of strategy.skills.values()) {
      if (skill.type === "optimizer") flow.optimizer(skill);
    }
  }
  flow.measuredValues();
  return [
    ...checkCompositions(strategy),
    ...checkProducers(strategy, { known, productions }),
    ...loops,
    ...withoutRepeats(flow.findings),
  ];
}

/** Where a chain names a skill that does not exist, nobody knows what it would have produced. */
function chainsResolve(strategy: Strategy): boolean {
  const names = [...strategy.skills.values()].flatMap((skill) =>
    skill.type === "composition" ? skill.skills : skill.type === "optimizer" ? [skill.model] : []
  );
  return [...names, ...strategy.tasks.map(({ skill }) => skill)].every((name) =>
    strategy.skills.has(name)
  );
}

function checkProducers(
  strategy: Strategy,
  { known, productions }: { known: KnownFaults; productions: readonly Production[] },
): Finding[] {
  const findings: Finding[] = [];
  const producers = new Map<string, string>();
  for (const { skill, outputs } of productions) {
    for (const { name, at } of outputs) {
      const first = producers.get(name);
      if (first !== undefined && first !== skill) {
        findings.push({
          ...at,
          message: `"${name}" is already produced by "${first}"`,
          expected: "one skill that produces it",
        });
      }
      producers.set(name, first ?? skill);
    }
  }
  if (known.broken.size > 0) return findings;
  const misspelt = new Set(
    [...producers.keys()].filter((name) => !strategy.variables.has(name))
      .map((name) => nearName(name, strategy.variables.keys())),
  );
  for (const { name, type } of strategy.variables.values()) {
    if ((type !== "calculated" && type !== "predicted") || producers.has(name)) continue;
    if (misspelt.has(name) || (type === "calculated" && known.unreadFormulas)) continue;
    findings.push({
      path: ["variables", name],
      onKey: true,
      message: `Nothing produces "${name}"`,
      expected: type === "predicted"
        ? "a model skill with it among its outputs"
        : "a function skill with a formula for it",
    });
  }
  return findings;
}

interface FlowFacts {
  readonly known: KnownFaults;
  readonly productions: readonly Production[];
  /** Variables in loops: their order is not worth a word. */
  readonly looping: ReadonlySet<string>;
}

/** Follows values through tasks and optimizers. */
class FlowCheck {
  readonly findings: Finding[] = [];
  readonly #strategy: Strategy;
  readonly #facts: FlowFacts;
  readonly #producers: ReadonlyMap<string, Production>;

  constructor(strategy: Strategy, facts: FlowFacts) {
    this.#strategy = strategy;
    this.#facts = facts;
    this.#producers = new Map(
      facts.productions.flatMap((production) =>
        production.outputs.map(({ name }) => [name, production])
      ),
    );
  }

  /** Values stay from task to task, so a task may use what an earlier one produced. */
  tasks(): void {
    const available = new Set<string>();
    this.#strategy.tasks.forEach(({ skill: name, when }, i) => {
      for (const read of when === undefined ? [] : readsOf(when, ["tasks", i, "when"])) {
        this.#expect(read, { available, later: new Set(), where: `before task ${i + 1}` });
      }
      const skill = this.#strategy.skills.get(name);
      if (skill?.type === "constraints") {
        for (const { name: limit, expression } of skill.constraints) {
          const path = ["skills", name, "constraints", limit, "expression"];
          for (const read of readsOf(expression, path)) {
            this.#expect(read, { available, later: new Set(), where: `before task ${i + 1}` });
          }
        }
        return;
      }
      const model = skill?.type === "optimizer" ? skill.model : name;
      this.#chain(model, { available, where: `before task ${i + 1}` });
    });
  }

  /** A program holds only what its own model computes: all else would not follow the settings. */
  optimizer(skill: OptimizerSkill): void {
    if (stepsOf(this.#strategy, skill.model).length === 0) return;
    const path = ["skills", skill.name];
    const available = new Set<string>();
    const where = `in "${skill.model}", the model of the optimizer`;
    this.#chain(skill.model, { available, where });
    for (const read of this.#programReads(skill, path)) {
      this.#expect(read, { available, later: new Set(), where });
    }
    this.#moves(skill, path);
  }

  /** measured(x) of a calculated variable is computed from measured values, so all must exist. */
  measuredValues(): void {
    const reads = [
      ...this.#facts.productions.flatMap(({ reads }) => reads),
      ...[...this.#strategy.skills.values()].flatMap((skill) =>
        skill.type === "optimizer" ? this.#programReads(skill, ["skills", skill.name]) : []
      ),
    ];
    for (const read of reads) {
      if (read.kind !== "measured" || this.#facts.looping.has(read.name)) continue;
      if (this.#strategy.variables.get(read.name)?.type !== "calculated") continue;
      const missing = this.#unmeasuredBehind(read.name, new Set());
      if (missing === undefined) continue;
      this.findings.push({
        ...placeOf(read),
        message:
          `"${read.name}" has no measured value: it uses "${missing}", which nothing measures`,
        expected: `measured_by at variables.${missing}`,
      });
    }
  }

  #chain(
    skillName: string,
    { available, where }: { available: Set<string>; where: string },
  ): void {
    const productions = stepsOf(this.#strategy, skillName).flatMap(productionsOf);
    const later = new Set(productions.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
    for (const { reads, outputs } of productions) {
      for (const read of reads) this.#expect(read, { available, later, where });
      for (const { name } of outputs) {
        available.add(name);
        later.delete(name);
      }
    }
  }

  #expect(
    read: Read,
    { available, later, where }: {
      available: ReadonlySet<string>;
      later: ReadonlySet<string>;
      where: string;
    },
  ): void {
    if (read.kind === "measured" || available.has(read.name)) return;
    const type = this.#strategy.variables.get(read.name)?.type;
    const producer = this.#producers.get(read.name);
    if ((type !== "calculated" && type !== "predicted") || producer === undefined) return;
    if (this.#facts.looping.has(read.name)) return;
    this.findings.push({
      ...placeOf(read),
      message: later.has(read.name)
        ? `"${read.name}" is used before "${producer.skill}" produces it`
        : `"${read.name}" is used, but "${producer.skill}", which produces it, does not run ${where}`,
      expected: `"${producer.skill}" to run first`,
      suggestion: later.has(read.name)
        ? `Put "${producer.skill}" earlier in the chain`
        : `Put "${producer.skill}" into a composition, before what uses it`,
    });
  }

  #moves(skill: OptimizerSkill, path: Path): void {
    const { known } = this.#facts;
    if (known.unreadFormulas || known.unreadGroups || known.broken.size > 0) return;
    const moving = new Set(
      movedSettings(this.#strategy, skill).flatMap(({ members }) =>
        members.map(({ name }) => name)
      ),
    );
    if (moving.size === 0) {
      this.findings.push({
        path,
        onKey: true,
        message: "The optimizer has nothing to move",
        expected: "at least one operative variable that is not switched off",
      });
      return;
    }
    for (const { reads, outputs } of stepsOf(this.#strategy, skill.model).flatMap(productionsOf)) {
      if (!reads.some((read) => follows(read, moving))) continue;
      for (const { name } of outputs) moving.add(name);
    }
    const objective = [...path, "objective"];
    if (readsOf(skill.objective, objective).some((read) => follows(read, moving))) return;
    this.findings.push({
      path: objective,
      message: "No operative variable has any influence on the objective",
      expected: "a formula that follows at least one setting, directly or through the model",
    });
  }

  #programReads(skill: OptimizerSkill, path: Path): Read[] {
    const limits = skill.subjectTo.flatMap((name) => {
      const limit = this.#strategy.skills.get(name);
      if (limit?.type !== "constraints") return [];
      return limit.constraints.flatMap((constraint) =>
        readsOf(
          constraint.expression,
          ["skills", name, "constraints", constraint.name, "expression"],
        )
      );
    });
    const penalties = skill.penalties.flatMap(({ name, cost }) =>
      readsOf(cost, [...path, "penalties", name])
    );
    return [...readsOf(skill.objective, [...path, "objective"]), ...penalties, ...limits];
  }

  #unmeasuredBehind(name: string, seen: Set<string>): string | undefined {
    if (seen.has(name)) return undefined;
    seen.add(name);
    const variable = this.#strategy.variables.get(name);
    if (variable?.type === "predicted") {
      return variable.measuredBy === undefined ? name : undefined;
    }
    for (const read of this.#producers.get(name)?.reads ?? []) {
      const missing = this.#unmeasuredBehind(read.name, seen);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }
}

function follows(read: Read, moving: ReadonlySet<string>): boolean {
  return read.kind === "variable" && moving.has(read.name);
}

function placeOf({ path, within }: Read): Pick<Finding, "path" | "within"> {
  return within === undefined ? { path } : { path, within };
}

/** A chain that several tasks and optimizers run is checked for each; the same place is told once. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ path, within }) => {
    const key = JSON.stringify([path, within]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
