/** Nothing may contain or need itself: compositions and calculated variables without loops. */

import type { Finding } from "./finding.ts";
import type { Production, Read } from "./production.ts";
import type { Strategy } from "./strategy.ts";

/** Compositions that contain themselves, each loop once. */
export function checkCompositions(strategy: Strategy): Finding[] {
  const edges = new Map<string, { to: string; where: Pick<Finding, "path"> }[]>();
  for (const skill of strategy.skills.values()) {
    if (skill.type !== "composition") continue;
    edges.set(
      skill.name,
      skill.skills.map((to, i) => ({ to, where: { path: ["skills", skill.name, "skills", i] } })),
    );
  }
  return loopsIn(edges).map(({ names, where }) => ({
    ...where,
    message: `The composition contains itself: ${names.join(" → ")}`,
    expected: "a chain that ends",
  }));
}

/** Variables that need their own value, each loop once; and the names of all variables in loops. */
export function checkVariableLoops(
  strategy: Strategy,
  productions: readonly Production[],
): { findings: Finding[]; looping: ReadonlySet<string> } {
  const edges = new Map<string, { to: string; where: Read }[]>();
  for (const { outputs, reads } of productions) {
    const needed = reads.filter((read) => needs(strategy, read));
    for (const { name } of outputs) {
      edges.set(name, needed.map((where) => ({ to: where.name, where })));
    }
  }
  const loops = loopsIn(edges);
  return {
    findings: loops.map(({ names, where: { path, within } }) => ({
      path,
      ...(within === undefined ? {} : { within }),
      message: names.length === 2
        ? `"${names[0]}" needs its own value`
        : `"${names[0]}" needs its own value: ${names.join(" → ")}`,
      expected: "formulas and models that do not go round in a circle",
      suggestion: "Use measured(x) of a measured variable for its value at the cycle's start",
    })),
    looping: new Set(loops.flatMap(({ names }) => names)),
  };
}

/** A measured prediction is read from the plant; a calculated one is computed from such values. */
function needs(strategy: Strategy, read: Read): boolean {
  return read.kind === "variable" || strategy.variables.get(read.name)?.type === "calculated";
}

interface Loop<Where> {
  /** From the first name round to it again. */
  readonly names: readonly string[];
  /** The edge that closes the loop. */
  readonly where: Where;
}

type Edges<Where> = ReadonlyMap<string, readonly { readonly to: string; readonly where: Where }[]>;

/** One loop for each edge that leads back into the path of a depth-first walk. */
function loopsIn<Where>(edges: Edges<Where>): Loop<Where>[] {
  const loops: Loop<Where>[] = [];
  const done = new Set<string>();
  for (const start of edges.keys()) {
    if (done.has(start)) continue;
    // The walk keeps its own stack: a chain of thousands of variables must not overflow.
    const path = [{ name: start, next: 0 }];
    const onPath = new Set([start]);
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const edge = edges.get(here.name)?.[here.next];
      here.next += 1;
      if (edge === undefined) {
        done.add(here.name);
        onPath.delete(here.name);
        path.pop();
      } else if (onPath.has(edge.to)) {
        const from = path.findIndex(({ name }) => name === edge.to);
        const names = path.slice(from).map(({ name }) => name);
        loops.push({ names: [...names, edge.to], where: edge.where });
      } else if (!done.has(edge.to) && edges.has(edge.to)) {
        path.push({ name: edge.to, next: 0 });
        onPath.add(edge.to);
      }
    }
  }
  return loops;
}
