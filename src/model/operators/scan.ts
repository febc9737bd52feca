/**
 * Scan, unrolled over its fixed number of steps.
 *
 * scikit-learn's Gaussian processes and nearest-neighbour distances come as a Scan over the rows of
 * the training data; after unrolling, finish_tape.ts joins the equal steps into one instruction.
 */

import { optionalInts, requiredGraph, requiredInt } from "./attributes.ts";
import { type Call, operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { axisOf, stridesOf } from "./shape.ts";
import { anyInput, transpose, view } from "./values.ts";

interface ScanAttributes {
  readonly body: Parameters<Call<unknown>["lowerBody"]>[0];
  readonly num_scan_inputs: number;
  readonly scan_input_axes: readonly number[] | undefined;
  readonly scan_input_directions: readonly number[] | undefined;
  readonly scan_output_axes: readonly number[] | undefined;
  readonly scan_output_directions: readonly number[] | undefined;
}

interface Directions {
  readonly directions: readonly number[] | undefined;
}

/** One slice of a scanned input, without the axis it was taken along. */
function sliceAt(call: Call<unknown>, value: Value, at: { axis: number; step: number }): Value {
  const strides = stridesOf(value.shape);
  return view(call.builder, value, {
    shape: value.shape.toSpliced(at.axis, 1),
    strides: strides.toSpliced(at.axis, 1),
    base: at.step * (strides[at.axis] as number),
  });
}

/** The slices of one scanned output, stacked along a new axis. */
function stack(call: Call<unknown>, slices: readonly Value[], wantedAxis: number): Value {
  const [first] = slices as [Value];
  if (slices.some(({ shape }) => `${shape}` !== `${first.shape}`)) {
    throw new OperatorError("its body gives another shape at each step");
  }
  const rank = first.shape.length + 1;
  const axis = axisOf(wantedAxis, rank);
  const stacked = {
    ...first,
    shape: [slices.length, ...first.shape],
    node: call.builder.concat(slices.map(({ node }) => node)),
  };
  const order = Array.from({ length: rank - 1 }, (_, k) => k + 1).toSpliced(axis, 0, 0);
  return transpose(call.builder, stacked, order);
}

function scan(call: Call<ScanAttributes>): Value[] {
  const { body, num_scan_inputs: scanned, ...given } = call.attributes;
  const values = call.inputs.map((_, index) => anyInput(call, index));
  const states = values.length - scanned;
  const outputs = body.outputs.length - states;
  if (scanned < 1 || states < 0 || outputs < 0 || body.inputs.length !== values.length) {
    throw new OperatorError(`its body does not fit ${values.length} inputs`);
  }
  const perItem = (list: readonly number[] | undefined, length: number) => {
    if (list !== undefined && list.length !== length) {
      throw new OperatorError(`its axes or directions [${list}] do not fit ${length} items`);
    }
    return list ?? new Array<number>(length).fill(0);
  };
  const inputs = values.slice(states);
  const axes = perItem(given.scan_input_axes, scanned)
    .map((axis, k) => axisOf(axis, (inputs[k] as Value).shape.length));
  const steps = new Set(inputs.map((value, k) => value.shape[axes[k] as number] as number));
  const [length = 0] = steps;
  if (steps.size !== 1 || length < 1) {
    throw new OperatorError(`its inputs have [${[...steps]}] steps`);
  }
  const inputDirections = perItem(given.scan_input_directions, scanned);
  const outputDirections = perItem(given.scan_output_directions, outputs);
  const outputAxes = perItem(given.scan_output_axes, outputs);
  let state = values.slice(0, states);
  const collected: Value[][] = Array.from({ length: outputs }, () => []);
  for (let step = 0; step < length; step++) {
    const slices = inputs.map((value, k) =>
      sliceAt(call, value, {
        axis: axes[k] as number,
        step: inputDirections[k] === 1 ? length - 1 - step : step,
      })
    );
    const results = call.lowerBody(body, [...state, ...slices]);
    state = results.slice(0, states);
    results.slice(states).forEach((value, k) => (collected[k] as Value[]).push(value));
  }
  return [
    ...state,
    ...collected.map((slices, k) => {
      const ordered = outputDirections[k] === 1 ? slices.toReversed() : slices;
      return stack(call, ordered, outputAxes[k] as number);
    }),
  ];
}

/** Opset 8: every value has samples as its first axis, and each sample is scanned by itself. */
function scanSamples(
  call: Call<Pick<ScanAttributes, "body" | "num_scan_inputs"> & Directions>,
): Value[] {
  const { body, num_scan_inputs, directions } = call.attributes;
  if (call.inputs[0] !== undefined) {
    throw new OperatorError(
      "its sequence_lens make samples of several lengths",
      "export the model for windows of one fixed length",
    );
  }
  const values = call.inputs.slice(1).map((_, k) => anyInput(call, k + 1));
  const [samples = 0, ...others] = new Set(values.map(({ shape }) => shape[0] ?? 0));
  if (samples < 1 || others.length > 0) {
    throw new OperatorError(`its inputs hold [${[samples, ...others]}] samples`);
  }
  const results = Array.from({ length: samples }, (_, step) =>
    scan({
      ...call,
      inputs: values.map((value) => sliceAt(call, value, { axis: 0, step })),
      attributes: {
        body,
        num_scan_inputs,
        scan_input_axes: undefined,
        scan_input_directions: directions,
        scan_output_axes: undefined,
        scan_output_directions: undefined,
      },
    }));
  const [first] = results as [Value[]];
  return first.map((_, k) => stack(call, results.map((all) => all[k] as Value), 0));
}

/** Rows of ai.onnx. */
export const SCAN: OperatorTable = {
  Scan: [
    operator({
      since: 8,
      // Its first, the lengths, may be left out.
      inputs: [0, Infinity],
      outputs: Infinity,
      attributes: {
        body: requiredGraph,
        directions: optionalInts,
        num_scan_inputs: requiredInt,
      },
      lower: (call) => scanSamples(call),
    }),
    operator({
      since: 9,
      inputs: [1, Infinity],
      outputs: Infinity,
      attributes: {
        body: requiredGraph,
        num_scan_inputs: requiredInt,
        scan_input_axes: optionalInts,
        scan_input_directions: optionalInts,
        scan_output_axes: optionalInts,
        scan_output_directions: optionalInts,
      },
      lower: (call) => scan(call),
    }),
  ],
};
