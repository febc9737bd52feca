/** Who feeds whom in a strategy, as a Mermaid flowchart (mermaid.js.org/syntax/flowchart.html). */

import { stepsOf } from "./chain.ts";
import { movedSettings } from "./moved_settings.ts";
import { productionsOf, readsOf } from "./production.ts";
import type { Formula, Strategy } from "./strategy.ts";

/**
 * Settings stand at the left, what they move in the middle, limits and objectives at the right.
 * Variables that nothing reads are left out.
 */
export function strategyGraph(strategy: Strategy): string {
  const graph = new Graph(strategy);
  for (const skill of strategy.skills.values()) {
    if (skill.type !== "optimizer") continue;
    for (const { name, members, share } of movedSettings(strategy, skill)) {
      if (share === undefined) graph.variable(name);
      else {
        for (const member of members) {
          graph.arrow(graph.node(`group ${name}`, { label: name, shape: "group" }), {
            to: graph.variable(member.name),
          });
        }
      }
    }
    for (const step of stepsOf(strategy, skill.model)) graph.produce(step);
    const objective = graph.node(`objective ${skill.name}`, {
      label: `${skill.sense} ${skill.objectiveUnit}`.trimEnd(),
      shape: "objective",
    });
    graph.feed(skill.objective, objective);
    for (const { name, cost } of skill.penalties) {
      graph.feed(cost, graph.node(`penalty ${name}`, { label: name, shape: "limit" }), objective);
    }
  }
  for (const task of strategy.tasks) {
    for (const step of stepsOf(strategy, task.skill)) graph.produce(step);
  }
  for (const skill of strategy.skills.values()) {
    if (skill.type !== "constraints") continue;
    for (const { name, expression } of skill.constraints) {
      graph.feed(expression, graph.node(`limit ${name}`, { label: name, shape: "limit" }));
    }
  }
  return graph.print();
}

/** Mermaid's brackets by what a node is; all labels are quoted. */
const shapes = {
  operative: ['["', '"]'],
  informative: ['["', '"]'],
  calculated: ['("', '")'],
  predicted: ['("', '")'],
  model: ['[["', '"]]'],
  group: ['[/"', '"/]'],
  limit: ['{{"', '"}}'],
  objective: ['(["', '"])'],
} as const;

type Shape = keyof typeof shapes;

const styles: Readonly<Record<Shape, string>> = {
  operative: "fill:#d6eaf8,stroke:#1f618d",
  informative: "fill:#f2f3f4,stroke:#7b7d7d",
  calculated: "fill:#fdfefe,stroke:#7b7d7d",
  predicted: "fill:#e8f8f5,stroke:#117864",
  model: "fill:#d5f5e3,stroke:#1d8348",
  group: "fill:#d6eaf8,stroke:#1f618d,stroke-width:2px",
  limit: "fill:#fdebd0,stroke:#af601a",
  objective: "fill:#f9e79f,stroke:#9a7d0a,stroke-width:2px",
};

/** Nodes and arrows in the order in which they were first named. */
class Graph {
  readonly #strategy: Strategy;
  readonly #nodes = new Map<
    string,
    { readonly id: string; readonly shape: Shape; label: string }
  >();
  readonly #arrows = new Set<string>();

  constructor(strategy: Strategy) {
    this.#strategy = strategy;
  }

  node(key: string, { label, shape }: { readonly label: string; readonly shape: Shape }): string {
    const known = this.#nodes.get(key);
    if (known !== undefined) return known.id;
    const id = `n${this.#nodes.size + 1}`;
    this.#nodes.set(key, { id, shape, label });
    return id;
  }

  variable(name: string): string {
    const variable = this.#strategy.variables.get(name);
    const label = variable === undefined || variable.unit === ""
      ? name
      : `${name} [${variable.unit}]`;
    return this.node(`variable ${name}`, { label, shape: variable?.type ?? "informative" });
  }

  arrow(
    from: string,
    { to, dotted = false }: { readonly to: string; readonly dotted?: boolean },
  ): void {
    this.#arrows.add(`  ${from} ${dotted ? "-.->" : "-->"} ${to}`);
  }

  /** What a step reads feeds what it produces; a model stands between as a node of its own. */
  produce(step: ReturnType<typeof stepsOf>[number]): void {
    for (const { reads, outputs } of productionsOf(step)) {
      const targets = outputs.map(({ name }) => this.variable(name));
      const into = step.type === "model"
        ? [this.node(`model ${step.name}`, { label: step.name, shape: "model" })]
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

  print(): string {
    const nodes = [...this.#nodes.values()];
    const used = Object.entries(styles).filter(([shape]) => nodes.some((n) => n.shape === shape));
    return [
      "flowchart LR",
      ...nodes.map(({ id, shape, label }) => {
        const [open, close] = shapes[shape];
        return `  ${id}${open}${escaped(label)}${close}:::${shape}`;
      }),
      ...this.#arrows,
      ...used.map(([shape, style]) => `  classDef ${shape} ${style}`),
    ].join("\n");
  }
}

/** Mermaid writes characters that mean something to it by their number. */
function escaped(label: string): string {
  return label.replace(/["#<>&`]/g, (sign) => `#${sign.codePointAt(0)};`);
}
