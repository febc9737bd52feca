/**
 * What opsets 1 to 6 wrote differently: which inputs may be overwritten (`consumed_inputs`, of no
 * meaning here), and broadcasting along a named axis. Caffe2's and PyTorch's first exporters wrote
 * these versions, and ONNX's tests converted from PyTorch still do.
 */

import { flag, optionalInt, optionalInts } from "./attributes.ts";
import { type Operator, operator, OperatorError, type Value } from "./operator.ts";
import { count } from "./shape.ts";
import { anyInput, reshape } from "./values.ts";

/** The attribute that opset 1 gave to nearly every operator. */
export const CONSUMED = { consumed_inputs: optionalInts };

/** The same operator as of opset 1, where it has the attribute `consumed_inputs` besides. */
export function sinceFirst(row: Operator): Operator {
  return {
    since: 1,
    lower: (call) => {
      const attributes = new Map(call.attributes);
      attributes.delete("consumed_inputs");
      return row.lower({ ...call, attributes });
    },
  };
}

const BROADCAST = { axis: optionalInt, broadcast: flag(0) };

interface Broadcast {
  readonly axis: number | undefined;
  readonly broadcast: boolean;
}

/** b with axes of length 1 behind its own, so that it starts at `axis` of a; else it ends with a. */
function placed(a: Value, b: Value, { axis, broadcast }: Broadcast): Value {
  if (`${a.shape}` === `${b.shape}`) return b;
  if (!broadcast) {
    throw new OperatorError(`shapes [${a.shape}] and [${b.shape}] differ, and it has broadcast 0`);
  }
  const behind = axis === undefined ? 0 : a.shape.length - axis - b.shape.length;
  if (behind < 0) {
    throw new OperatorError(`shape [${b.shape}] does not fit [${a.shape}] at axis ${axis}`);
  }
  return reshape(b, [...b.shape, ...new Array<number>(behind).fill(1)]);
}

/** The versions before `row`, of opset 7: the second input broadcasts to the first, where asked to. */
export function withBroadcast(row: Operator, more: "opset 1" | "opsets 1 and 6"): Operator[] {
  const first = operator({
    since: 6,
    inputs: [2, 2],
    attributes: BROADCAST,
    lower: (call) => {
      const [a, b] = [anyInput(call, 0), anyInput(call, 1)];
      const [result] = row.lower({
        ...call,
        inputs: [a, placed(a, b, call.attributes)],
        attributes: new Map(),
      });
      if (result === undefined || `${result.shape}` !== `${a.shape}`) {
        throw new OperatorError(`shape [${b.shape}] does not broadcast to [${a.shape}]`);
      }
      return [result];
    },
  });
  return more === "opset 1" ? [{ ...first, since: 1 }, row] : [sinceFirst(first), first, row];
}

/** One value for all, or one per channel: with axes of length 1 for what follows the channels. */
export function perChannelOrAll(value: Value, x: Value): Value {
  if (count(value.shape) === 1) return reshape(value, []);
  return reshape(value, [count(value.shape), ...x.shape.slice(2).map(() => 1)]);
}
