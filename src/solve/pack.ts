/** Programs and requests as the arrays that native code reads (native/packed.cpp, optimizer.h). */

import { FUNCTIONS } from "../model/functions.ts";
import type { Instruction } from "../model/tape.ts";
import { LINEAR_SOLVERS } from "./outcome.ts";
import type { SolveRequest } from "./outcome.ts";
import type { Program } from "./program.ts";

/** First word of a packed program; kPackedFormat of native/opcodes.h. */
export const PACKED_FORMAT = 1;

/** The numbers of native/opcodes.h; a test holds both equal. */
export const OPCODES: Readonly<Record<Instruction["op"], number>> = {
  input: 1,
  parameter: 2,
  constant: 3,
  affine: 4,
  gather: 5,
  concat: 6,
  add: 7,
  scale: 8,
  sum: 9,
  map: 10,
  product: 11,
};

/** A program in two arrays: structure in `ints`, weights and scales in `reals`. */
export interface PackedProgram {
  readonly ints: Int32Array<ArrayBuffer>;
  readonly reals: Float64Array<ArrayBuffer>;
}

/** A request that does not fit its program; the message lists every misfit. */
export class RequestError extends Error {
  override readonly name = "RequestError";
}

export function packProgram(program: Program): PackedProgram {
  const { tape, objective, rows } = program;
  const ints = [PACKED_FORMAT, tape.inputs, tape.parameters, tape.instructions.length];
  const reals: ArrayLike<number>[] = [];
  for (const instruction of tape.instructions) {
    ints.push(OPCODES[instruction.op], instruction.size);
    packOperands(instruction, { ints, reals });
  }
  ints.push(objective.node, objective.element, rows.length);
  for (const { output } of rows) ints.push(output.node, output.element);
  reals.push(
    [program.objectiveScale],
    program.variables.map((variable) => variable.scale),
    rows.map((row) => row.scale),
  );
  return { ints: Int32Array.from(ints), reals: joined(reals) };
}

function packOperands(
  instruction: Instruction,
  { ints, reals }: { readonly ints: number[]; readonly reals: ArrayLike<number>[] },
): void {
  switch (instruction.op) {
    case "input":
    case "parameter":
      return pushAll(ints, instruction.indices);
    case "constant":
      reals.push(instruction.values);
      return;
    case "affine":
      ints.push(instruction.of, instruction.repeat, instruction.rows, instruction.cols);
      reals.push(instruction.weights, instruction.offset);
      return;
    case "gather":
      ints.push(instruction.of);
      return pushAll(ints, instruction.indices);
    case "concat":
      ints.push(instruction.operands.length);
      return pushAll(ints, instruction.operands);
    case "add":
    case "product":
      ints.push(instruction.a, instruction.b);
      return;
    case "scale":
      ints.push(instruction.of);
      reals.push(instruction.factor, instruction.offset);
      return;
    case "sum":
      ints.push(instruction.of, instruction.length);
      return;
    case "map":
      ints.push(instruction.of, FUNCTIONS[instruction.fn].opcode);
      reals.push(instruction.constants);
      return;
  }
}

/** The request as optimizer_solve reads it. @throws {RequestError} naming every misfit. */
export function packRequest(program: Program, request: SolveRequest): Float64Array<ArrayBuffer> {
  const problems = misfits(program, request);
  if (problems.length > 0) {
    throw new RequestError(
      `The request does not fit the program "${program.name}": ${problems.join("; ")}`,
    );
  }
  const { warm } = request;
  return joined([
    [
      request.tolerance,
      request.maxIterations,
      request.timeLimitMs / 1000,
      warm === undefined ? 0 : 1,
      request.linearSolver === undefined ? 0 : LINEAR_SOLVERS.indexOf(request.linearSolver),
    ],
    request.start,
    request.parameters,
    request.lower,
    request.upper,
    request.rowLower,
    request.rowUpper,
    ...(warm === undefined ? [] : [warm.rows, warm.lower, warm.upper]),
  ]);
}

function misfits(program: Program, request: SolveRequest): string[] {
  const n = program.variables.length;
  const m = program.rows.length;
  const problems: string[] = [];
  const arrays: [string, Float64Array, number][] = [
    ["start", request.start, n],
    ["parameters", request.parameters, program.parameters.length],
    ["lower", request.lower, n],
    ["upper", request.upper, n],
    ["rowLower", request.rowLower, m],
    ["rowUpper", request.rowUpper, m],
  ];
  if (request.warm !== undefined) {
    arrays.push(
      ["warm.rows", request.warm.rows, m],
      ["warm.lower", request.warm.lower, n],
      ["warm.upper", request.warm.upper, n],
    );
  }
  for (const [name, array, length] of arrays) {
    if (array.length !== length) {
      problems.push(`${name} has ${array.length} elements in place of ${length}`);
    }
    const at = array.findIndex(Number.isNaN);
    if (at >= 0) problems.push(`${name}[${at}] is not a number`);
  }
  for (const name of ["start", "parameters"] as const) {
    const at = request[name].findIndex((value) => Math.abs(value) === Infinity);
    if (at >= 0) problems.push(`${name}[${at}] is infinite`);
  }
  for (const [i, { name }] of program.variables.entries()) {
    problems.push(...crossed(name, [request.lower[i], request.upper[i]]));
  }
  for (const [i, { name }] of program.rows.entries()) {
    problems.push(...crossed(name, [request.rowLower[i], request.rowUpper[i]]));
  }
  if (!(request.tolerance > 0 && request.tolerance < Infinity)) {
    problems.push(`the tolerance is ${request.tolerance}`);
  }
  if (!(request.maxIterations >= 0)) problems.push(`maxIterations is ${request.maxIterations}`);
  if (!(request.timeLimitMs >= 0)) problems.push(`timeLimitMs is ${request.timeLimitMs}`);
  return problems;
}

function crossed(name: string, [lower, upper]: [number | undefined, number | undefined]): string[] {
  return lower !== undefined && upper !== undefined && lower > upper
    ? [`${name} has a lower limit ${lower} above its upper limit ${upper}`]
    : [];
}

/** Not `push(...items)`: that passes them on the stack, and a large gather would overflow it. */
function pushAll(to: number[], items: Iterable<number>): void {
  for (const item of items) to.push(item);
}

function joined(parts: readonly ArrayLike<number>[]): Float64Array<ArrayBuffer> {
  const result = new Float64Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
