/** The active bundle: seeing it, going to or back to a version, and the cache behind it. */

import type { Activation } from "../cycle/activation.ts";
import type { Plan } from "../cycle/plan.ts";
import { within } from "../waiting.ts";
import type { AppParts } from "./app_parts.ts";
import { jsonBody } from "./json_body.ts";
import { isProblem, problem } from "./problem.ts";
import { notReady } from "./recommendation_routes.ts";
import { route } from "./route.ts";
import type { HttpContext, Route } from "./route.ts";

import { activateBody, activation, activationUnderWay, cacheStats } from "./schemas.ts";
import { cleared, strategyView } from "./schemas.ts";

export function strategyRoutes(parts: AppParts): Route[] {
  return [
    route({
      method: "get",
      at: "/strategy",
      role: "read",
      operation: {
        id: "strategy",
        tag: "Strategy",
        summary: "The active bundle: version, variables, skills, tasks",
        answers: { 200: { description: "What is in force", schema: strategyView } },
        problems: ["not-ready"],
      },
      answer: (context) => {
        const plan = parts.activePlan();
        return plan === undefined ? problem(context, notReady()) : context.json(viewOf(plan));
      },
    }),
    ...(parts.activate === undefined ? [] : [activateRoute(parts, parts.activate)]),
    route({
      method: "get",
      at: "/cache/stats",
      role: "read",
      operation: {
        id: "cacheStats",
        tag: "Cache",
        summary: "What is kept in memory, with hits, misses, bytes and ages",
        answers: { 200: { description: "Now", schema: cacheStats } },
        problems: [],
      },
      answer: (context) => context.json(parts.cache.stats()),
    }),
    route({
      method: "post",
      at: "/cache/clear",
      role: "engineer",
      operation: {
        id: "clearCache",
        tag: "Cache",
        summary: "Drop what is kept in memory; the next activation reads it anew",
        answers: { 200: { description: "How many objects there were", schema: cleared } },
        problems: [],
      },
      answer: (context) => {
        const before = parts.cache.stats().items;
        const count = parts.cache.clear();
        parts.audit({ ...whoOf(context), what: "cache cleared", before, after: 0 });
        return context.json({ cleared: count });
      },
    }),
  ];
}

type Activate = NonNullable<AppParts["activate"]>;

/** Most clients wait ten seconds for an answer; what takes longer goes on without them. */
const ANSWER_MS = 8_000;
/** Changes that may be under way or wait for their turn. */
const MOST_CHANGES = 4;

function activateRoute(parts: AppParts, activate: Activate): Route {
  let underWay = 0;
  const change = async (context: HttpContext, wanted: string): Promise<Activation> => {
    underWay++;
    try {
      const before = parts.activePlan()?.version ?? null;
      const activation = await activate(wanted);
      const { version, refusal } = activation;
      parts.audit({
        ...whoOf(context),
        what: refusal === null ? "version activated" : "version refused",
        before,
        after: refusal === null ? version : { wanted, refusal },
      });
      return activation;
    } finally {
      underWay--;
    }
  };
  return route({
    method: "post",
    at: "/strategy/activate",
    role: "engineer",
    operation: {
      id: "activateStrategy",
      tag: "Strategy",
      summary: "Go to a version, or back to one",
      description:
        "All or nothing: a version that cannot run leaves the one before in force. A new " +
        "version is tried first, which takes seconds; where it takes longer than a client waits, the " +
        "answer is 202, and GET /health tells how it ended.",
      body: { schema: activateBody, required: true, example: { version: "11" } },
      answers: {
        200: { description: "It is in force", schema: activation },
        202: { description: "It is being tried", schema: activationUnderWay },
      },
      problems: [
        ...["not-json", "too-large", "wrong-media-type", "invalid-request"] as const,
        ...["refused", "busy"] as const,
      ],
    },
    answer: async (context) => {
      const body = await jsonBody(context.req.raw, activateBody);
      if (isProblem(body)) return problem(context, body);
      if (underWay >= MOST_CHANGES) {
        const detail = `${underWay} changes of the version are under way already`;
        return problem(context, { kind: "busy", detail, retryAfterSeconds: 10 });
      }
      return await answerActivate(context, {
        wanted: body.version,
        changing: change(context, body.version),
        answerMs: parts.answerMs ?? ANSWER_MS,
        failed: (error) => parts.failed(error, "/strategy/activate"),
      });
    },
  });
}

async function answerActivate(
  context: HttpContext,
  { wanted, changing, answerMs, failed }: {
    readonly wanted: string;
    readonly changing: Promise<Activation>;
    readonly answerMs: number;
    readonly failed: (error: unknown) => void;
  },
): Promise<Response> {
  let ended: Activation | undefined;
  const noted = changing.then((activation) => void (ended = activation));
  await within(answerMs, noted);
  if (ended === undefined) {
    // Nobody waits for it any more.
    noted.catch(failed);
    return context.json({ wanted, state: "being tried" }, 202);
  }
  const { version, digest, time, refusal } = ended;
  return refusal === null
    ? context.json({ version, digest, time: time.toISOString(), refusal })
    : problem(context, { kind: "refused", detail: `Version ${wanted}: ${refusal}` });
}

/** Who acts, as the audit log has it. */
export function whoOf(context: HttpContext) {
  const { name, role, address } = context.var.caller;
  return { who: name, role, address };
}

function viewOf({ strategy, version, digest }: Plan) {
  return {
    name: strategy.name,
    description: strategy.description ?? null,
    version,
    digest,
    variables: [...strategy.variables.values()].map((variable) => ({
      name: variable.name,
      type: variable.type,
      unit: variable.unit,
      description: variable.description ?? null,
      bounds: variable.type === "operative" ? variable.bounds : null,
      valid: "valid" in variable ? variable.valid ?? null : null,
      max_move: variable.type === "operative" ? variable.maxMove ?? null : null,
      measured_by: variable.type === "predicted" ? variable.measuredBy ?? null : null,
    })),
    skills: [...strategy.skills.values()].map(({ name, type }) => ({ name, type })),
    tasks: strategy.tasks.map(({ name, skill }) => ({ name, skill })),
  };
}
