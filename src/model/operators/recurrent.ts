/**
 * LSTM, GRU and RNN, unrolled over the fixed window that the model's input holds.
 *
 * Formulas of the ONNX operator specification. Per direction: W (gates·h, input), R (gates·h, h),
 * B (2·gates·h). The samples of a batch are the segments of the same affine.
 */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { type Activation, activationsOf } from "./activations.ts";
import {
  choice,
  flag,
  optionalFloat,
  optionalFloats,
  optionalInt,
  optionalStrings,
} from "./attributes.ts";
import {
  type Call,
  type Operator,
  operator,
  OperatorError,
  type OperatorTable,
  type Value,
} from "./operator.ts";
import { count, walk } from "./shape.ts";
import { constantInput, floatInput, optionalConstant, transpose } from "./values.ts";

const RECURRENT = {
  activation_alpha: optionalFloats,
  activation_beta: optionalFloats,
  activations: optionalStrings,
  clip: optionalFloat,
  direction: choice(["forward", "reverse", "bidirectional"], "forward"),
  hidden_size: optionalInt,
};

interface RecurrentAttributes {
  readonly activation_alpha: readonly number[] | undefined;
  readonly activation_beta: readonly number[] | undefined;
  readonly activations: readonly string[] | undefined;
  readonly clip: number | undefined;
  readonly direction: "forward" | "reverse" | "bidirectional";
  readonly hidden_size: number | undefined;
  readonly layout?: boolean | undefined;
  readonly input_forget?: boolean | undefined;
  readonly linear_before_reset?: boolean | undefined;
}

/** One direction's weights as maps over the tape. Nodes hold one segment per sample. */
interface Direction {
  /** W x + R h + Wb + Rb of each listed gate, from one affine over (x, h). */
  readonly gates: (gates: readonly number[], x: NodeId, h: NodeId) => NodeId[];
  /** W x + Wb of one gate. */
  readonly input: (gate: number, x: NodeId) => NodeId;
  /** R h + Rb of one gate. */
  readonly recurrence: (gate: number, h: NodeId) => NodeId;
  /** node + P ∘ c; the node itself where there are no peepholes. */
  readonly peep: (gate: number, node: NodeId, c: NodeId) => NodeId;
  readonly clip: (node: NodeId) => NodeId;
  readonly activations: readonly Activation[];
  readonly attributes: RecurrentAttributes;
}

interface State {
  readonly h: NodeId;
  readonly c: NodeId;
}

interface Cell {
  readonly gates: number;
  readonly defaults: readonly string[];
  /** The next state from x and the state. */
  readonly step: (builder: TapeBuilder, cell: Direction, x: NodeId, state: State) => State;
}

const rnn: Cell = {
  gates: 1,
  defaults: ["Tanh"],
  step: (builder, cell, x, state) => {
    const [f] = cell.activations as [Activation];
    const [sum] = cell.gates([0], x, state.h) as [NodeId];
    const h = f(builder, cell.clip(sum));
    return { h, c: h };
  },
};

/** Gates in the order z, r, h. */
const gru: Cell = {
  gates: 3,
  defaults: ["Sigmoid", "Tanh"],
  step: (builder, cell, x, { h }) => {
    const [f, g] = cell.activations as [Activation, Activation];
    const [z, r] = cell.gates([0, 1], x, h).map((sum) => f(builder, cell.clip(sum))) as [
      NodeId,
      NodeId,
    ];
    const recurrence = cell.attributes.linear_before_reset === true
      ? builder.product(r, cell.recurrence(2, h))
      : cell.recurrence(2, builder.product(r, h));
    const next = g(builder, cell.clip(builder.add(cell.input(2, x), recurrence)));
    // (1 − z) ∘ next + z ∘ h = next + z ∘ (h − next)
    const blend = builder.add(next, builder.product(z, builder.subtract(h, next)));
    return { h: blend, c: blend };
  },
};

/** Gates in the order i, o, f, c; peepholes in the order i, o, f. */
const lstm: Cell = {
  gates: 4,
  defaults: ["Sigmoid", "Tanh", "Tanh"],
  step: (builder, cell, x, state) => {
    const [f, g, h] = cell.activations as [Activation, Activation, Activation];
    const [sumI, sumO, sumF, sumC] = cell.gates([0, 1, 2, 3], x, state.h) as [
      NodeId,
      NodeId,
      NodeId,
      NodeId,
    ];
    const i = f(builder, cell.clip(cell.peep(0, sumI, state.c)));
    const forget = cell.attributes.input_forget === true
      ? builder.scaleBy(i, -1, 1)
      : f(builder, cell.clip(cell.peep(2, sumF, state.c)));
    const candidate = g(builder, cell.clip(sumC));
    const c = builder.add(builder.product(forget, state.c), builder.product(i, candidate));
    const o = f(builder, cell.clip(cell.peep(1, sumO, c)));
    return { h: builder.product(o, h(builder, c)), c };
  },
};

