/** Asking for an optimum, and reading what was recommended. */

import { z } from "zod";
import { wrongValues } from "../cycle/given_values.ts";
import { NoPlanError, QueueFullError, StoppedError } from "../cycle/cycles.ts";
import type { CycleRecord } from "../cycle/recommendation.ts";
import type { Strategy } from "../strategy/strategy.ts";
import type { AppParts } from "./app_parts.ts";
import { exampleLatest, exampleOptimize, exampleRecommendation } from "./examples.ts";
import { RepeatedRequests } from "./idempotency.ts";
import { jsonBody, pointerTo, wrongPlaces } from "./json_body.ts";
import { isProblem, problem } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { route } from "./route.ts";
import type { HttpContext, Route } from "./route.ts";
import { entityTag, heartbeatAt, latestRecommendation, tagLines } from "./scada_values.ts";
import { cycleList, cycleRecord, latestRecommendation as latestSchema } from "./schemas.ts";
import { optimizeBody, recommendation } from "./schemas.ts";

const RETRY_AFTER_SECONDS = 5;

const cycleId = z.object({ id: z.string().min(1).max(100) });
const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  before: z.iso.datetime().optional().meta({ description: "Only cycles older than this instant" }),
});
const cacheHeaders = z.object({
  "if-none-match": z.string().optional().meta({ description: "The ETag of the last answer" }),
});
const keyHeader = z.object({
  "idempotency-key": z.string().max(200).optional().meta({
    description: "The same key with the same request gets the first answer again",
  }),
});
const eventHeaders = z.object({
  "last-event-id": z.string().max(100).optional().meta({
    description: "The cycle id of the last event that arrived: missed ones come first",
  }),
});

export function recommendationRoutes(parts: AppParts): Route[] {
  const repeated = new RepeatedRequests<CycleRecord>();

  return [
    route({
      method: "post",
      at: "/optimize",
      role: "operate",
      headers: keyHeader,
      operation: {
        id: "optimize",
        tag: "Recommendations",
        summary: "Find the best settings now",
        description:
          "Works from the newest live values; input_data stands in place of some of them. " +
          "Scheduled cycles go first; a request that gives values changes nothing that lasts.",
        body: {
          schema: optimizeBody,
          required: false,
          example: exampleOptimize,
          givesValues: true,
        },
        answers: {
          200: {
            description: "The recommendation, whatever its status",
            schema: recommendation,
            example: exampleRecommendation,
          },
        },
        problems: [
          ...["not-json", "wrong-mode", "too-large", "wrong-media-type"] as const,
          ...["invalid-request", "unknown-variable", "key-reused", "not-ready", "busy"] as const,
        ],
      },
      answer: (context, { headers }) =>
        optimize(context, { parts, repeated, key: headers["idempotency-key"] }),
    }),
    route({
      method: "get",
      at: "/recommendations/latest",
      role: "read",
      headers: cacheHeaders,
      operation: {
        id: "latestRecommendation",
        tag: "Recommendations",
        summary: "The newest recommendation, with one value per tag",
        description: "The ETag changes with the cycle and when its time runs out. The header " +
          "Setpoint-Heartbeat holds the pulse also where the answer is 304.",
        answers: {
          200: {
            description: "The recommendation as it stands",
            schema: latestSchema,
            example: exampleLatest,
            headers: { ETag: "Of the cycle", "Setpoint-Heartbeat": "0 to 999, by the second" },
          },
          304: { description: "The one that the client has" },
        },
        problems: ["not-found", "invalid-request"],
      },
      answer: (context) => answerLatest(context, { parts, form: "json" }),
    }),
    route({
      method: "get",
      at: "/recommendations/latest.csv",
      role: "read",
      headers: cacheHeaders,
      operation: {
        id: "latestRecommendationCsv",
        tag: "Recommendations",
        summary: "The same for old clients: one line per tag",
        description:
          "tag,value,unit,quality,source_time,server_time; tags that begin with _ tell of " +
          "the recommendation itself.",
        answers: {
          200: { description: "Lines of RFC 4180", mediaType: "text/csv" },
          304: { description: "The one that the client has" },
        },
        problems: ["not-found", "invalid-request"],
      },
      answer: (context) => answerLatest(context, { parts, form: "csv" }),
    }),
    route({
      method: "get",
      at: "/cycles",
      role: "read",
      query: page,
      operation: {
        id: "cycles",
        tag: "Recommendations",
        summary: "Cycles, the newest first",
        answers: { 200: { description: "One page", schema: cycleList } },
        problems: ["invalid-request"],
      },
      answer: (context, { query: { limit, before } }) => {
        const records = parts.cycleList({ limit, ...(before === undefined ? {} : { before }) });
        const last = records.at(-1)?.recommendation.time;
        const next = records.length < limit || last === undefined
          ? null
          : `/cycles?limit=${limit}&before=${encodeURIComponent(last)}`;
        return context.json({ cycles: records.map(summaryOf), next });
      },
    }),
    route({
      method: "get",
      at: "/cycles/:id",
      role: "read",
      path: cycleId,
      operation: {
        id: "cycle",
        tag: "Recommendations",
        summary: "All that one cycle read, decided and sent",
        answers: { 200: { description: "The cycle record", schema: cycleRecord } },
        problems: ["not-found", "invalid-request"],
      },
      answer: (context, { path: { id } }) => {
        const record = parts.cycle(id);
        return record === undefined
          ? problem(context, { kind: "not-found", detail: `No cycle ${id} is stored` })
          : context.json(record);
      },
    }),
    route({
      method: "get",
      at: "/events",
      role: "read",
      headers: eventHeaders,
      operation: {
        id: "events",
        tag: "Recommendations",
        summary: "An event per cycle, as it ends (server-sent events)",
        description: "The event's id is the cycle's; its data is the recommendation.",
        answers: {
          200: { description: "A stream without an end", mediaType: "text/event-stream" },
        },
        problems: ["busy", "invalid-request"],
      },
      answer: (context, { headers }) => {
        const stream = parts.events.open(headers["last-event-id"]);
        if (stream === undefined) {
          const detail = "Too many clients listen already";
          return problem(context, { kind: "busy", detail, retryAfterSeconds: 30 });
        }
        return context.body(stream, 200, {
          "content-type": "text/event-stream",
          "cache-control": "no-store",
        });
      },
    }),
  ];
}

