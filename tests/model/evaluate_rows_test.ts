import assert from "node:assert/strict";
import { evaluate } from "../../src/model/evaluate.ts";
import { RowEvaluator } from "../../src/model/evaluate_rows.ts";
import { randomTape } from "../native/random_tape.ts";

Deno.test("RowEvaluator agrees with evaluate on random tapes, bit by bit", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const { tape, x, p } = randomTape(seed, 4 + seed % 20);
    const evaluator = new RowEvaluator(tape);
    for (const at of [x, x.map((value) => -value)]) {
      const expected = evaluate(tape, at, p);
      evaluator.evaluate(at, p).forEach((result, node) => {
        assert.deepEqual([...result], [...expected[node] as Float64Array], `seed ${seed}`);
      });
    }
  }
});

Deno.test("RowEvaluator.evaluateRows gives each row a result of its own", () => {
  const { tape, x, p, outputs } = randomTape(3, 12);
  const rows = [x, x.map((value) => value + 0.5), x];
  const nodes = [...new Set(outputs.map(({ node }) => node))];
  const results = new RowEvaluator(tape).evaluateRows(rows, p, nodes);
  assert.deepEqual(results[0], results[2]);
  const expected = nodes.flatMap((node) => [...evaluate(tape, x, p)[node] as Float64Array]);
  assert.deepEqual([...results[0] ?? []], expected);
});
