/**
 * The tape: a differentiable program as a list of instructions over vectors, in float64.
 *
 * Three kinds of instruction, and that is the whole of its calculus. With A and B the operands'
 * Jacobians with respect to the decision variables and ā the adjoint of the result:
 *
 * | kind | Jacobian of the result | adds to the Hessian of the Lagrangian |
 * | --- | --- | --- |
 * | linear | the same linear map of the operands' Jacobians | nothing |
 * | map σ | diag(σ′) A | Aᵀ diag(ā σ″) A |
 * | product | diag(b) A + diag(a) B | Aᵀ diag(ā) B and its transpose |
 *
 * A. Griewank, A. Walther, Evaluating Derivatives, 2nd ed., SIAM 2008, chapters 3 and 5.
 */

import type { FunctionName } from "./functions.ts";

/** Position of an instruction in its tape. */
export type NodeId = number;

/** One instruction; `size` is the length of its result. Operands always stand earlier in the list. */
export type Instruction =
  /** result[i] = x[indices[i]], x the decision variables. */
  | { readonly op: "input"; readonly size: number; readonly indices: Int32Array }
  /** result[i] = p[indices[i]], p the parameters: fixed during a solve, new for each solve. */
  | { readonly op: "parameter"; readonly size: number; readonly indices: Int32Array }
  | { readonly op: "constant"; readonly size: number; readonly values: Float64Array }
  /**
   * `repeat` times over consecutive segments of `cols` elements: rows = W segment + offset, with
   * W row-major, rows × cols. size = repeat · rows; the operand has repeat · cols elements.
   */
  | {
    readonly op: "affine";
    readonly size: number;
    readonly of: NodeId;
    readonly repeat: number;
    readonly rows: number;
    readonly cols: number;
    readonly weights: Float64Array;
    readonly offset: Float64Array;
  }
  /** result[i] = operand[indices[i]]: slices, transposes, broadcasts and splits are all this. */
  | {
    readonly op: "gather";
    readonly size: number;
    readonly of: NodeId;
    readonly indices: Int32Array;
  }
  | { readonly op: "concat"; readonly size: number; readonly operands: readonly NodeId[] }
  /** Elementwise a + b; both have `size` elements. */
  | { readonly op: "add"; readonly size: number; readonly a: NodeId; readonly b: NodeId }
  /** result[i] = factor[i] · operand[i] + offset[i]. */
  | {
    readonly op: "scale";
    readonly size: number;
    readonly of: NodeId;
    readonly factor: Float64Array;
    readonly offset: Float64Array;
  }
  /** result[i] = Σ operand[i · length … (i + 1) · length − 1]. */
  | { readonly op: "sum"; readonly size: number; readonly of: NodeId; readonly length: number }
  /** result[i] = σ(operand[i]), σ a row of the table in functions.ts with up to two constants. */
  | {
    readonly op: "map";
    readonly size: number;
    readonly of: NodeId;
    readonly fn: FunctionName;
    readonly constants: readonly [number, number];
  }
  /** Elementwise a · b. */
  | { readonly op: "product"; readonly size: number; readonly a: NodeId; readonly b: NodeId };

/** A finished tape over `inputs` decision variables and `parameters` parameters. */
export interface Tape {
  readonly inputs: number;
  readonly parameters: number;
  readonly instructions: readonly Instruction[];
}

/** One scalar of a tape: an element of an instruction's result. */
export interface TapeElement {
  readonly node: NodeId;
  readonly element: number;
}
