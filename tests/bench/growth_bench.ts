/**
 * How the cost of one value + Jacobian + Hessian grows: linearly in a model's weights, quadratically
 * in its own inputs, and not with the program's other variables.
 */

import { TapeBuilder } from "../../src/model/tape_builder.ts";
import type { Program } from "../../src/solve/program.ts";
import { compileMeasure, measure } from "./measure.ts";

interface Case {
  /** Decision variables of the whole program. */
  readonly variables: number;
  /** Inputs of the network, the first of them. */
  readonly inputs: number;
  /** Width of its two hidden layers. */
  readonly hidden: number;
}

const TABLES: Readonly<Record<string, readonly Case[]>> = {
  "weights, with 20 inputs of 20 variables": [32, 64, 128, 256].map((hidden) => ({
    variables: 20,
    inputs: 20,
    hidden,
  })),
  "a model's own inputs, with hidden layers of 64": [10, 20, 40, 80].map((inputs) => ({
    variables: inputs,
    inputs,
    hidden: 64,
  })),
  "the program's variables, with 20 inputs and hidden layers of 64": [20, 80, 320, 1280].map(
    (variables) => ({ variables, inputs: 20, hidden: 64 }),
  ),
};

/** A tanh network on the first inputs; every other variable stands in a limit of its own. */
function program({ variables, inputs, hidden }: Case): Program {
  const builder = new TapeBuilder();
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  const layer = (node: number, rows: number) => {
    const weights = Float64Array.from({ length: rows * builder.size(node) }, random);
    return builder.affine(node, weights, Float64Array.from({ length: rows }, random));
  };
  const x = builder.input(Array.from({ length: inputs }, (_, i) => i));
  const first = builder.map("tanh", layer(x, hidden));
  const network = layer(builder.map("tanh", layer(first, hidden)), 1);
  const others = Array.from(
    { length: variables - inputs },
    (_, i) => builder.map("square", builder.input([inputs + i])),
  );
  const { tape, outputs } = builder.finish([network, ...others], { inputs: variables });
  const [objective, ...limited] = outputs.map((node) => ({ node, element: 0 }));
  const bounds = [-1, 1] as const;
  return {
    name: "growth",
    tape,
    variables: Array.from({ length: variables }, (_, i) => ({
      name: `x${i}`,
      unit: "",
      bounds,
      scale: 1,
    })),
    parameters: [],
    objective: objective!,
    sense: 1,
    objectiveScale: 1,
    rows: limited.map((output, i) => ({
      name: `limit ${i}`,
      unit: "",
      output,
      lower: -Infinity,
      upper: 2,
      rank: undefined,
      scale: 1,
    })),
    watched: new Map(),
  };
}

/** Prints one table per kind of growth. */
export async function growthBench(): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const binary = await compileMeasure(folder);
    for (const [title, cases] of Object.entries(TABLES)) {
      console.log(`\nGrowth with ${title}; value + Jacobian + Hessian`);
      let before: number | undefined;
      const rows: Record<string, unknown>[] = [];
      for (const one of cases) {
        const { variables, inputs, hidden } = one;
        const figures = await measure(binary, {
          program: program(one),
          x: Float64Array.from({ length: variables }, (_, i) => Math.sin(i + 1)),
          p: new Float64Array(),
          networks: 1,
          widths: [inputs, hidden, hidden, 1],
        });
        const microseconds = figures.get("value+jacobian+hessian")!;
        rows.push({
          variables,
          inputs,
          weights: hidden * (inputs + hidden + 1),
          "µs": microseconds.toFixed(1),
          "times the row above": before === undefined ? "" : (microseconds / before).toFixed(2),
        });
        before = microseconds;
      }
      console.table(rows);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await growthBench();
