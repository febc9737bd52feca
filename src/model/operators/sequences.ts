/**
 * Lists of tensors, which PyTorch's exporter writes around split, stack and unbind. A list is known at
 * lowering: how many tensors it holds and which; only they are on the tape.
 */

import { flag, int, optionalInt, requiredInt } from "./attributes.ts";
import { type Call, operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { concatenated, position, splitAlong } from "./pieces.ts";
import { axisOf } from "./shape.ts";
import { anyInput, constant, integersInput, optionalIntegers, reshape } from "./values.ts";

function listOf(call: Call<unknown>, items: readonly Value[]): Value {
  return { node: call.builder.constant([]), shape: [], type: "other", items };
}

function listInput(call: Call<unknown>): readonly Value[] {
  const { items } = anyInput(call, 0);
  if (items === undefined) throw new OperatorError("its input is no list of tensors");
  return items;
}

/** The place that a constant input names, of `size`; the last where it is left out. */
function placeIn(call: Call<unknown>, index: number, size: number): number {
  const [place = -1] = call.inputs[index] === undefined ? [] : integersInput(call, index);
  return position(place, size);
}

const at = operator({
  since: 11,
  inputs: [2, 2],
  lower: (call) => {
    const items = listInput(call);
    return [items[placeIn(call, 1, items.length)]];
  },
});

const insert = operator({
  since: 11,
  inputs: [2, 3],
  lower: (call) => {
    const items = listInput(call);
    // Behind the last where no place is named; a negative one counts from the end.
    const [place = items.length] = call.inputs[2] === undefined ? [] : integersInput(call, 2);
    const from = place < 0 ? place + items.length : place;
    if (from < 0 || from > items.length) {
      throw new OperatorError(`its place ${place} is outside of ${items.length} tensors`);
    }
    return [listOf(call, items.toSpliced(from, 0, anyInput(call, 1)))];
  },
});

const split = operator({
  since: 11,
  inputs: [1, 2],
  attributes: { axis: int(0), keepdims: flag(1) },
  lower: (call) => {
    const { axis: wanted, keepdims } = call.attributes;
    const x = anyInput(call, 0);
    const axis = axisOf(wanted, x.shape.length);
    const size = x.shape[axis] as number;
    const given = optionalIntegers(call, 1);
    const isOne = given !== undefined && anyInput(call, 1).shape.length === 0;
    const each = given === undefined ? 1 : given[0] as number;
    if ((given === undefined || isOne) && !(each >= 1)) {
      throw new OperatorError(`it splits into pieces of ${each}`);
    }
    const sizes = given === undefined || isOne
      ? Array.from(
        { length: Math.ceil(size / each) },
        (_, k) => Math.min(each, size - k * each),
      )
      : given;
    const pieces = splitAlong(call.builder, x, { axis, sizes });
    // Single elements lose their axis where no sizes are given and keepdims is 0.
    const drops = given === undefined && !keepdims;
    const shape = x.shape.toSpliced(axis, 1);
    return [listOf(call, drops ? pieces.map((piece) => reshape(piece, shape)) : pieces)];
  },
});

const join = operator({
  since: 11,
  inputs: [1, 1],
  attributes: { axis: requiredInt, new_axis: flag(0) },
  lower: (call) => {
    const { axis: wanted, new_axis } = call.attributes;
    const items = listInput(call);
    const [first] = items;
    if (first === undefined) throw new OperatorError("it joins a list of no tensors");
    const axis = axisOf(wanted, first.shape.length + Number(new_axis));
    const parts = new_axis
      ? items.map((item) => reshape(item, item.shape.toSpliced(axis, 0, 1)))
      : items;
    return [concatenated(call.builder, parts, axis)];
  },
});

/** Rows of ai.onnx. */
export const SEQUENCES: OperatorTable = {
  SequenceConstruct: [
    operator({
      since: 11,
      inputs: [1, Infinity],
      lower: (call) => [listOf(call, call.inputs.map((_, index) => anyInput(call, index)))],
    }),
  ],
  SequenceEmpty: [
    operator({
      since: 11,
      inputs: [0, 0],
      attributes: { dtype: optionalInt },
      lower: (call) => [listOf(call, [])],
    }),
  ],
  SequenceAt: [at],
  SequenceInsert: [insert],
  SequenceErase: [
    operator({
      since: 11,
      inputs: [1, 2],
      lower: (call) => {
        const items = listInput(call);
        return [listOf(call, items.toSpliced(placeIn(call, 1, items.length), 1))];
      },
    }),
  ],
  SequenceLength: [
    operator({
      since: 11,
      inputs: [1, 1],
      lower: (call) => [
        constant(call.builder, [listInput(call).length], { shape: [], type: "int64" }),
      ],
    }),
  ],
  SplitToSequence: [split],
  ConcatFromSequence: [join],
};
