/**
 * From graph to tape in one walk. Every node that cannot be lowered is found before it fails, so
 * that the data scientist sees all of them at once.
 */

import {
  type Attribute,
  functionKey,
  type Graph,
  type GraphBody,
  type GraphFunction,
  type GraphNode,
  type ValueShape,
} from "./graph.ts";
import { constantTensor } from "./operators/constants.ts";
import { type Operator, OperatorError, type Value } from "./operators/operator.ts";
import { count } from "./operators/shape.ts";
import { OPERATOR_SETS, REFUSALS } from "./operators/tables.ts";
import type { TapeBuilder } from "./tape_builder.ts";
import type { NodeId } from "./tape.ts";

/** One reason why a model has no tape. */
export interface LoweringProblem {
  /** Such as `node 3 "head/MatMul", MatMul (ai.onnx 13)`, or the input or output meant. */
  readonly where: string;
  readonly reason: string;
  readonly cure: string | undefined;
}

/** A model that cannot be part of an optimizer, with every reason. */
export class LoweringError extends Error {
  override readonly name = "LoweringError";
  readonly problems: readonly LoweringProblem[];

  constructor(graph: string, problems: readonly LoweringProblem[]) {
    const lines = problems.map(({ where, reason, cure }) =>
      `  ${where}: ${reason}${cure === undefined ? "" : `; ${cure}`}`
    );
    super(`model "${graph}" cannot be used in an optimizer:\n${lines.join("\n")}`);
    this.problems = problems;
  }
}

/**
 * A value's place in a scope; `failed` where a node before it has a problem already reported,
 * `absent` where a function's caller leaves an input out.
 */
type Place = Value | "failed" | "absent";
type Scope = Map<string, Place>;

interface Walk {
  readonly graph: Graph;
  readonly builder: TapeBuilder;
  readonly problems: LoweringProblem[];
  /** Versions of the operator sets that the nodes in hand refer to. */
  readonly opsets: ReadonlyMap<string, number>;
  /** Inside of a function: what its caller gives for its attributes. */
  readonly given: ReadonlyMap<string, Attribute>;
  /** The functions and bodies that the nodes in hand stand in, outermost first. */
  readonly within: readonly string[];
  /** Nodes that may still be lowered, functions and steps of loops counted each time. */
  readonly budget: { left: number };
}

/** Functions that call functions; no exporter nests them deeper, and a circle would not end. */
const MOST_NESTED = 32;
/** Far beyond any model that an optimizer could evaluate. */
const MOST_NODES = 200_000;

/**
 * Appends the model to `builder`: `inputs` has one vector per ONNX input, row-major, and so has the
 * result per ONNX output. A free first dimension counts as 1.
 * @throws {LoweringError} naming every node that has no place in an optimizer.
 */
export function lowerGraph(
  graph: Graph,
  builder: TapeBuilder,
  inputs: readonly NodeId[],
): NodeId[] {
  const { opsets } = graph;
  const walk: Walk = {
    graph,
    builder,
    problems: [],
    opsets,
    given: new Map(),
    within: [],
    budget: { left: MOST_NODES },
  };
  const scope: Scope = new Map();
  const wanted = graphInputs(graph);
  if (wanted.length !== inputs.length) {
    report(walk, "its inputs", `it has ${wanted.length}, ${inputs.length} were given`);
  }
  wanted.forEach((input, k) => {
    const node = inputs[k];
    if (node === undefined) return;
    attempt(walk, `input "${input.name}"`, () => {
      define(scope, input.name, inputValue(input, node, builder.size(node)));
    });
    if (!scope.has(input.name)) scope.set(input.name, "failed");
  });
  const outputs = walkBody(walk, graph, scope);
  if (walk.problems.length > 0) throw new LoweringError(graph.name, walk.problems);
  return outputs.map((value) => value.node);
}

/** The inputs that a caller gives: those without an initializer. */
export function graphInputs(graph: GraphBody): ValueShape[] {
  return graph.inputs.filter((input) => !graph.initializers.has(input.name));
}

