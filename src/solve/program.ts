/** The nonlinear program: a tape, its decision variables and bounds, its objective and its rows. */

import type { Tape, TapeElement } from "../model/tape.ts";
import type { Group } from "../strategy/strategy.ts";

/** What a parameter of the tape is filled with before each solve. */
export type ParameterSource =
  /** The snapshot's value of an informative variable or of a switched-off operative one. */
  | { readonly kind: "value"; readonly variable: string }
  /** The value of any variable at the cycle's start, as `measured(x)` and delta models use it. */
  | { readonly kind: "measured"; readonly variable: string }
  /** The bias of a predicted variable; 0 where it has none. */
  | { readonly kind: "bias"; readonly variable: string };

/** A decision variable; `bounds` are hard, in its unit; the cycle narrows them by the move limit. */
export interface ProgramVariable {
  readonly name: string;
  readonly unit: string;
  readonly bounds: readonly [number, number];
  /** Typical size of a change, in its unit: IPOPT sees x / scale. */
  readonly scale: number;
  /**
   * Present where the variable is the total of settings that move as one. `bounds` are then sums;
   * reachOfGroup in strategy/share_out.ts narrows them to what this cycle's measured values allow.
   */
  readonly group?: {
    /** Operative variables that are switched on, in the strategy's order. */
    readonly members: readonly string[];
    readonly share: Group["share"];
  };
}

/** One constraint row, lower ≤ g(x) ≤ upper, infinite where there is no limit. */
export interface ProgramRow {
  /** The limit's name as the engineer wrote it. */
  readonly name: string;
  readonly unit: string;
  readonly output: TapeElement;
  readonly lower: number;
  readonly upper: number;
  /** Order in which limits may give when they conflict: 1 gives last. Undefined: never gives. */
  readonly rank: number | undefined;
  /** Typical size of the row's value, in its unit: IPOPT sees g / scale. */
  readonly scale: number;
}

/** A part of the objective that the engineer did not state as such, in the objective's unit. */
export interface ProgramPenalty {
  readonly kind: "penalty" | "operating band" | "soft limit";
  /** Of the penalty, the setting or the limit. */
  readonly name: string;
  /** 0 or more where nothing is wrong with the strategy; always a cost, whatever the sense. */
  readonly output: TapeElement;
}

/** An optimizer skill compiled over its composition. Always a minimisation. */
export interface Program {
  readonly name: string;
  readonly tape: Tape;
  readonly variables: readonly ProgramVariable[];
  readonly parameters: readonly ParameterSource[];
  readonly objective: TapeElement;
  /** The objective as stated, without penalties: sense · stated is what the engineer wrote. */
  readonly stated?: TapeElement;
  /** All that `objective` holds beside `stated`; none where the optimizer has no penalties. */
  readonly penalties?: readonly ProgramPenalty[];
  /** +1 where the engineer minimises, −1 where he maximises: stated objective = sense · objective. */
  readonly sense: 1 | -1;
  /** Typical size of the objective: IPOPT sees objective / scale. */
  readonly objectiveScale: number;
  readonly rows: readonly ProgramRow[];
  /** Where to read each calculated and predicted variable at a point, by name. */
  readonly watched: ReadonlyMap<string, TapeElement>;
}