async function optimize(
  context: HttpContext,
  { parts, repeated, key }: {
    readonly parts: AppParts;
    readonly repeated: RepeatedRequests<CycleRecord>;
    readonly key: string | undefined;
  },
): Promise<Response> {
  if (!parts.takesRequests) {
    return problem(context, {
      kind: "wrong-mode",
      detail: "This box works by its schedule alone; set app.mode to hybrid or api",
    });
  }
  const plan = parts.activePlan();
  if (plan === undefined) return problem(context, notReady());
  const body = await jsonBody(context.req.raw, optimizeBody);
  if (isProblem(body)) return problem(context, body);
  const wrong = wrongGiven(plan.strategy, body.input_data) ??
    wrongSwitches(plan.strategy, body.switch_off);
  if (wrong !== undefined) return problem(context, wrong);
  const given = new Map(Object.entries(body.input_data));
  const switchedOff = new Set(body.switch_off);
  const work = () => parts.cycles.run({ trigger: "request", given, switchedOff });
  try {
    const record = await (key === undefined ? work() : repeated.once(
      `${context.var.caller.name} ${key}`,
      { request: JSON.stringify([[...given].toSorted(), [...switchedOff].toSorted()]), work },
    ));
    if (record === undefined) {
      const detail = `Idempotency-Key ${key} came with other input_data before: take a new key`;
      return problem(context, { kind: "key-reused", detail });
    }
    const { recommendation } = record;
    return context.json(recommendation, recommendation.status === "failed" ? 500 : 200);
  } catch (error) {
    if (error instanceof NoPlanError) return problem(context, notReady());
    if (!(error instanceof QueueFullError || error instanceof StoppedError)) throw error;
    return problem(context, {
      kind: "busy",
      detail: error.message,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
}

export function notReady(): Problem {
  return {
    kind: "not-ready",
    detail: "No strategy is active yet; GET /health tells why",
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  };
}

/** What is wrong with the settings that are to stay where they are; undefined where nothing is. */
export function wrongSwitches(strategy: Strategy, names: readonly string[]): Problem | undefined {
  const wrong = names.flatMap((name, i) => {
    const type = strategy.variables.get(name)?.type;
    if (type === "operative") return [];
    const what = type === undefined ? `no variable of ${strategy.name}` : `a ${type} variable`;
    const detail = `${name} is ${what}: only settings can be switched off`;
    return [{ pointer: pointerTo(["switch_off", String(i)]), detail }];
  });
  return wrong.length === 0 ? undefined : wrongPlaces(wrong, "unknown-variable");
}

/** What is wrong with values that stand in place of live ones; undefined where nothing is. */
export function wrongGiven(
  strategy: Strategy,
  given: Readonly<Record<string, number>>,
): Problem | undefined {
  const wrong = wrongValues(strategy, given);
  if (wrong.length === 0) return undefined;
  return wrongPlaces(
    wrong.map(({ variable, detail }) => ({
      pointer: pointerTo(["input_data", variable]),
      detail,
    })),
    wrong.some(({ unknown }) => unknown) ? "unknown-variable" : "invalid-request",
  );
}

function answerLatest(
  context: HttpContext,
  { parts, form }: { readonly parts: AppParts; readonly form: "json" | "csv" },
): Response {
  const record = parts.cycles.latest;
  if (record === undefined) {
    return problem(context, { kind: "not-found", detail: "No cycle has ended yet" });
  }
  const heartbeat = heartbeatAt(performance.now());
  const latest = latestRecommendation(record, { now: parts.now(), heartbeat });
  const etag = entityTag(latest);
  context.header("ETag", etag);
  context.header("Cache-Control", "no-cache");
  context.header("Setpoint-Heartbeat", String(heartbeat));
  const known = context.req.header("if-none-match")?.split(",").map((tag) => tag.trim()) ?? [];
  if (known.includes(etag) || known.includes("*")) return context.body(null, 304);
  return form === "json"
    ? context.json(latest)
    : context.body(tagLines(latest), 200, { "content-type": "text/csv; charset=utf-8" });
}

function summaryOf({ recommendation }: CycleRecord) {
  const { cycle_id, time, status, trigger, version, reason, objective, settings } = recommendation;
  const moves = settings.filter(({ change }) => change !== 0).length;
  return { cycle_id, time, status, trigger, version, reason, objective, moves };
}
