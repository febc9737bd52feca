/** Constants, shapes, types, and what does nothing at inference. */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { ELEMENT_TYPES, type ElementType, type Tensor } from "../graph.ts";
import {
  choice,
  flag,
  float,
  int,
  optionalFloat,
  optionalFloats,
  optionalInt,
  optionalInts,
  optionalTensor,
  requiredInt,
  requiredString,
  requiredTensor,
} from "./attributes.ts";
import { sinceFirst } from "./first_versions.ts";
import { type Call, operator, OperatorError, type OperatorTable, type Value } from "./operator.ts";
import { count } from "./shape.ts";
import {
  anyInput,
  constant,
  floatInput,
  integersInput,
  isFloat,
  optionalConstant,
} from "./values.ts";

/** A tensor of the file as a value. */
export function constantTensor(call: Pick<Call<unknown>, "builder">, tensor: Tensor): Value {
  if (tensor.values === undefined) {
    throw new OperatorError(
      `it uses a tensor of type ${tensor.type}, which holds no numbers`,
      "use the model in a prediction skill",
    );
  }
  return constant(call.builder, tensor.values, tensor);
}

const constantOfValue = operator({
  since: 1,
  inputs: [0, 0],
  attributes: { value: requiredTensor },
  lower: (call) => [constantTensor(call, call.attributes.value)],
});

const constantOfAny = operator({
  since: 12,
  inputs: [0, 0],
  attributes: {
    value: optionalTensor,
    value_float: optionalFloat,
    value_floats: optionalFloats,
    value_int: optionalInt,
    value_ints: optionalInts,
  },
  lower: (call) => {
    const a = call.attributes;
    const given = Object.values(a).filter((value) => value !== undefined);
    if (given.length !== 1) throw new OperatorError(`it holds ${given.length} values, not one`);
    if (a.value !== undefined) return [constantTensor(call, a.value)];
    const floats = a.value_floats ?? (a.value_float === undefined ? undefined : [a.value_float]);
    const values = floats ?? a.value_ints ?? [a.value_int as number];
    const scalar = a.value_float !== undefined || a.value_int !== undefined;
    return [
      constant(call.builder, values, {
        shape: scalar ? [] : [values.length],
        type: floats === undefined ? "int64" : "float32",
      }),
    ];
  },
});

const constantOfShape = operator({
  since: 9,
  inputs: [1, 1],
  attributes: { value: optionalTensor },
  lower: (call) => {
    const shape = integersInput(call, 0);
    if (shape.some((size) => size < 0)) throw new OperatorError(`its shape is [${shape}]`);
    const { value } = call.attributes;
    if (value !== undefined && value.values?.length !== 1) {
      throw new OperatorError("its value is not one number");
    }
    const fill = new Float64Array(count(shape)).fill(value?.values?.[0] ?? 0);
    return [constant(call.builder, fill, { shape, type: value?.type ?? "float32" })];
  },
});

function shapeOf(call: Call<unknown>, start: number, end: number | undefined): Value {
  const { shape } = anyInput(call, 0);
  const part = shape.slice(start, end);
  return constant(call.builder, part, { shape: [part.length], type: "int64" });
}

const shapeWhole = operator({
  since: 1,
  inputs: [1, 1],
  lower: (call) => [shapeOf(call, 0, undefined)],
});

const shapePart = operator({
  since: 15,
  inputs: [1, 1],
  attributes: { start: int(0), end: optionalInt },
  lower: (call) => [shapeOf(call, call.attributes.start, call.attributes.end)],
});

const size = operator({
  since: 1,
  inputs: [1, 1],
  lower: (call) => [
    constant(call.builder, [count(anyInput(call, 0).shape)], { shape: [], type: "int64" }),
  ],
});

const range = operator({
  since: 11,
  inputs: [3, 3],
  lower: (call) => {
    const [start, limit, delta] = [0, 1, 2].map((index) => {
      const values = optionalConstant(call, index);
      if (values?.length !== 1) throw new OperatorError(`its input ${index} is no scalar`);
      return values[0] as number;
    }) as [number, number, number];
    const length = Math.max(0, Math.ceil((limit - start) / delta));
    const values = Float64Array.from({ length: count([length]) }, (_, i) => start + i * delta);
    return [
      constant(call.builder, values, { shape: [length], type: anyInput(call, 0).type }),
    ];
  },
});

const identity = operator({
  since: 1,
  inputs: [1, 1],
  lower: (call) => [anyInput(call, 0)],
});

/**
 * Between floats a cast does nothing here: the tape computes in float64, where the model's rounding
 * to a narrower float is noise without a derivative. Nor does one from truth to numbers, which are 0
 * and 1. Constants are cast as the specification says; a variable float has no slope as an integer.
 */
