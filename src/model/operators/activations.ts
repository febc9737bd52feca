/** The activation functions that recurrent operators name in an attribute. */

import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";
import { OperatorError } from "./operator.ts";

/** An elementwise function with its constants already in it. */
export type Activation = (builder: TapeBuilder, node: NodeId) => NodeId;

interface ActivationRow {
  /** Defaults of alpha and beta; undefined where the function takes none. */
  readonly alpha?: number;
  readonly beta?: number;
  readonly apply: (
    builder: TapeBuilder,
    node: NodeId,
    c: { alpha: number; beta: number },
  ) => NodeId;
}

/** ONNX names are compared without case, as ONNX Runtime does. */
const ACTIVATIONS: Readonly<Record<string, ActivationRow>> = {
  relu: { apply: (b, x) => b.map("relu", x) },
  tanh: { apply: (b, x) => b.map("tanh", x) },
  sigmoid: { apply: (b, x) => b.map("sigmoid", x) },
  softsign: { apply: (b, x) => b.map("softsign", x) },
  softplus: { apply: (b, x) => b.map("softplus", x) },
  /** α x + β. */
  affine: { alpha: 1, beta: 0, apply: (b, x, { alpha, beta }) => b.scaleBy(x, alpha, beta) },
  leakyrelu: { alpha: 0.01, apply: (b, x, { alpha }) => b.map("leaky_relu", x, [alpha]) },
  thresholdedrelu: { alpha: 1, apply: (b, x, { alpha }) => b.map("thresholded_relu", x, [alpha]) },
  elu: { alpha: 1, apply: (b, x, { alpha }) => b.map("elu", x, [alpha]) },
  /** α tanh(β x). */
  scaledtanh: {
    alpha: 1,
    beta: 1,
    apply: (b, x, { alpha, beta }) => b.scaleBy(b.map("tanh", b.scaleBy(x, beta)), alpha),
  },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    apply: (b, x, { alpha, beta }) => b.map("clip", b.scaleBy(x, alpha, beta), [0, 1]),
  },
};

/**
 * The functions of direction `d`. The lists of alphas and betas hold entries only for functions
 * that take them, in order over all directions.
 */
export function activationsOf(
  given: {
    readonly activations: readonly string[] | undefined;
    readonly activation_alpha: readonly number[] | undefined;
    readonly activation_beta: readonly number[] | undefined;
    readonly direction: string;
  },
  defaults: readonly string[],
  d: number,
): Activation[] {
  const directions = given.direction === "bidirectional" ? 2 : 1;
  const standard = Array.from({ length: directions }, () => defaults).flat();
  const names = given.activations ?? standard;
  if (names.length !== standard.length) {
    throw new OperatorError(`it names ${names.length} activations, not ${standard.length}`);
  }
  let [alphas, betas] = [0, 0];
  const all = names.map((name): Activation => {
    const row = ACTIVATIONS[name.toLowerCase()];
    if (row === undefined) throw new OperatorError(`it names the activation "${name}"`);
    const alpha = row.alpha === undefined ? 0 : given.activation_alpha?.[alphas++] ?? row.alpha;
    const beta = row.beta === undefined ? 0 : given.activation_beta?.[betas++] ?? row.beta;
    return (builder, node) => row.apply(builder, node, { alpha, beta });
  });
  return all.slice(d * defaults.length, (d + 1) * defaults.length);
}
