/** Pad in all its modes: a gather from the tensor and one constant. */

import { choice, float, requiredInts } from "./attributes.ts";
import { type Call, operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { axesOf, count, stridesOf } from "./shape.ts";
import { anyInput, constantInput, integersInput, optionalIntegers } from "./values.ts";

type PadMode = "constant" | "reflect" | "edge" | "wrap";

/** Where position `i`, counted from the unpadded start, is read; undefined: the constant. */
const PADDED_POSITION: Record<PadMode, (i: number, size: number) => number | undefined> = {
  constant: (i, size) => i >= 0 && i < size ? i : undefined,
  edge: (i, size) => Math.min(Math.max(i, 0), size - 1),
  wrap: (i, size) => ((i % size) + size) % size,
  reflect: (i, size) => {
    const period = Math.max(1, 2 * (size - 1));
    const within = ((i % period) + period) % period;
    return Math.min(within, period - within);
  },
};

interface Padding {
  /** Counts before each axis, then after each; negative ones cut. */
  readonly pads: readonly number[];
  readonly mode: PadMode;
  readonly value: number;
}

function pad(call: Call<unknown>, { pads, mode, value }: Padding): Value {
  const x = anyInput(call, 0);
  const rank = x.shape.length;
  if (pads.length !== 2 * rank || !pads.every(Number.isInteger)) {
    throw new OperatorError(`its pads [${pads}] do not fit shape [${x.shape}]`);
  }
  const shape = x.shape.map((size, k) => size + (pads[k] as number) + (pads[rank + k] as number));
  if (shape.some((size) => size < 0)) {
    throw new OperatorError(`its pads [${pads}] leave less than nothing of [${x.shape}]`);
  }
  const size = count(shape);
  if (mode !== "constant" && x.shape.includes(0)) throw new OperatorError("it pads nothing");
  const strides = stridesOf(x.shape);
  const places = shape.map((size, k) =>
    Array.from(
      { length: size },
      (_, i) => PADDED_POSITION[mode](i - (pads[k] as number), x.shape[k] as number),
    )
  );
  const filler = count(x.shape);
  const own = stridesOf(shape);
  const indices = Int32Array.from({ length: size }, (_, i) => {
    let index = 0;
    for (let k = 0; k < rank; k++) {
      const place = places[k]?.[Math.floor(i / (own[k] as number)) % (shape[k] as number)];
      if (place === undefined) return filler;
      index += place * (strides[k] as number);
    }
    return index;
  });
  const { builder } = call;
  const source = builder.concat([x.node, builder.constant([value])]);
  return { ...x, shape, node: builder.gather(source, indices) };
}

const PADDING_ATTRIBUTES = {
  mode: choice(["constant", "reflect", "edge"], "constant"),
  value: float(0),
};

const padByPaddings = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { ...PADDING_ATTRIBUTES, paddings: requiredInts },
  lower: (call) => [pad(call, { ...call.attributes, pads: call.attributes.paddings })],
});

const padByAttributes = operator({
  since: 2,
  inputs: [1, 1],
  attributes: { ...PADDING_ATTRIBUTES, pads: requiredInts },
  lower: (call) => [pad(call, call.attributes)],
});

function padByInputs(call: Call<{ readonly mode: PadMode }>): Value {
  const rank = anyInput(call, 0).shape.length;
  const given = integersInput(call, 1);
  const axes = axesOf(optionalIntegers(call, 3) ?? Array.from({ length: rank }, (_, k) => k), rank);
  if (given.length !== 2 * axes.length) {
    throw new OperatorError(`its pads [${given}] do not fit ${axes.length} axes`);
  }
  const pads = new Array<number>(2 * rank).fill(0);
  axes.forEach((axis, k) => {
    pads[axis] = given[k] as number;
    pads[rank + axis] = given[axes.length + k] as number;
  });
  const [value = 0] = call.inputs[2] === undefined ? [] : constantInput(call, 2);
  return pad(call, { mode: call.attributes.mode, pads, value });
}

const padMode = choice(["constant", "reflect", "edge"], "constant");

/** Rows of ai.onnx. */
export const PADDING: OperatorTable = {
  Pad: [
    padByPaddings,
    padByAttributes,
    operator({
      since: 11,
      inputs: [2, 3],
      attributes: { mode: padMode },
      lower: (call) => [padByInputs(call)],
    }),
    operator({
      since: 18,
      inputs: [2, 4],
      attributes: { mode: padMode },
      lower: (call) => [padByInputs(call)],
    }),
    operator({
      since: 19,
      inputs: [2, 4],
      attributes: { mode: choice(["constant", "reflect", "edge", "wrap"], "constant") },
      lower: (call) => [padByInputs(call)],
    }),
  ],
};
