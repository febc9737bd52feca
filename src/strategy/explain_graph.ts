/** Who feeds whom in a strategy, as a Mermaid flowchart (mermaid.js.org/syntax/flowchart.html). */

import type { Strategy } from "./strategy.ts";
import { graphOf } from "./strategy_graph.ts";
import type { NodeShape } from "./strategy_graph.ts";

/**
 * Settings stand at the left, what they move in the middle, limits and objectives at the right.
 * Variables that nothing reads are left out.
 */
export function strategyGraph(strategy: Strategy): string {
  const { nodes, arrows } = graphOf(strategy);
  const used = Object.entries(styles).filter(([shape]) => nodes.some((n) => n.shape === shape));
  return [
    "flowchart LR",
    ...nodes.map(({ id, shape, label }) => {
      const [open, close] = shapes[shape];
      return `  ${id}${open}${escaped(label)}${close}:::${shape}`;
    }),
    ...arrows.map(({ from, to, dotted }) => `  ${from} ${dotted ? "-.->" : "-->"} ${to}`),
    ...used.map(([shape, style]) => `  classDef ${shape} ${style}`),
  ].join("\n");
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
} as const satisfies Record<NodeShape, readonly [string, string]>;

const styles: Readonly<Record<NodeShape, string>> = {
  operative: "fill:#d6eaf8,stroke:#1f618d",
  informative: "fill:#f2f3f4,stroke:#7b7d7d",
  calculated: "fill:#fdfefe,stroke:#7b7d7d",
  predicted: "fill:#e8f8f5,stroke:#117864",
  model: "fill:#d5f5e3,stroke:#1d8348",
  group: "fill:#d6eaf8,stroke:#1f618d,stroke-width:2px",
  limit: "fill:#fdebd0,stroke:#af601a",
  objective: "fill:#f9e79f,stroke:#9a7d0a,stroke-width:2px",
};

/** Mermaid writes characters that mean something to it by their number. */
function escaped(label: string): string {
  return label.replace(/["#<>&`]/g, (sign) => `#${sign.codePointAt(0)};`);
}
