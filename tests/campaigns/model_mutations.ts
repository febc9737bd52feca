/** Damaged model files: how they are damaged, and what becomes of each on its way into an optimizer. */

import { compareWithRuntime } from "../../src/model/compare.ts";
import { LoweringError } from "../../src/model/lower.ts";
import { OnnxError, readGraph } from "../../src/model/onnx.ts";
import { ModelError } from "../../src/model/prediction_model.ts";
import { seededRandom } from "../../src/model/random.ts";
import { openRuntime, RuntimeError } from "../../src/model/runtime.ts";
import { numberedModel } from "../cases/numbered_model.ts";
import { lowerWhole } from "../model/lowered.ts";
import { OPERATOR_CASES } from "../model/operator_cases.ts";
import { oneNodeModel } from "../model/one_node_model.ts";
import {
  writeModel,
  type WrittenAttribute,
  type WrittenModel,
  type WrittenNode,
} from "../model/onnx_writer.ts";
import { randomModel } from "../model/random_graph.ts";

/** What became of a damaged file; `unnoticed` and `fault` must not happen. */
export type Fate =
  | "refused by the reader"
  | "refused in lowering"
  | "refused by ONNX Runtime"
  | "refused by the comparison"
  | "accepted, equal to ONNX Runtime"
  | "unnoticed"
  | "fault";

export interface Mutant {
  readonly name: string;
  readonly bytes: Uint8Array;
}

type Mutation = (model: WrittenModel, random: () => number) => Uint8Array;

/** The three kinds of damage. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  truncated: (model, random) => {
    const bytes = writeModel(model);
    return bytes.slice(0, Math.floor(random() * bytes.length));
  },
  "flipped bit": (model, random) => {
    const bytes = writeModel(model);
    const at = Math.floor(random() * bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << Math.floor(random() * 8));
    return bytes;
  },
  "changed attribute": (model, random) => {
    const nodes = [...model.nodes];
    const at = Math.floor(random() * nodes.length);
    nodes[at] = changeNode(nodes[at] as WrittenNode, random);
    return writeModel({ ...model, nodes });
  },
};

/** The damaged file of a number; the same number gives the same file. */
export function mutantOf(number: number): Mutant {
  const random = seededRandom(number * 104_729 + 17);
  const kinds = Object.keys(MUTATIONS);
  const kind = kinds[number % kinds.length] as string;
  const model = originalOf(random);
  const name = `${number} ${kind}: ${model.nodes.map(({ op }) => op).join(" ")}`;
  return { name, bytes: (MUTATIONS[kind] as Mutation)(model, random) };
}

/** A random network, or one node of any operator at any of its versions. */
function originalOf(random: () => number): WrittenModel {
  if (random() < 0.5) return randomModel(1 + Math.floor(random() * 100_000)).model;
  const one = OPERATOR_CASES[Math.floor(random() * OPERATOR_CASES.length)];
  if (one === undefined) throw new RangeError("There are no operator cases");
  const opset = one.opsets[Math.floor(random() * one.opsets.length)] as number;
  return oneNodeModel(one, opset);
}

/** Another operator, a renamed, added or dropped attribute, or another value. */
function changeNode(node: WrittenNode, random: () => number): WrittenNode {
  const entries = Object.entries(node.attributes ?? {});
  const choice = Math.floor(random() * 5);
  if (entries.length === 0 || choice === 0) {
    const added: Record<string, WrittenAttribute> = {
      axis: 1,
      alpha: { float: 0.5 },
      keepdims: 0,
      axes: [1],
    };
    const names = Object.keys(added);
    const name = names[Math.floor(random() * names.length)] as string;
    return { ...node, attributes: { ...node.attributes, [name]: added[name] as WrittenAttribute } };
  }
  const at = Math.floor(random() * entries.length);
  const [name, value] = entries[at] as [string, WrittenAttribute];
  const others = entries.filter((_, k) => k !== at);
  const changed: [string, WrittenAttribute][] = choice === 1
    ? [[`${name}x`, value]]
    : choice === 2
    ? []
    : [[name, changeValue(value, random)]];
  return { ...node, attributes: Object.fromEntries([...others, ...changed]) };
}

function changeValue(value: WrittenAttribute, random: () => number): WrittenAttribute {
  const step = Math.floor(random() * 5) - 2;
  if (typeof value === "number") return random() < 0.2 ? { float: value } : value + step;
  if (typeof value === "string") return random() < 0.5 ? value.toLowerCase() : `${value}?`;
  if ("float" in value) return random() < 0.2 ? 1 : { float: value.float * (random() * 4 - 2) };
  if ("floats" in value) return { floats: value.floats.slice(0, -1) };
  if ("tensor" in value || "graph" in value) return step;
  const list = value as readonly (number | string)[];
  return list.map((item) => typeof item === "number" ? item + step : `${item}x`) as number[];
}

const FRESH_POINTS = 1000;

/**
 * Takes a file through reading, lowering and comparison as loading a bundle does, and looks at what
 * was accepted at points that the comparison did not see.
 */
export async function fateOf({ bytes }: Mutant): Promise<{ fate: Fate; detail: string }> {
  try {
    const graph = readGraph(bytes);
    const model = numberedModel(graph);
    lowerWhole(graph);
    const runtime = await openRuntime(bytes);
    try {
      const seen = await compareWithRuntime(model, runtime);
      if (!seen.agrees) return { fate: "refused by the comparison", detail: `${seen.worst}` };
      const fresh = await compareWithRuntime(model, runtime, { points: FRESH_POINTS, seed: 77 });
      // Between 200 points and 1,000 others the largest difference may grow a little, and what is
      // left out must still be rare.
      return (fresh.agrees || fresh.illConditioned <= FRESH_POINTS / 5) &&
          fresh.worst <= 10 * fresh.tolerance
        ? { fate: "accepted, equal to ONNX Runtime", detail: `${fresh.worst}` }
        : { fate: "unnoticed", detail: `${fresh.worst}` };
    } finally {
      await runtime.release();
    }
  } catch (error) {
    const detail = error instanceof Error ? error.stack ?? error.message : String(error);
    if (error instanceof OnnxError) return { fate: "refused by the reader", detail };
    if (error instanceof LoweringError || error instanceof ModelError) {
      return { fate: "refused in lowering", detail };
    }
    if (error instanceof RuntimeError) return { fate: "refused by ONNX Runtime", detail };
    return { fate: "fault", detail };
  }
}