function cast({ builder }: Call<unknown>, x: Value, type: ElementType): Value {
  if (isFloat(type)) return { ...x, type };
  const values = builder.constantOf(x.node);
  if (type === "string" || type === "other" || (values === undefined && !staysWhole(x, type))) {
    throw new OperatorError(
      `it casts from ${x.type} to ${type}`,
      "in an optimizer a cast can only lead to a floating type",
    );
  }
  if (values === undefined) {
    const isTruth = type === "bool" && x.type !== "bool";
    return { ...x, type, node: isTruth ? notZero(builder, x.node) : x.node };
  }
  const cut = values.map((value) => type === "bool" ? Number(value !== 0) : Math.trunc(value));
  return { ...x, type, node: builder.constant(cut) };
}

/** Whether a cast of variables cuts nothing off: to truth, or from what is whole already. */
function staysWhole(x: Value, type: ElementType): boolean {
  return type === "bool" || !isFloat(x.type);
}

/** 1 where x is not 0. */
function notZero(builder: TapeBuilder, x: NodeId): NodeId {
  return builder.map("abs", builder.map("sign", x));
}

function castTo(call: Call<{ readonly to: number }>): Value {
  const type = ELEMENT_TYPES[call.attributes.to as keyof typeof ELEMENT_TYPES];
  if (type === undefined) throw new OperatorError(`it casts to the type ${call.attributes.to}`);
  return cast(call, anyInput(call, 0), type);
}

/** Opset 1 named the type in words, such as "FLOAT" or "INT64". */
const castByName = operator({
  since: 1,
  inputs: [1, 1],
  attributes: { to: requiredString },
  lower: (call) => {
    const { to } = call.attributes;
    const name = FIRST_TYPE_NAMES[to] ?? to.toLowerCase();
    const type = Object.values(ELEMENT_TYPES).find((known) => known === name);
    if (type === undefined) throw new OperatorError(`it casts to the type "${to}"`);
    return [cast(call, anyInput(call, 0), type)];
  },
});

/** Names of TensorProto.DataType that are not the type's own in capitals. */
const FIRST_TYPE_NAMES: Readonly<Record<string, ElementType>> = {
  FLOAT: "float32",
  DOUBLE: "float64",
};

const roundMode = choice(["up", "down", "nearest"], "up");

function inTraining(): OperatorError {
  return new OperatorError(
    "it is in training mode, which draws random numbers",
    "export the model in evaluation mode",
  );
}

/** At inference dropout passes its input on, and its mask keeps everything. */
function passOn(call: Call<unknown>): Value[] {
  const x = floatInput(call, 0);
  const size = count(x.shape);
  return [x, { ...x, type: "bool", node: call.builder.fill(1, size) }];
}

/** Before opset 7 it was in training mode where nothing else was said. */
const dropoutOfTest = operator({
  since: 6,
  inputs: [1, 1],
  outputs: 2,
  attributes: { ratio: float(0.5), is_test: flag(0) },
  lower: (call) => {
    if (!call.attributes.is_test && call.attributes.ratio !== 0) throw inTraining();
    return passOn(call);
  },
});

const dropout = operator({
  since: 7,
  inputs: [1, 1],
  outputs: 2,
  attributes: { ratio: float(0.5) },
  lower: passOn,
});

const dropoutByInputs = operator({
  since: 12,
  inputs: [1, 3],
  outputs: 2,
  attributes: { seed: optionalInt },
  lower: (call) => {
    const [ratio = 0.5] = optionalConstant(call, 1) ?? [];
    const [training = 0] = optionalConstant(call, 2) ?? [];
    if (training !== 0 && ratio !== 0) {
      throw inTraining();
    }
    return passOn(call);
  },
});

/** Rows of ai.onnx. */
export const CONSTANTS: OperatorTable = {
  Constant: [constantOfValue, constantOfAny],
  ConstantOfShape: [constantOfShape],
  Shape: [shapeWhole, shapePart],
  Size: [size],
  Range: [range],
  Identity: [identity],
  Cast: [
    castByName,
    operator({
      since: 6,
      inputs: [1, 1],
      attributes: { to: requiredInt },
      lower: (call) => [castTo(call)],
    }),
    operator({
      since: 19,
      inputs: [1, 1],
      attributes: { to: requiredInt, saturate: flag(1) },
      lower: (call) => [castTo(call)],
    }),
    operator({
      since: 24,
      inputs: [1, 1],
      attributes: { to: requiredInt, saturate: flag(1), round_mode: roundMode },
      lower: (call) => [castTo(call)],
    }),
  ],
  CastLike: [
    operator({
      since: 15,
      inputs: [2, 2],
      lower: (call) => [cast(call, anyInput(call, 0), anyInput(call, 1).type)],
    }),
    operator({
      since: 19,
      inputs: [2, 2],
      attributes: { saturate: flag(1) },
      lower: (call) => [cast(call, anyInput(call, 0), anyInput(call, 1).type)],
    }),
    operator({
      since: 24,
      inputs: [2, 2],
      attributes: { saturate: flag(1), round_mode: roundMode },
      lower: (call) => [cast(call, anyInput(call, 0), anyInput(call, 1).type)],
    }),
  ],
  Dropout: [sinceFirst(dropoutOfTest), dropoutOfTest, dropout, dropoutByInputs],
};
