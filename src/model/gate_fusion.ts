/**
 * Products of a value and a gate of the same value, as one function: what exporters write as
 * x · ½ (1 + erf(x/√2)), x · sigmoid(x) and x · tanh(softplus(x)) becomes gelu, swish and mish.
 *
 * With v the value and gate g(k v), v · g(k v) = f(k v) / k exactly, where f(u) = u g(u); so a k that
 * an exporter rounded to float32 is kept as it is.
 */

import type { FunctionName } from "./functions.ts";
import type { TapeBuilder } from "./tape_builder.ts";
import type { NodeId } from "./tape.ts";

/** A gate found on the tape: v · gate = outer · f(inner · argument) / (inner · k). */
interface Gate {
  readonly fn: FunctionName;
  readonly argument: NodeId;
  /** erf's argument is √½ of gelu's. */
  readonly inner: number;
  readonly outer: number;
}

/** A node as factor ∘ source + offset. */
interface Line {
  readonly source: NodeId;
  readonly factor: Float64Array;
  readonly offset: Float64Array;
}

/** a ∘ b as one function of the value that one of them gates, or undefined. */
export function fuseGate(builder: TapeBuilder, a: NodeId, b: NodeId): NodeId | undefined {
  return gatedBy(builder, a, b) ?? gatedBy(builder, b, a);
}

function gatedBy(builder: TapeBuilder, value: NodeId, gateNode: NodeId): NodeId | undefined {
  const gate = gateOf(builder, gateNode);
  if (gate === undefined) return undefined;
  const [v, argument] = [lineOf(builder, value), lineOf(builder, gate.argument)];
  if (v.source !== argument.source) return undefined;
  const k = argument.factor.map((f, i) => f / (v.factor[i] as number));
  const proportional = k.every((ratio, i) => {
    const [wanted, actual] = [ratio * (v.offset[i] as number), argument.offset[i] as number];
    return Number.isFinite(ratio) && ratio !== 0 &&
      Math.abs(wanted - actual) <= 1e-14 * Math.abs(actual);
  });
  if (!proportional) return undefined;
  const scaled = builder.scaleBy(gate.argument, gate.inner);
  const result = builder.map(gate.fn, scaled, gate.fn === "swish" ? [1] : []);
  return builder.scale(
    result,
    k.map((ratio) => gate.outer / (gate.inner * ratio)),
    new Float64Array(k.length),
  );
}

function gateOf(builder: TapeBuilder, node: NodeId): Gate | undefined {
  const instruction = builder.instruction(node);
  if (instruction.op === "scale") {
    // c (1 + erf(u)) = 2 c Φ(√2 u)
    const { factor, offset } = instruction;
    const [c] = factor;
    const gate = builder.instruction(instruction.of);
    const isHalf = factor.every((f, i) => f === c && offset[i] === c);
    if (c === undefined || !isHalf || gate.op !== "map" || gate.fn !== "erf") return undefined;
    return { fn: "gelu", argument: gate.of, inner: Math.SQRT2, outer: 2 * c };
  }
  if (instruction.op !== "map") return undefined;
  if (instruction.fn === "sigmoid") {
    return { fn: "swish", argument: instruction.of, inner: 1, outer: 1 };
  }
  const before = builder.instruction(instruction.of);
  if (instruction.fn === "tanh" && before.op === "map" && before.fn === "softplus") {
    return { fn: "mish", argument: before.of, inner: 1, outer: 1 };
  }
  return undefined;
}

function lineOf(builder: TapeBuilder, node: NodeId): Line {
  const instruction = builder.instruction(node);
  if (instruction.op === "scale") {
    return { source: instruction.of, factor: instruction.factor, offset: instruction.offset };
  }
  const size = builder.size(node);
  return { source: node, factor: new Float64Array(size).fill(1), offset: new Float64Array(size) };
}
