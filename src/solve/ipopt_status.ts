/**
 * IPOPT's ApplicationReturnStatus, one row per number: its name, its meaning and what becomes of it.
 *
 * Ipopt 3.14.17, src/Interfaces/IpReturnCodes_inc.h, lines 18-58 (3.11.9 has the same numbers but
 * for −5, which it lacks):
 * https://github.com/coin-or/Ipopt/blob/releases/3.14.17/src/Interfaces/IpReturnCodes_inc.h
 */

/** `stopped`: by our own callback, which knows why. */
export type StatusKind =
  | "solved"
  | "acceptable"
  | "infeasible"
  | "stopped"
  | "iterations"
  | "time"
  | "invalid_number"
  | "failed";

export interface StatusRow {
  readonly name: string;
  readonly kind: StatusKind;
  readonly meaning: string;
}

export const IPOPT_STATUS: ReadonlyMap<number, StatusRow> = new Map([
  [0, row("Solve_Succeeded", "solved", "An optimal point was found")],
  [1, row("Solved_To_Acceptable_Level", "acceptable", "A nearly optimal point was found")],
  [2, row("Infeasible_Problem_Detected", "infeasible", "No nearby point keeps all limits")],
  [
    3,
    row("Search_Direction_Becomes_Too_Small", "failed", "The steps became too small to go on"),
  ],
  [4, row("Diverging_Iterates", "failed", "The settings run away: the program looks unbounded")],
  [5, row("User_Requested_Stop", "stopped", "The solve was stopped")],
  [
    6,
    row("Feasible_Point_Found", "solved", "As many equations as settings: the point is determined"),
  ],
  [-1, row("Maximum_Iterations_Exceeded", "iterations", "The iteration limit was reached")],
  [-2, row("Restoration_Failed", "failed", "No way back to the limits was found")],
  [-3, row("Error_In_Step_Computation", "failed", "No step could be computed")],
  [-4, row("Maximum_CpuTime_Exceeded", "time", "The time limit was reached")],
  [-5, row("Maximum_WallTime_Exceeded", "time", "The time limit was reached")],
  [
    -10,
    row("Not_Enough_Degrees_Of_Freedom", "failed", "There are more equations than free settings"),
  ],
  [-11, row("Invalid_Problem_Definition", "failed", "IPOPT refused the program")],
  [-12, row("Invalid_Option", "failed", "IPOPT refused an option")],
  [-13, row("Invalid_Number_Detected", "invalid_number", "An evaluation gave NaN or infinity")],
  [-100, row("Unrecoverable_Exception", "failed", "IPOPT met an exception")],
  [-101, row("NonIpopt_Exception_Thrown", "failed", "Something outside IPOPT threw")],
  [-102, row("Insufficient_Memory", "failed", "There was not enough memory")],
  [-199, row("Internal_Error", "failed", "IPOPT met an internal error")],
]);

function row(name: string, kind: StatusKind, meaning: string): StatusRow {
  return { name, kind, meaning };
}
