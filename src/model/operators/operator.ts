/** What a row of the operator tables says: which version, which attributes, how it becomes tape. */

import type { Attribute, ElementType, GraphBody } from "../graph.ts";
import type { TapeBuilder } from "../tape_builder.ts";
import type { NodeId } from "../tape.ts";

/** A tensor during lowering: a node of the tape with a shape, row-major. */
export interface Value {
  readonly node: NodeId;
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Only of a list of tensors: what it holds; its own node is empty and its type `other`. */
  readonly items?: readonly Value[];
}

/** Why one node cannot be lowered, and what to do about it. */
export class OperatorError extends Error {
  override readonly name = "OperatorError";
  readonly cure: string | undefined;

  constructor(message: string, cure?: string) {
    super(message);
    this.cure = cure;
  }
}

/** One use of an operator: its inputs and attributes, and the builder to append to. */
export interface Call<A> {
  readonly builder: TapeBuilder;
  /** Undefined where the node leaves an optional input out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: A;
  /** How many outputs the node names, left-out ones included. */
  readonly outputs: number;
  /** Lowers a body that the node carries, inside the node's own scope. */
  readonly lowerBody: (body: GraphBody, inputs: readonly Value[]) => readonly Value[];
}

/** How to read one attribute; `T` is what lowering sees. */
export interface AttributeSpec<T> {
  readonly kind: Attribute["kind"];
  readonly read: (attribute: Attribute | undefined, name: string) => T;
}

/** The attributes that one version of an operator has, by name. */
export type AttributeSpecs = Readonly<Record<string, AttributeSpec<unknown>>>;

/** What lowering sees of them. */
export type AttributeValues<S extends AttributeSpecs> = {
  readonly [K in keyof S]: S[K] extends AttributeSpec<infer T> ? T : never;
};

/** One version of one operator. */
export interface Operator {
  /** The operator-set version that brought it; it holds until a later row's. */
  readonly since: number;
  readonly lower: (
    call: Call<ReadonlyMap<string, Attribute>>,
  ) => readonly (Value | undefined)[];
}

/** Rows by operator name, oldest version first. */
export type OperatorTable = Readonly<Record<string, readonly Operator[]>>;

/** A row as the tables write it. */
export interface OperatorRow<S extends AttributeSpecs> {
  readonly since: number;
  /** Fewest and most inputs. */
  readonly inputs: readonly [number, number];
  /** Most outputs; 1 where not given. */
  readonly outputs?: number;
  readonly attributes?: S;
  readonly lower: (call: Call<AttributeValues<S>>) => readonly (Value | undefined)[];
}

/** Makes a row check its node's inputs, outputs and attributes before it lowers. */
export function operator<S extends AttributeSpecs = Record<never, never>>(
  row: OperatorRow<S>,
): Operator {
  const specs = row.attributes ?? {} as S;
  const [fewest, most] = row.inputs;
  return {
    since: row.since,
    lower: (call) => {
      const given = call.inputs.length;
      if (given < fewest || given > most) {
        throw new OperatorError(`it has ${given} inputs, not ${fewest} to ${most}`);
      }
      if (call.inputs.slice(0, fewest).includes(undefined)) {
        throw new OperatorError(`one of its first ${fewest} inputs is left out`);
      }
      if (call.outputs > (row.outputs ?? 1)) {
        throw new OperatorError(`it has ${call.outputs} outputs, not ${row.outputs ?? 1}`);
      }
      return row.lower({ ...call, attributes: readAttributes(specs, call.attributes) });
    },
  };
}

function readAttributes<S extends AttributeSpecs>(
  specs: S,
  given: ReadonlyMap<string, Attribute>,
): AttributeValues<S> {
  for (const name of given.keys()) {
    if (!Object.hasOwn(specs, name)) {
      throw new OperatorError(`it has no attribute "${name}" in this version`);
    }
  }
  const values = Object.entries(specs).map(([name, spec]) => {
    const attribute = given.get(name);
    if (attribute !== undefined && attribute.kind !== spec.kind) {
      throw new OperatorError(`its attribute "${name}" is a ${attribute.kind}, not a ${spec.kind}`);
    }
    return [name, spec.read(attribute, name)];
  });
  return Object.fromEntries(values) as AttributeValues<S>;
}
