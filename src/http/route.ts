/** A route as one row: who may call it, what goes in and out, and what it does. */

import type { Context } from "hono";
import { z } from "zod";
import type { Caller, Role } from "./access.ts";
import { judged } from "./json_body.ts";
import { isProblem, problem } from "./problem.ts";
import type { ProblemKind } from "./problem.ts";

export interface HttpEnv {
  Variables: { caller: Caller };
}

export type HttpContext = Context<HttpEnv>;

/** What a route answers with under one status; without a schema the body is text. */
export interface Answer {
  readonly description: string;
  readonly mediaType?: string;
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Operation {
  readonly id: string;
  readonly tag: "Health" | "Recommendations" | "What-if" | "Strategy" | "Cache" | "Monitoring";
  readonly summary: string;
  readonly description?: string;
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: {
    readonly schema: z.ZodType;
    readonly required: boolean;
    readonly example: unknown;
    /** True: its `input_data` holds the active strategy's live values. */
    readonly givesValues?: boolean;
  };
  readonly answers: Readonly<Record<number, Answer>>;
  /** Beside those of the guards: unknown caller, wrong role, rate limit, fault. */
  readonly problems: readonly ProblemKind[];
}

export interface Route {
  readonly method: "get" | "post";
  /** As Hono writes it: `/cycles/:id`. */
  readonly path: string;
  /** The least role that may call it; null: everybody. */
  readonly role: Role | null;
  readonly operation: Operation;
  readonly answer: (context: HttpContext) => Response | Promise<Response>;
  /** True: a page for people, who are sent to sign in, and told in words what is not for them. */
  readonly isPage?: boolean;
}

const NOTHING = z.object({});

/** A row whose path, query and headers are checked before `answer` sees them. */
export function route<
  Path extends z.ZodObject = typeof NOTHING,
  Query extends z.ZodObject = typeof NOTHING,
  Headers extends z.ZodObject = typeof NOTHING,
>(row: {
  readonly method: "get" | "post";
  readonly at: string;
  readonly role: Role | null;
  readonly path?: Path;
  readonly query?: Query;
  /** By their names in small letters. */
  readonly headers?: Headers;
  readonly operation: Omit<Operation, "path" | "query" | "headers">;
  readonly answer: (
    context: HttpContext,
    input: {
      readonly path: z.output<Path>;
      readonly query: z.output<Query>;
      readonly headers: z.output<Headers>;
    },
  ) => Response | Promise<Response>;
}): Route {
  const { method, at, role, path, query, headers, operation, answer } = row;
  return {
    method,
    path: at,
    role,
    operation: {
      ...operation,
      ...(path === undefined ? {} : { path }),
      ...(query === undefined ? {} : { query }),
      ...(headers === undefined ? {} : { headers }),
    },
    answer(context) {
      const inPath = judged(path ?? NOTHING, context.req.param());
      if (isProblem(inPath)) return problem(context, inPath);
      const inQuery = judged(query ?? NOTHING, queryOf(context));
      if (isProblem(inQuery)) return problem(context, inQuery);
      const inHeaders = judged(headers ?? NOTHING, context.req.header());
      if (isProblem(inHeaders)) return problem(context, inHeaders);
      return answer(context, {
        path: inPath as z.output<Path>,
        query: inQuery as z.output<Query>,
        headers: inHeaders as z.output<Headers>,
      });
    },
  };
}

/** A parameter that stands twice is a list, which no schema of ours takes. */
function queryOf(context: HttpContext): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(context.req.queries()).map(([name, values]) => [
      name,
      values.length === 1 ? values[0]! : values,
    ]),
  );
}
