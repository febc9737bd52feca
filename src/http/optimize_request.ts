/** The body of POST /optimize: `{"input_data": {"tag": number, …}}`, every wrong place reported. */

import { z } from "zod";
import { wrongValues } from "../cycle/given_values.ts";
import type { Strategy } from "../strategy/strategy.ts";
import type { ProblemKind, ProblemPlace } from "./problem.ts";

export const optimizeBody = z.strictObject({
  input_data: z.record(z.string(), z.number()).default({}),
});

export interface OptimizeRequest {
  readonly given: ReadonlyMap<string, number>;
}

export interface WrongRequest {
  readonly kind: ProblemKind;
  readonly detail: string;
  readonly errors?: readonly ProblemPlace[];
}

/** An empty body asks for an optimum of the live values alone. */
export async function optimizeRequest(
  request: Request,
  strategy: Strategy,
): Promise<OptimizeRequest | WrongRequest> {
  const text = await request.text();
  if (text.trim() === "") return { given: new Map() };
  const mediaType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") {
    return {
      kind: "wrong-media-type",
      detail: `Send the header content-type: application/json, not ${mediaType ?? "none"}`,
    };
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return { kind: "not-json", detail: error instanceof Error ? error.message : String(error) };
  }
  const parsed = optimizeBody.safeParse(body);
  if (!parsed.success) {
    const errors = parsed.error.issues.flatMap(placesOf);
    return { kind: "invalid-request", detail: summary(errors), errors };
  }
  const given = parsed.data.input_data;
  const wrong = wrongValues(strategy, given);
  if (wrong.length === 0) return { given: new Map(Object.entries(given)) };
  const errors = wrong.map(({ variable, detail }) => ({
    pointer: pointerTo(["input_data", variable]),
    detail,
  }));
  const kind = wrong.some(({ unknown }) => unknown) ? "unknown-variable" : "invalid-request";
  return { kind, detail: summary(errors), errors };
}

function placesOf(issue: z.core.$ZodIssue): ProblemPlace[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      pointer: pointerTo([...issue.path, key]),
      detail: `${key} is not a field of this request; input_data is`,
    }));
  }
  return [{
    pointer: pointerTo(issue.path),
    detail: `${issue.path.join(".") || "The body"}: ${issue.message}`,
  }];
}

/** RFC 6901, section 3. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function summary(errors: readonly ProblemPlace[]): string {
  return errors.map((error) => error.detail).join("; ");
}