/** Fills what the file leaves open: a free first dimension is 1, one other may follow the size. */
function inputValue({ name, type, shape }: ValueShape, node: NodeId, size: number): Value {
  if (type === "string" || type === "other" || shape === undefined) {
    throw new OperatorError(
      `it is ${shape === undefined ? "of no stated shape" : `of type ${type}`}`,
      "an optimizer's model takes tensors of numbers",
    );
  }
  const batch = size === 0 ? 0 : 1;
  const batched = shape.map((dimension, axis) => axis === 0 ? dimension ?? batch : dimension);
  const known = count(batched.filter((dimension) => dimension !== undefined));
  const open = batched.filter((dimension) => dimension === undefined).length;
  const filled = batched.map((dimension) => dimension ?? size / known);
  const fits = open <= 1 && filled.every((dimension) => Number.isInteger(dimension)) &&
    count(filled) === size;
  if (!fits) {
    const stated = shape.map((dimension) => dimension ?? "?").join(", ");
    throw new OperatorError(
      `its shape [${stated}] does not fit the ${size} values it is given`,
      `give the skill as many inputs as "${name}" has features`,
    );
  }
  return { node, shape: filled, type };
}

/** Lowers all nodes of a body in their order; values stand in `scope` under their names. */
function walkBody(walk: Walk, body: GraphBody, scope: Scope): Value[] {
  for (const [name, tensor] of body.initializers) {
    if (tensor.values === undefined) continue;
    attempt(walk, `initializer "${name}"`, () => {
      define(scope, name, constantTensor(walk, tensor));
    });
  }
  body.nodes.forEach((node, index) => {
    const own = describe(walk, node, index);
    const where = [...walk.within, own].join(", ");
    const inner = { ...walk, within: [...walk.within, own] };
    const results = attempt(walk, where, () => lowerNode(walk, node, { body, scope, inner }));
    node.outputs.forEach((name, k) => {
      if (name === "") return;
      const value = results === undefined ? "failed" : results[k];
      if (value === undefined) {
        report(walk, where, `its output "${name}" is not computed in an optimizer`);
      }
      attempt(walk, where, () => define(scope, name, value ?? "failed"));
    });
  });
  return body.outputs.flatMap((output) => {
    const value = scope.get(output.name);
    if (value === undefined) {
      report(walk, `output "${output.name}"`, "no node computes it");
    } else if (value === "absent") {
      report(walk, `output "${output.name}"`, "its caller leaves it out");
    } else if (value !== "failed") {
      return attempt(walk, `output "${output.name}"`, () => [
        checkOutput(output, value, body === walk.graph),
      ]) ?? [];
    }
    return [];
  });
}

/**
 * A type that contradicts the computation is an error to ONNX Runtime too. A shape is not: exporters
 * are known to declare wrong ones, and nobody computes with them.
 */
function checkOutput({ type }: ValueShape, value: Value, isWhole: boolean): Value {
  if (isWhole && value.items !== undefined) {
    throw new OperatorError("it is a list of tensors", "export the tensors of it as outputs");
  }
  if (type !== value.type && type !== "other") {
    throw new OperatorError(`it is declared as ${type}, and computed as ${value.type}`);
  }
  return value;
}

function lowerNode(
  walk: Walk,
  node: GraphNode,
  { body, scope, inner }: {
    readonly body: GraphBody;
    readonly scope: Scope;
    /** For the nodes inside of this one. */
    readonly inner: Walk;
  },
): readonly (Value | undefined)[] | undefined {
  walk.budget.left -= 1;
  if (walk.budget.left < 0) throw new OperatorError(`the model has more than ${MOST_NODES} nodes`);
  const called = walk.graph.functions.get(functionKey(node));
  const operator = called === undefined ? findOperator(walk, node) : undefined;
  const inputs = node.inputs.map((name) => {
    if (name === "") return undefined;
    const value = scope.get(name);
    if (value !== undefined) return value === "absent" ? undefined : value;
    const tensor = body.initializers.get(name);
    if (tensor !== undefined) return constantTensor(walk, tensor);
    throw new OperatorError(`it reads "${name}", which nothing before it computes`);
  });
  if (inputs.includes("failed")) return undefined;
  const values = inputs as (Value | undefined)[];
  const attributes = withoutReferences(node.attributes, walk.given);
  if (called !== undefined) return callFunction(inner, called, { values, attributes });
  return operator?.lower({
    builder: walk.builder,
    inputs: values,
    attributes,
    outputs: node.outputs.length,
    lowerBody: (given, values) => lowerBody(inner, given, { scope, values }),
  });
}

