/** The kinds of attribute that the operator tables declare, with or without a default. */

import type { Attribute, GraphBody, Tensor } from "../graph.ts";
import { type AttributeSpec, OperatorError } from "./operator.ts";

type Kind = Attribute["kind"];
type ValueOf<K extends Kind> = Extract<Attribute, { kind: K }>["value"];

function spec<K extends Kind, D>(kind: K, fallback: () => D): AttributeSpec<ValueOf<K> | D> {
  return {
    kind,
    read: (attribute) => attribute === undefined ? fallback() : attribute.value as ValueOf<K>,
  };
}

function required<K extends Kind>(kind: K): AttributeSpec<ValueOf<K>> {
  return {
    kind,
    read: (attribute, name) => {
      if (attribute === undefined) throw new OperatorError(`it lacks its attribute "${name}"`);
      return attribute.value as ValueOf<K>;
    },
  };
}

const nothing = () => undefined;

/** A number whose default the operator states as a float32. */
export function float(fallback: number): AttributeSpec<number> {
  return spec("float", () => Math.fround(fallback));
}

/** A whole number with a default. */
export function int(fallback: number): AttributeSpec<number> {
  return spec("int", () => fallback);
}

/** An integer that means yes or no: 0 or 1, and nothing else. */
export function flag(fallback: 0 | 1): AttributeSpec<boolean> {
  return {
    kind: "int",
    read: (attribute, name) => {
      const value = attribute?.value ?? fallback;
      if (value !== 0 && value !== 1) {
        throw new OperatorError(`its attribute "${name}" is ${value}, not 0 or 1`);
      }
      return value === 1;
    },
  };
}

/** One of the given words. */
export function choice<const W extends string>(words: readonly W[], fallback: W): AttributeSpec<W> {
  return {
    kind: "string",
    read: (attribute, name) => {
      const value = attribute?.value ?? fallback;
      const word = words.find((candidate) => candidate === value);
      if (word === undefined) {
        throw new OperatorError(`its attribute "${name}" is "${value}", not one of ${words}`);
      }
      return word;
    },
  };
}

/** Attributes without a default: undefined where the node leaves them out. */
export const optionalFloat: AttributeSpec<number | undefined> = spec("float", nothing);
export const optionalInt: AttributeSpec<number | undefined> = spec("int", nothing);
export const optionalInts: AttributeSpec<readonly number[] | undefined> = spec("ints", nothing);
export const optionalFloats: AttributeSpec<readonly number[] | undefined> = spec("floats", nothing);
export const optionalStrings: AttributeSpec<readonly string[] | undefined> = spec(
  "strings",
  nothing,
);
export const optionalString: AttributeSpec<string | undefined> = spec("string", nothing);
export const optionalTensor: AttributeSpec<Tensor | undefined> = spec("tensor", nothing);
/** Attributes that a node must have. */
export const requiredFloat: AttributeSpec<number> = required("float");
export const requiredInt: AttributeSpec<number> = required("int");
export const requiredInts: AttributeSpec<readonly number[]> = required("ints");
export const requiredString: AttributeSpec<string> = required("string");
export const requiredTensor: AttributeSpec<Tensor> = required("tensor");
export const requiredGraph: AttributeSpec<GraphBody> = required("graph");
