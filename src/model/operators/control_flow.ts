/**
 * If and Loop, as exporters write them: around computations with shapes, or around a fixed number of
 * steps. What a constant decides is decided here; what the inputs decide is chosen as Where does.
 */

import { requiredGraph } from "./attributes.ts";
import { choose } from "./choices.ts";
import { type Call, operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { anyInput, constant, optionalConstant } from "./values.ts";

type Body = Parameters<Call<unknown>["lowerBody"]>[0];

/** Steps that a loop may be unrolled to; a window of a plant's values is far shorter. */
const MOST_STEPS = 4096;

interface Branches {
  readonly then_branch: Body;
  readonly else_branch: Body;
}

function branch(call: Call<Branches>): readonly Value[] {
  const { then_branch: then, else_branch: otherwise } = call.attributes;
  const condition = anyInput(call, 0);
  const fixed = call.builder.constantOf(condition.node);
  if (fixed !== undefined) return call.lowerBody((fixed[0] ?? 0) !== 0 ? then : otherwise, []);
  const [left, right] = [call.lowerBody(then, []), call.lowerBody(otherwise, [])];
  return left.map((a, k) => {
    const b = right[k];
    if (b === undefined || `${a.shape}` !== `${b.shape}`) {
      throw new OperatorError(
        `the inputs decide between branches that give [${a.shape}] and [${b?.shape ?? "nothing"}]`,
        "export the model without control flow, for inputs of one fixed shape",
      );
    }
    return choose(call.builder, { ...condition, shape: [] }, [a, b]);
  });
}

/** Whether to go on; where the inputs decide it, the number of steps is not known. */
function goesOn(call: Call<unknown>, condition: Value | undefined): boolean {
  if (condition === undefined) return true;
  const fixed = call.builder.constantOf(condition.node);
  if (fixed === undefined) {
    throw new OperatorError(
      "the model's inputs decide how many steps it makes",
      "export the model with a fixed number of steps",
    );
  }
  return (fixed[0] ?? 0) !== 0;
}

function loop(call: Call<{ readonly body: Body }>): Value[] {
  const { builder, attributes: { body } } = call;
  const [most = Infinity] = optionalConstant(call, 0) ?? [];
  let carried = call.inputs.slice(2).map((_, k) => anyInput(call, k + 2));
  const scanned = body.outputs.length - 1 - carried.length;
  if (body.inputs.length !== carried.length + 2 || scanned < 0) {
    throw new OperatorError(`its body does not fit ${carried.length} values that it carries`);
  }
  const collected: Value[][] = Array.from({ length: scanned }, () => []);
  let condition = call.inputs[1] ?? constant(builder, [1], { shape: [], type: "bool" });
  for (let step = 0; step < most && goesOn(call, condition); step++) {
    if (step === MOST_STEPS) {
      throw new OperatorError(`it makes more than ${MOST_STEPS} steps`, "export a shorter loop");
    }
    const count = constant(builder, [step], { shape: [], type: "int64" });
    const [next, ...results] = call.lowerBody(body, [count, condition, ...carried]);
    condition = next as Value;
    carried = results.slice(0, carried.length);
    results.slice(carried.length).forEach((value, k) => (collected[k] as Value[]).push(value));
  }
  return [...carried, ...collected.map((values) => stacked(call, values))];
}

/** One row per step. */
function stacked({ builder }: Call<unknown>, values: readonly Value[]): Value {
  const [first] = values;
  if (first === undefined || values.some(({ shape }) => `${shape}` !== `${first.shape}`)) {
    throw new OperatorError("its body gives no shape, or another one at each step");
  }
  const node = builder.concat(values.map((value) => value.node));
  return { ...first, shape: [values.length, ...first.shape], node };
}

/** Rows of ai.onnx. */
export const CONTROL_FLOW: OperatorTable = {
  If: [
    operator({
      since: 1,
      inputs: [1, 1],
      outputs: Infinity,
      attributes: { then_branch: requiredGraph, else_branch: requiredGraph },
      lower: (call) => branch(call),
    }),
  ],
  Loop: [
    operator({
      since: 1,
      // Its trip count and its condition may both be left out.
      inputs: [0, Infinity],
      outputs: Infinity,
      attributes: { body: requiredGraph },
      lower: (call) => loop(call),
    }),
  ],
};