/** Attributes with what a function's caller gives in place of references; else they are left out. */
function withoutReferences(
  attributes: GraphNode["attributes"],
  given: ReadonlyMap<string, Attribute>,
): ReadonlyMap<string, Attribute> {
  return new Map([...attributes].flatMap(([name, attribute]) => {
    const value = attribute.kind === "reference" ? given.get(attribute.value) : attribute;
    return value === undefined ? [] : [[name, value]];
  }));
}

/** What is inside of a node has its problems reported already, with the node before them. */
class ReportedInside extends Error {
  override readonly name = "ReportedInside";
}

/** A function's nodes in the place of its call; they see its inputs and attributes alone. */
function callFunction(
  walk: Walk,
  { body, opsets, defaults }: GraphFunction,
  { values, attributes }: {
    readonly values: readonly (Value | undefined)[];
    readonly attributes: ReadonlyMap<string, Attribute>;
  },
): Value[] {
  if (walk.within.length > MOST_NESTED) {
    throw new OperatorError(`functions call functions more than ${MOST_NESTED} deep`);
  }
  if (values.length > body.inputs.length) {
    throw new OperatorError(`it has ${values.length} inputs, its function ${body.inputs.length}`);
  }
  const scope: Scope = new Map();
  body.inputs.forEach(({ name }, k) => {
    define(scope, name, values[k] ?? "absent");
  });
  const inner = { ...walk, opsets, given: new Map([...defaults, ...attributes]) };
  return walkInner(inner, body, scope);
}

/** Walks a body of its own; its problems stand for themselves, and none of its values goes on. */
function walkInner(walk: Walk, body: GraphBody, scope: Scope): Value[] {
  const before = walk.problems.length;
  const outputs = walkBody(walk, body, scope);
  if (walk.problems.length > before) throw new ReportedInside();
  return outputs;
}

/** A node's own graph: it sees the names outside, and its own names hide none of them. */
function lowerBody(
  walk: Walk,
  body: GraphBody,
  { scope, values }: { readonly scope: Scope; readonly values: readonly Value[] },
): Value[] {
  const inner: Scope = new Map(scope);
  body.inputs.forEach(({ name }, k) => define(inner, name, values[k] ?? "failed"));
  return walkInner(walk, body, inner);
}

/** The row that holds for the model's version of the node's operator set. */
function findOperator(walk: Walk, node: GraphNode): Operator {
  const refusal = REFUSALS[node.op];
  if (refusal !== undefined) throw new OperatorError(refusal.reason, refusal.cure);
  const set = OPERATOR_SETS[node.domain];
  const version = walk.opsets.get(node.domain);
  if (set === undefined) {
    throw new OperatorError(
      `the operator set ${node.domain} is unknown`,
      "export with ai.onnx operators only",
    );
  }
  if (version === undefined) throw new OperatorError(`the model imports no ${node.domain}`);
  if (version > set.newest) {
    throw new OperatorError(
      `it is of version ${version}, newer than ${set.newest}`,
      `export with ${node.domain} ${set.newest} or older`,
    );
  }
  const rows = Object.hasOwn(set.operators, node.op) ? set.operators[node.op] : undefined;
  if (rows === undefined) {
    throw new OperatorError(
      "the operator has no smooth lowering here",
      "use the model in a prediction skill, or export it from simpler layers",
    );
  }
  const row = rows.findLast(({ since }) => since <= version);
  if (row === undefined) {
    const [oldest] = rows;
    throw new OperatorError(
      `its version of opset ${version} is too old`,
      `export with ${node.domain} ${oldest?.since} or newer`,
    );
  }
  return row;
}

function define(scope: Scope, name: string, value: Place): void {
  if (scope.has(name)) throw new OperatorError(`"${name}" is defined twice`);
  scope.set(name, value);
}

function describe(walk: Walk, node: GraphNode, index: number): string {
  const version = walk.opsets.get(node.domain) ?? "?";
  return `node ${index} "${node.name}", ${node.op} (${node.domain} ${version})`;
}

function report(walk: Walk, where: string, reason: string, cure?: string): void {
  walk.problems.push({ where, reason, cure });
}

/** Runs one step; what does not fit becomes a problem of the place. */
function attempt<T>(walk: Walk, where: string, step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (error instanceof OperatorError) report(walk, where, error.message, error.cure);
    else if (!(error instanceof ReportedInside)) throw error;
    return undefined;
  }
}
