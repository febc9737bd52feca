/** The parameters of a program for one solve, from the values that a cycle works with. */

import type { ParameterSource, Program } from "./program.ts";

/** What fills a program's parameters; all maps go by variable name, all values are in its unit. */
export interface ParameterValues {
  /** The snapshot's values of operative and informative variables. */
  readonly values: ReadonlyMap<string, number>;
  /**
   * Values at the cycle's start: of operative and informative variables, and of predicted ones what
   * their measurement says.
   */
  readonly measured: ReadonlyMap<string, number>;
  /** Bias of predicted variables; 0 where there is none. */
  readonly bias: ReadonlyMap<string, number>;
}

/** A program needs values that the snapshot does not hold. */
export class MissingValueError extends Error {
  override readonly name = "MissingValueError";
  readonly variables: readonly string[];

  constructor(program: string, missing: readonly ParameterSource[]) {
    const names = missing.map(({ kind, variable }) => `${variable} (${kind})`).join(", ");
    super(
      `Program "${program}" has no usable value for ${names}: ` +
        "measure them, or let on_bad name a substitute",
    );
    this.variables = missing.map(({ variable }) => variable);
  }
}

/** The parameter vector, in the program's order; throws a MissingValueError naming all that lack. */
export function fillParameters(program: Program, given: ParameterValues): Float64Array {
  const vector = new Float64Array(program.parameters.length);
  const missing: ParameterSource[] = [];
  program.parameters.forEach((source, i) => {
    const value = valueOf(source, given);
    if (value === undefined || !Number.isFinite(value)) missing.push(source);
    else vector[i] = value;
  });
  if (missing.length > 0) throw new MissingValueError(program.name, missing);
  return vector;
}

function valueOf(source: ParameterSource, given: ParameterValues): number | undefined {
  switch (source.kind) {
    case "value":
      return given.values.get(source.variable);
    case "measured":
      return given.measured.get(source.variable) ?? given.values.get(source.variable);
    case "bias":
      return given.bias.get(source.variable) ?? 0;
  }
}
