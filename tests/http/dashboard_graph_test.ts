import assert from "node:assert/strict";
import fc from "fast-check";
import { layoutOf, NODE } from "../../src/http/dashboard/graph_layout.ts";
import type { StrategyGraph } from "../../src/strategy/strategy_graph.ts";

/** Arrows go from earlier nodes to later ones: no circles. */
const graphs: fc.Arbitrary<StrategyGraph> = fc.integer({ min: 1, max: 40 }).chain((count) =>
  fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1), fc.boolean()), { maxLength: 90 })
    .map((pairs) => ({
      nodes: Array.from({ length: count }, (_, i) => ({
        ...{ id: `n${i}`, name: `n${i}`, label: `n${i}` },
        shape: i % 3 === 0 ? "informative" as const : "calculated" as const,
      })),
      arrows: pairs.filter(([a, b]) => a !== b).map(([a, b, dotted]) => ({
        ...{ from: `n${Math.min(a, b)}`, to: `n${Math.max(a, b)}`, dotted },
      })),
    }))
);

Deno.test("layoutOf puts every node on the page, none over another, and arrows from left to right", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const { nodes, arrows, width, height } = layoutOf(graph);
      assert.equal(nodes.length, graph.nodes.length);
      for (const { x, y } of nodes) {
        assert.ok(x >= 0 && x + NODE.width <= width && y >= 0 && y + NODE.height <= height);
      }
      for (const [i, one] of nodes.entries()) {
        for (const other of nodes.slice(i + 1)) {
          const apart = one.x !== other.x || Math.abs(one.y - other.y) >= NODE.height;
          assert.ok(apart, `${one.id} lies over ${other.id}`);
        }
      }
      for (const { points, dotted } of arrows) {
        const xs = points.map(([x]) => x);
        if (!dotted) assert.deepEqual(xs, xs.toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 150 },
  );
});

Deno.test("layoutOf stands a value that is read late beside who reads it", () => {
  const node = (id: string, shape: "operative" | "calculated" | "informative") => ({
    ...{ id, name: id, label: id, shape },
  });
  const { nodes } = layoutOf({
    nodes: [
      ...[node("a", "operative"), node("b", "calculated"), node("c", "calculated")],
      node("late", "informative"),
    ],
    arrows: [
      { from: "a", to: "b", dotted: false },
      { from: "b", to: "c", dotted: false },
      { from: "late", to: "c", dotted: false },
    ],
  });
  const x = new Map(nodes.map((one) => [one.id, one.x]));
  assert.equal(x.get("late"), x.get("b"));
});