/** The weights of direction `d`, checked against the sizes that X and hidden_size give. */
function directionOf(
  call: Call<RecurrentAttributes>,
  cell: Cell,
  { d, batch, width, hidden }: { d: number; batch: number; width: number; hidden: number },
): Direction {
  const { builder, attributes } = call;
  const rows = cell.gates * hidden;
  const part = (index: number, size: number) => {
    const values = optionalConstant(call, index);
    const many = attributes.direction === "bidirectional" ? 2 : 1;
    if (values !== undefined && values.length !== many * size) {
      throw new OperatorError(`its input ${index} has ${values.length} values, not ${many * size}`);
    }
    return values?.slice(d * size, (d + 1) * size);
  };
  constantInput(call, 1);
  constantInput(call, 2);
  const w = part(1, rows * width) as Float64Array;
  const r = part(2, rows * hidden) as Float64Array;
  const b = part(3, 2 * rows) ?? new Float64Array(2 * rows);
  const p = cell === lstm ? part(7, 3 * hidden) : undefined;
  const rowsOf = (values: Float64Array, gate: number, columns: number) =>
    values.subarray(gate * hidden * columns, (gate + 1) * hidden * columns);
  const wanted = (values: Float64Array, gates: readonly number[], size: number) =>
    gates.map((gate) => values.slice(gate * size, (gate + 1) * size));
  const bias = (gate: number) => wanted(b, [gate], hidden)[0] as Float64Array;
  const { clip } = attributes;
  // Every step has the same.
  const known = new Map<string, { readonly rows: Float64Array; readonly offset: Float64Array }>();
  const weightsOf = (gates: readonly number[]) => {
    const before = known.get(`${gates}`);
    if (before !== undefined) return before;
    const rows = joinColumns(
      [joined(wanted(w, gates, hidden * width)), width],
      [joined(wanted(r, gates, hidden * hidden)), hidden],
    );
    const offset = joined(
      gates.map((gate) =>
        bias(gate).map((own, row) => own + (bias(cell.gates + gate)[row] as number))
      ),
    );
    known.set(`${gates}`, { rows, offset });
    return { rows, offset };
  };
  return {
    attributes,
    activations: activationsOf(attributes, cell.defaults, d),
    gates: (gates, x, h) => {
      const { rows, offset } = weightsOf(gates);
      const both = interleave(builder, [x, h], { batch, width, hidden });
      const sums = builder.affine(both, rows, offset);
      const length = gates.length * hidden;
      return gates.map((_, k) =>
        builder.gather(sums, walk([batch, hidden], [length, 1], k * hidden))
      );
    },
    input: (gate, x) => builder.affine(x, rowsOf(w, gate, width), bias(gate)),
    recurrence: (gate, h) => builder.affine(h, rowsOf(r, gate, hidden), bias(cell.gates + gate)),
    peep: (gate, node, c) => {
      const [weights] = p === undefined ? [] : wanted(p, [gate], hidden);
      if (weights === undefined) return node;
      const size = builder.size(c);
      const factor = Float64Array.from({ length: size }, (_, i) => weights[i % hidden] as number);
      return builder.add(node, builder.scale(c, factor, new Float64Array(size)));
    },
    clip: (node) => clip === undefined ? node : builder.map("clip", node, [-clip, clip]),
  };
}

/** Two matrices side by side, each with its number of columns. */
function joinColumns(...matrices: readonly (readonly [Float64Array, number])[]): Float64Array {
  const [first, columns] = matrices[0] as readonly [Float64Array, number];
  return joined(
    Array.from(
      { length: first.length / columns },
      (_, row) =>
        joined(matrices.map(([matrix, cols]) => matrix.slice(row * cols, (row + 1) * cols))),
    ),
  );
}

