/** Who feeds whom in a strategy: nodes and arrows, however they are drawn. */

import { stepsOf } from "./chain.ts";
import { movedSettings } from "./moved_settings.ts";
import { productionsOf, readsOf } from "./production.ts";
import type { Formula, Strategy, Variable } from "./strategy.ts";

export type NodeShape = Variable["type"] | "model" | "group" | "limit" | "objective";

export interface GraphNode {
  /** `n1`, `n2` in the order of their first naming. */
  readonly id: string;
  readonly shape: NodeShape;
  /** As the strategy names it; of an objective the optimizer that has it. */
  readonly name: string;
  /** Name and unit; of an objective what is sought. */
  readonly label: string;
}

export interface GraphArrow {
  readonly from: string;
  readonly to: string;
  /** True: the value at the cycle's start is what is read. */
  readonly dotted: boolean;
}

export interface StrategyGraph {
  readonly nodes: readonly GraphNode[];
  readonly arrows: readonly GraphArrow[];
}

/**
 * Settings feed what they move, that feeds limits and objectives. Variables that nothing reads are
 * left out.
 */
export function graphOf(strategy: Strategy): StrategyGraph {
  const graph = new Graph(strategy);
  for (const skill of strategy.skills.values()) {
    if (skill.type !== "optimizer") continue;
    for (const { name, members, share } of movedSettings(strategy, skill)) {
      if (share === undefined) graph.variable(name);
      else {
        for (const member of members) {
          graph.arrow(graph.node(`group ${name}`, { name, label: name, shape: "group" }), {
            to: graph.variable(member.name),
          });
        }
      }
    }
    for (const step of stepsOf(strategy, skill.model)) graph.produce(step);
    const objective = graph.node(`objective ${skill.name}`, {
      name: skill.name,
      label: `${skill.sense} ${skill.objectiveUnit}`.trimEnd(),
      shape: "objective",
    });
    graph.feed(skill.objective, objective);
    for (const { name, cost } of skill.penalties) {
      const penalty = graph.node(`penalty ${name}`, { name, label: name, shape: "limit" });
      graph.feed(cost, penalty, objective);
    }
  }
  for (const task of strategy.tasks) {
    for (const step of stepsOf(strategy, task.skill)) graph.produce(step);
  }
  for (const skill of strategy.skills.values()) {
    if (skill.type !== "constraints") continue;
    for (const { name, expression } of skill.constraints) {
      graph.feed(expression, graph.node(`limit ${name}`, { name, label: name, shape: "limit" }));
    }
  }
  return graph.drawn();
}

/** Nodes and arrows in the order in which they were first named. */
class Graph {
  readonly #strategy: Strategy;
  readonly #nodes = new Map<string, GraphNode>();
  readonly #arrows = new Map<string, GraphArrow>();

  constructor(strategy: Strategy) {
    this.#strategy = strategy;
  }

  node(key: string, what: Omit<GraphNode, "id">): string {
    const known = this.#nodes.get(key);
    if (known !== undefined) return known.id;
    const id = `n${this.#nodes.size + 1}`;
    this.#nodes.set(key, { id, ...what });
    return id;
  }

  variable(name: string): string {
    const variable = this.#strategy.variables.get(name);
    const label = variable === undefined || variable.unit === ""
      ? name
      : `${name} [${variable.unit}]`;
    return this.node(`variable ${name}`, { name, label, shape: variable?.type ?? "informative" });
  }

  arrow(
    from: string,
    { to, dotted = false }: { readonly to: string; readonly dotted?: boolean },
  ): void {
    const key = `${from} ${dotted} ${to}`;
    if (!this.#arrows.has(key)) this.#arrows.set(key, { from, to, dotted });
  }

  /** What a step reads feeds what it produces; a model stands between as a node of its own. */
  produce(step: ReturnType<typeof stepsOf>[number]): void {
    for (const { reads, outputs } of productionsOf(step)) {
      const targets = outputs.map(({ name }) => this.variable(name));
      const { name: model } = step;
      const into = step.type === "model"
        ? [this.node(`model ${model}`, { name: model, label: model, shape: "model" })]
        : targets;
      for (const { name, kind } of reads) {
        for (const to of into) this.arrow(this.variable(name), { to, dotted: kind === "measured" });
      }
      if (step.type !== "model") continue;
      for (const from of into) for (const to of targets) this.arrow(from, { to });
    }
  }

  /** A formula's variables feed a node, and that one the next where there is one. */
  feed(formula: Formula, to: string, next?: string): void {
    for (const { name, kind } of readsOf(formula, [])) {
      this.arrow(this.variable(name), { to, dotted: kind === "measured" });
    }
    if (next !== undefined) this.arrow(to, { to: next });
  }

  drawn(): StrategyGraph {
    return { nodes: [...this.#nodes.values()], arrows: [...this.#arrows.values()] };
  }
}
