/**
 * A box that takes a new version of a large model again and again: its memory must not grow with them.
 *
 *     deno run -A --v8-flags=--expose-gc tests/campaigns/reload_memory.ts [RELOADS] [MEGABYTES]
 */

import { preparePlan } from "../../src/cycle/plan.ts";
import type { Plan, PlanShelves } from "../../src/cycle/plan.ts";
import { logOf } from "../../src/log.ts";
import { NativeSolver } from "../../src/solve/native_solver.ts";
import { Bundle } from "../../src/storage/bundle.ts";
import { MemoryCache } from "../../src/storage/memory_cache.ts";
import { writeModel } from "../model/onnx_writer.ts";
import { ENTRY, smallStrategy } from "../storage/small_versions.ts";

/** The heap's and the allocator's own size is reached after a few. */
const WARM_UP = 10;

export interface ReloadResult {
  /** Resident memory after the first reloads and after the last, in bytes. */
  readonly before: number;
  readonly after: number;
}

export async function reloadModel(
  { reloads, megabytes }: { readonly reloads: number; readonly megabytes: number },
): Promise<ReloadResult> {
  const solver = new NativeSolver();
  const cache = new MemoryCache({ log: logOf("reload") });
  const shelves: PlanShelves = {
    models: cache.shelf("models"),
    scalers: cache.shelf("scalers"),
    configurations: cache.shelf("configurations"),
  };
  const model = largeModel(megabytes);
  const strategy = new TextEncoder().encode(strategyWithModel());
  let plan: Plan | undefined;
  let before = 0;
  for (let reload = 0; reload < WARM_UP + reloads; reload++) {
    const bytes = new Uint8Array(model);
    // The low byte of one weight near the end, so that each version is another file.
    bytes[bytes.length - 400] = reload % 256;
    bytes[bytes.length - 404] = reload >> 8;
    const files = new Map([[ENTRY, strategy], ["models/large.onnx", bytes]]);
    const bundle = new Bundle(String(reload), files);
    const next = await preparePlan(bundle, { entry: ENTRY, solver, shelves });
    await plan?.release();
    plan = next;
    cache.useVersion(bundle.version, bundle.digests());
    if (reload === WARM_UP - 1) before = residentBytes();
  }
  const after = residentBytes();
  await plan?.release();
  await solver.close();
  return { before, after };
}

/** What is held, where V8 was started with --expose-gc; else also what waits for its collection. */
function residentBytes(): number {
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect === "function") collect();
  return Deno.memoryUsage().rss;
}

function strategyWithModel(): string {
  return smallStrategy(1).replace(
    "\nskills:",
    `
  large: { type: predicted, unit: "1" }
skills:
  large model: { type: model, file: models/large.onnx, inputs: [Valve, Load], outputs: [large] }`,
  ).replace("tasks:", "tasks:\n  - { name: predict, skill: large model }");
}

/** Two inputs, one output, one square matrix of float32 that makes the size. */
function largeModel(megabytes: number): Uint8Array {
  const width = Math.round(Math.sqrt(megabytes * 1e6 / 4));
  const tensor = (shape: readonly number[]) => ({
    type: "float32" as const,
    shape,
    values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i) * 0.01),
  });
  return writeModel({
    opsets: { "ai.onnx": 17 },
    inputs: [{ name: "x", type: "float32", shape: [1, 2] }],
    outputs: [{ name: "y", type: "float32", shape: [1, 1] }],
    initializers: {
      first: tensor([2, width]),
      middle: tensor([width, width]),
      last: tensor([width, 1]),
    },
    nodes: [
      { op: "MatMul", inputs: ["x", "first"], outputs: ["a"] },
      { op: "Tanh", inputs: ["a"], outputs: ["b"] },
      { op: "MatMul", inputs: ["b", "middle"], outputs: ["c"] },
      { op: "Tanh", inputs: ["c"], outputs: ["d"] },
      { op: "MatMul", inputs: ["d", "last"], outputs: ["y"] },
    ],
  });
}

if (import.meta.main) {
  const [reloads = 200, megabytes = 20] = Deno.args.map(Number);
  const { before, after } = await reloadModel({ reloads, megabytes });
  const megabytesOf = (bytes: number) => Math.round(bytes / 1e6);
  console.log(
    `${reloads} reloads of ${megabytes} MB: ${megabytesOf(before)} MB before, ` +
      `${megabytesOf(after)} MB after, grown by ${megabytesOf(after - before)} MB`,
  );
  Deno.exit(after - before < 100e6 ? 0 : 1);
}
