/** A request's JSON body, read strictly: bytes, depth and every wrong place are judged. */

import { z } from "zod";
import type { Problem, ProblemPlace } from "./problem.ts";

/** No body of this interface is nested deeper than a few levels. */
const MAX_DEPTH = 16;

/** The parsed body, or what is wrong with it. An empty body is read as `{}`. */
export async function jsonBody<Body extends z.ZodType>(
  request: Request,
  schema: Body,
): Promise<z.output<Body> | Problem> {
  const coding = request.headers.get("content-encoding");
  if (coding !== null && coding !== "identity") {
    return { kind: "wrong-media-type", detail: `Send the body as it is, not in ${coding}` };
  }
  const bytes = await request.arrayBuffer();
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { kind: "not-json", detail: "The body is not UTF-8 (RFC 8259, section 8.1)" };
  }
  if (text.trim() === "") return judged(schema, {});
  const mediaType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") {
    return {
      kind: "wrong-media-type",
      detail: `Send the header content-type: application/json, not ${mediaType ?? "none"}`,
    };
  }
  if (depthOf(text) > MAX_DEPTH) {
    return { kind: "not-json", detail: `The body is nested deeper than ${MAX_DEPTH} levels` };
  }
  let body: unknown;
  let hasPrototype = false;
  try {
    body = JSON.parse(text, (key, value) => {
      hasPrototype ||= key === "__proto__";
      return value;
    });
  } catch (error) {
    return { kind: "not-json", detail: error instanceof Error ? error.message : String(error) };
  }
  if (hasPrototype) {
    // Copying an object would take it for its prototype, and so lose it unseen.
    return { kind: "invalid-request", detail: "__proto__ is no name of anything here" };
  }
  return judged(schema, body);
}

/** The value as the schema has it, or every place where it is not. */
export function judged<Body extends z.ZodType>(
  schema: Body,
  value: unknown,
): z.output<Body> | Problem {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return wrongPlaces(parsed.error.issues.flatMap((issue) => placesOf(issue, fields)));
}

export function wrongPlaces(
  errors: readonly ProblemPlace[],
  kind: "invalid-request" | "unknown-variable" = "invalid-request",
): Problem {
  return { kind, detail: errors.map(({ detail }) => detail).join("; "), errors };
}

/** `fields` are those at the top of the request. */
function placesOf(issue: z.core.$ZodIssue, fields: readonly string[]): ProblemPlace[] {
  if (issue.code === "unrecognized_keys") {
    const cure = issue.path.length === 0 ? `; its fields are ${fields.join(", ")}` : "";
    return issue.keys.map((key) => ({
      pointer: pointerTo([...issue.path, key]),
      detail: `${key} is not a field of this request${cure}`,
    }));
  }
  return [{
    pointer: pointerTo(issue.path),
    detail: `${issue.path.join(".") || "The body"}: ${issue.message}`,
  }];
}

/** RFC 6901, section 3. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The deepest nesting of brackets outside strings, in one pass and without recursion. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === "\\") i++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "[" || character === "{") deepest = Math.max(deepest, ++depth);
    else if (character === "]" || character === "}") depth--;
  }
  return deepest;
}