function joined(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

/** (x, h) of each sample next to each other. */
function interleave(
  builder: TapeBuilder,
  [x, h]: readonly [NodeId, NodeId],
  { batch, width, hidden }: { batch: number; width: number; hidden: number },
): NodeId {
  const both = builder.concat([x, h]);
  const order = Array.from({ length: batch }, (_, sample) => [
    ...walk([width], [1], sample * width),
    ...walk([hidden], [1], batch * width + sample * hidden),
  ]);
  return builder.gather(both, order.flat());
}

/** The states of one direction, in the order of time whichever way it ran. */
function run(
  call: Call<RecurrentAttributes>,
  cell: Cell,
  at: { direction: Direction; steps: readonly NodeId[]; initial: State; backwards: boolean },
): { states: readonly State[]; last: State } {
  const states: State[] = [];
  let state = at.initial;
  for (const x of at.backwards ? at.steps.toReversed() : at.steps) {
    state = cell.step(call.builder, at.direction, x, state);
    states.push(state);
  }
  return { states: at.backwards ? states.toReversed() : states, last: state };
}

function unroll(call: Call<RecurrentAttributes>, cell: Cell): Value[] {
  const { builder, attributes } = call;
  const batchFirst = attributes.layout === true;
  const given = floatInput(call, 0);
  if (given.shape.length !== 3) throw new OperatorError(`its shape [${given.shape}] is no window`);
  const x = batchFirst ? transpose(builder, given, [1, 0, 2]) : given;
  const [length, batch, width] = x.shape as [number, number, number];
  const hidden = attributes.hidden_size ?? (floatInput(call, 2).shape.at(-1) as number);
  if (length < 1 || hidden < 1) throw new OperatorError(`its window is [${given.shape}]`);
  const lengths = optionalConstant(call, 4);
  if (lengths?.some((own) => own !== length)) {
    throw new OperatorError(
      `its sequence_lens [${lengths}] are shorter than the window of ${length}`,
      "export the model for windows of one fixed length",
    );
  }
  const steps = Array.from(
    { length },
    (_, t) => builder.gather(x.node, walk([batch * width], [1], t * batch * width)),
  );
  const many = attributes.direction === "bidirectional" ? 2 : 1;
  const initial = (index: number, d: number): NodeId => {
    const value = call.inputs[index];
    if (value === undefined) return builder.fill(0, batch * hidden);
    const state = batchFirst ? transpose(builder, value, [1, 0, 2]) : value;
    if (`${state.shape}` !== `${[many, batch, hidden]}`) {
      throw new OperatorError(`its initial state has the shape [${value.shape}]`);
    }
    return builder.gather(state.node, walk([batch * hidden], [1], d * batch * hidden));
  };
  const runs = Array.from({ length: many }, (_, d) => {
    const direction = directionOf(call, cell, { d, batch, width, hidden });
    const state = { h: initial(5, d), c: cell === lstm ? initial(6, d) : builder.fill(0, 1) };
    const backwards = attributes.direction === "reverse" || d === 1;
    return run(call, cell, { direction, steps, initial: state, backwards });
  });
  const all = Array.from({ length }, (_, t) => runs.map(({ states }) => (states[t] as State).h));
  const last = (pick: (state: State) => NodeId) => {
    const node = builder.concat(runs.map((one) => pick(one.last)));
    const value = { ...x, shape: [many, batch, hidden], node };
    return batchFirst ? transpose(builder, value, [1, 0, 2]) : value;
  };
  const y = { ...x, shape: [length, many, batch, hidden], node: builder.concat(all.flat()) };
  count(y.shape);
  const outputs = [
    batchFirst ? transpose(builder, y, [2, 0, 1, 3]) : y,
    last((state) => state.h),
  ];
  return cell === lstm ? [...outputs, last((state) => state.c)] : outputs;
}

const LSTM = { ...RECURRENT, input_forget: flag(0) };
const GRU = { ...RECURRENT, linear_before_reset: flag(0) };

function rows(
  cell: Cell,
  attributes: typeof RECURRENT,
  inputs: readonly [number, number],
): Operator[] {
  const row = { inputs, outputs: cell === lstm ? 3 : 2 };
  /** Says which outputs are wanted, which the node's list of outputs says too. */
  const first = { ...attributes, output_sequence: flag(0) };
  return [
    operator({ ...row, since: 1, attributes: first, lower: (call) => unroll(call, cell) }),
    operator({ ...row, since: 7, attributes, lower: (call) => unroll(call, cell) }),
    operator({
      ...row,
      since: 14,
      attributes: { ...attributes, layout: flag(0) },
      lower: (call) => unroll(call, cell),
    }),
  ];
}

/** Rows of ai.onnx. */
export const RECURRENT_OPERATORS: OperatorTable = {
  RNN: rows(rnn, RECURRENT, [3, 6]),
  GRU: rows(gru, GRU, [3, 6]),
  LSTM: rows(lstm, LSTM, [3, 8]),
};
