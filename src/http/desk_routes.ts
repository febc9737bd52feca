/** What engineers and operators ask and set at the desk: mode, switches, versions, audit, trials. */

import { z } from "zod";
import { NoPlanError, QueueFullError, StoppedError } from "../cycle/cycles.ts";
import type { AppParts } from "./app_parts.ts";
import type { Desk } from "./desk.ts";
import {
  auditList,
  auditPage,
  controls,
  modeBody,
  replayVerdict,
  switchBody,
  trialBody,
  versionList,
} from "./desk_schemas.ts";
import { examplePredict } from "./examples.ts";
import { jsonBody } from "./json_body.ts";
import { isProblem, problem } from "./problem.ts";
import { notReady, wrongGiven, wrongSwitches } from "./recommendation_routes.ts";
import { route } from "./route.ts";
import type { HttpContext, Route } from "./route.ts";
import { recommendation } from "./schemas.ts";
import { whoOf } from "./strategy_routes.ts";

const RETRY_AFTER_SECONDS = 5;
const cycleId = z.object({ id: z.string().min(1).max(100) });
const BODY_PROBLEMS = ["not-json", "too-large", "wrong-media-type", "invalid-request"] as const;

/** Without a desk there is only the trial. */
export function deskRoutes(parts: AppParts): Route[] {
  return [
    trialRoute(parts),
    ...(parts.desk === undefined ? [] : [
      ...controlRoutes(parts, parts.desk),
      ...recordRoutes(parts, parts.desk),
    ]),
  ];
}

function controlRoutes(parts: AppParts, { choices }: Desk): Route[] {
  const now = () => ({
    mode: { configured: choices.configured, requested: choices.mode },
    switched_off: [...choices.switchedOff],
  });
  return [
    route({
      method: "get",
      at: "/controls",
      role: "read",
      operation: {
        id: "controls",
        tag: "Strategy",
        summary: "The mode that is requested, and the settings that are switched off",
        answers: { 200: { description: "Now", schema: controls } },
        problems: [],
      },
      answer: (context) => context.json(now()),
    }),
    route({
      method: "post",
      at: "/controls/mode",
      role: "engineer",
      operation: {
        id: "setMode",
        tag: "Strategy",
        summary: "Offer recommendations to SCADA, or show them only",
        description: "From the next cycle on, and through restarts.",
        body: { schema: modeBody, required: true, example: { mode: "advisory" } },
        answers: { 200: { description: "What is set now", schema: controls } },
        problems: BODY_PROBLEMS,
      },
      answer: async (context) => {
        const body = await jsonBody(context.req.raw, modeBody);
        if (isProblem(body)) return problem(context, body);
        const before = choices.mode;
        await choices.setMode(body.mode);
        parts.audit({ ...whoOf(context), what: "mode set", before, after: body.mode });
        return context.json(now());
      },
    }),
    route({
      method: "post",
      at: "/controls/switch",
      role: "engineer",
      operation: {
        id: "switchSetting",
        tag: "Strategy",
        summary: "Switch a setting off, so that it stays where it is, or on again",
        description: "From the next cycle on, and through restarts.",
        body: {
          schema: switchBody,
          required: true,
          example: { variable: "Kiln_Coal_PV", on: false },
        },
        answers: { 200: { description: "What is set now", schema: controls } },
        problems: [...BODY_PROBLEMS, "not-found", "not-ready"],
      },
      answer: async (context) => {
        const body = await jsonBody(context.req.raw, switchBody);
        if (isProblem(body)) return problem(context, body);
        const plan = parts.activePlan();
        if (plan === undefined) return problem(context, notReady());
        const { variable, on } = body;
        if (plan.strategy.variables.get(variable)?.type !== "operative") {
          const detail = `${variable} is no setting of ${plan.strategy.name}`;
          return problem(context, { kind: "not-found", detail });
        }
        const before = choices.switchedOff.has(variable) ? "off" : "on";
        await choices.switch(variable, { on });
        const what = `${variable} switched`;
        parts.audit({ ...whoOf(context), what, before, after: on ? "on" : "off" });
        return context.json(now());
      },
    }),
  ];
}

function recordRoutes(parts: AppParts, desk: Desk): Route[] {
  // One at a time: each takes a processor core.
  let replaying = false;
  return [
    route({
      method: "get",
      at: "/versions",
      role: "read",
      operation: {
        id: "versions",
        tag: "Strategy",
        summary: "Versions of the store and of this box, with what was refused and why",
        answers: { 200: { description: "The newest first", schema: versionList } },
        problems: [],
      },
      answer: async (context) => context.json({ versions: await desk.versions() }),
    }),
    route({
      method: "get",
      at: "/audit",
      role: "engineer",
      query: auditPage,
      operation: {
        id: "audit",
        tag: "Monitoring",
        summary: "Who changed what and when, the newest first",
        answers: { 200: { description: "One page", schema: auditList } },
        problems: ["invalid-request"],
      },
      answer: (context, { query: { limit, before } }) =>
        context.json({
          lines: desk.audited({ limit, ...(before === undefined ? {} : { before }) }),
        }),
    }),
    route({
      method: "post",
      at: "/cycles/:id/replay",
      role: "operate",
      path: cycleId,
      operation: {
        id: "replay",
        tag: "Recommendations",
        summary: "Compute a recorded cycle again, beside the running box, and compare",
        answers: { 200: { description: "What came out", schema: replayVerdict } },
        problems: ["not-found", "invalid-request", "busy"],
      },
      answer: async (context, { path: { id } }) => {
        if (parts.cycle(id) === undefined) {
          return problem(context, { kind: "not-found", detail: `No cycle ${id} is stored` });
        }
        if (replaying) {
          const detail = "Another cycle is being computed again";
          return problem(context, { kind: "busy", detail, retryAfterSeconds: RETRY_AFTER_SECONDS });
        }
        replaying = true;
        try {
          return context.json(await desk.replay(id));
        } finally {
          replaying = false;
        }
      },
    }),
  ];
}

function trialRoute(parts: AppParts): Route {
  return route({
    method: "post",
    at: "/what-if",
    role: "operate",
    operation: {
      id: "whatIf",
      tag: "What-if",
      summary: "The optimum from another state, kept nowhere",
      description: "As POST /optimize, but no record is kept, delivered or counted.",
      body: {
        schema: trialBody,
        required: false,
        example: { input_data: examplePredict.input_data },
        givesValues: true,
      },
      answers: { 200: { description: "What would be recommended", schema: recommendation } },
      problems: [...BODY_PROBLEMS, "unknown-variable", "not-ready", "busy"],
    },
    answer: (context) => tryOut(context, parts),
  });
}

async function tryOut(context: HttpContext, parts: AppParts): Promise<Response> {
  const plan = parts.activePlan();
  if (plan === undefined) return problem(context, notReady());
  const body = await jsonBody(context.req.raw, trialBody);
  if (isProblem(body)) return problem(context, body);
  const wrong = wrongGiven(plan.strategy, body.input_data) ??
    wrongSwitches(plan.strategy, body.switch_off);
  if (wrong !== undefined) return problem(context, wrong);
  try {
    const record = await parts.cycles.run({
      trigger: "request",
      given: new Map(Object.entries(body.input_data)),
      switchedOff: new Set(body.switch_off),
      isTrial: true,
    });
    return context.json(record.recommendation);
  } catch (error) {
    if (error instanceof NoPlanError) return problem(context, notReady());
    if (!(error instanceof QueueFullError || error instanceof StoppedError)) throw error;
    const detail = error.message;
    return problem(context, { kind: "busy", detail, retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}
