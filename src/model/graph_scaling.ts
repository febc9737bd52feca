/** Finds scaling that a model does itself, so that a scaler file does not do it again. */

import type { Graph, GraphNode } from "./graph.ts";
import { graphInputs } from "./lower.ts";

const SHIFTS: ReadonlySet<string> = new Set(["Sub", "Add"]);
const STRETCHES: ReadonlySet<string> = new Set(["Div", "Mul"]);

/**
 * Nodes that scale the model's inputs before anything else reads them: the Scaler operator, or a
 * shift and a stretch by constants, in words such as `node "scale", Scaler`.
 */
export function findScalingNodes(graph: Graph): string[] {
  const names = new Set(graphInputs(graph).map(({ name }) => name));
  return graph.nodes.flatMap((node) => {
    if (!node.inputs.some((name) => names.has(name))) return [];
    if (node.op === "Scaler") return [describe(node)];
    const next = graph.nodes.filter((other) =>
      node.outputs.some((output) => other.inputs.includes(output))
    );
    const stretched = isByConstant(graph, node) && SHIFTS.has(node.op) &&
      next.some((other) => STRETCHES.has(other.op) && isByConstant(graph, other));
    return stretched ? [describe(node)] : [];
  });
}

function isByConstant(graph: Graph, node: GraphNode): boolean {
  return node.inputs.some((name) =>
    graph.initializers.has(name) ||
    graph.nodes.some((other) => other.op === "Constant" && other.outputs.includes(name))
  );
}

function describe(node: GraphNode): string {
  return `node "${node.name}", ${node.op}`;
}
