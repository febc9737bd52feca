/** The raw end of a native solve to a typed outcome, claimed solutions verified on the way. */

import { RESULT_HEAD } from "deno-ipopt-ffi";
import type { ProgramStructure } from "deno-ipopt-ffi";
import { IPOPT_STATUS } from "./ipopt_status.ts";
import { LINEAR_SOLVERS } from "./outcome.ts";
import type { EndPoint, SolveOutcome, SolveRequest } from "./outcome.ts";
import type { Program } from "./program.ts";
import { verify } from "./verify.ts";

/** Reasons for which the native callback ends a solve (optimizer.h). */
const CANCELLED = 2;

/** What optimizer_solve wrote, taken apart. */
interface RawEnd {
  readonly status: number;
  readonly stop: number;
  readonly hasPoint: boolean;
  readonly end: EndPoint;
  /** At the end point. */
  readonly gradient: Float64Array;
  readonly jacobian: Float64Array;
}

export function conclude(
  raw: Float64Array,
  { program, structure, request }: {
    readonly program: Program;
    readonly structure: ProgramStructure;
    readonly request: SolveRequest;
  },
): SolveOutcome {
  const { status, stop, hasPoint, end, gradient, jacobian } = takeApart(raw, program);
  const row = IPOPT_STATUS.get(status);
  if (row === undefined) {
    return { kind: "failed", message: `IPOPT ended with the unknown status ${status}` };
  }
  const message = `${row.meaning} (${row.name})`;
  switch (row.kind) {
    case "solved":
    case "acceptable": {
      const problems = verify({
        program,
        request,
        end,
        derivatives: { structure, gradient, jacobian },
        claim: row.kind,
      });
      return problems.length === 0 ? { kind: row.kind, ...end } : {
        kind: "failed",
        message: `IPOPT claims a solution that fails the recheck: ${problems.join("; ")}`,
      };
    }
    case "infeasible":
      return hasPoint ? { kind: "infeasible", ...end } : { kind: "failed", message };
    case "iterations":
    case "time":
      return hasPoint ? { kind: "limit", limit: row.kind, ...end } : { kind: "failed", message };
    case "stopped":
      if (stop === CANCELLED) return { kind: "cancelled", message: "The solve was cancelled" };
      return hasPoint ? { kind: "limit", limit: "time", ...end } : { kind: "failed", message };
    case "invalid_number":
    case "failed":
      return { kind: row.kind, message };
  }
}

function takeApart(raw: Float64Array, program: Program): RawEnd {
  const n = program.variables.length;
  const m = program.rows.length;
  const [status, stop, iterations, hasPoint, objective, linearSolver] = raw;
  const [total, values, first, second, linear] = raw.subarray(6, RESULT_HEAD).map((seconds) =>
    seconds * 1000
  );
  let at = RESULT_HEAD;
  const take = (length: number) => raw.slice(at, at += length);
  return {
    status: status!,
    stop: stop!,
    hasPoint: hasPoint === 1,
    end: {
      objective: objective!,
      iterations: iterations!,
      linearSolver: LINEAR_SOLVERS[linearSolver!]!,
      times: {
        totalMs: total!,
        evaluationMs: values! + first! + second!,
        evaluationsMs: [values!, first!, second!],
        linearMs: linear!,
      },
      point: take(n),
      rows: take(m),
      multipliers: { rows: take(m), lower: take(n), upper: take(n) },
    },
    gradient: take(n),
    jacobian: raw.slice(at),
  };
}
