/** What if: the predicted state at other settings, or the curve over one or two of them. */

import type { z } from "zod";
import type { Axis } from "../cycle/what_if.ts";
import { whatIf } from "../cycle/what_if.ts";
import type { Strategy, Variable } from "../strategy/strategy.ts";
import type { AppParts } from "./app_parts.ts";
import { examplePredict } from "./examples.ts";
import { jsonBody, pointerTo } from "./json_body.ts";
import { isProblem, problem } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { notReady, wrongGiven } from "./recommendation_routes.ts";
import { route } from "./route.ts";
import type { HttpContext, Route } from "./route.ts";
import { predictBody, prediction } from "./schemas.ts";

export function whatIfRoutes(parts: AppParts): Route[] {
  return [
    route({
      method: "post",
      at: "/predict",
      role: "read",
      operation: {
        id: "predict",
        tag: "What-if",
        summary: "Predict other settings, without optimising",
        description: "Starts from the newest cycle's snapshot. A sweep gives each predicted and " +
          "calculated variable, limit and objective as a curve over one or two variables.",
        body: {
          schema: predictBody,
          required: false,
          example: examplePredict,
          givesValues: true,
        },
        answers: { 200: { description: "Values at every point", schema: prediction } },
        problems: [
          ...["not-json", "too-large", "wrong-media-type"] as const,
          ...["invalid-request", "unknown-variable", "not-ready"] as const,
        ],
      },
      answer: (context) => predict(context, parts),
    }),
  ];
}

async function predict(context: HttpContext, parts: AppParts): Promise<Response> {
  const plan = parts.activePlan();
  if (plan === undefined) return problem(context, notReady());
  const body = await jsonBody(context.req.raw, predictBody);
  if (isProblem(body)) return problem(context, body);
  const wrong = wrongGiven(plan.strategy, body.input_data) ?? wrongSweep(plan.strategy, body.sweep);
  if (wrong !== undefined) return problem(context, wrong);
  const { snapshotTime, axes, curves, missing } = await whatIf(plan, {
    given: new Map(Object.entries(body.input_data)),
    axes: Object.entries(body.sweep).map(([name, axis]) =>
      axisOf(plan.strategy.variables.get(name)!, axis)
    ),
    latest: parts.cycles.latest,
  });
  return context.json({
    version: plan.version,
    snapshot_time: snapshotTime,
    axes,
    curves,
    missing,
  });
}

type Sweep = z.output<typeof predictBody>["sweep"];

/** Both ends must be values that the variable may have. */
function wrongSweep(strategy: Strategy, sweep: Sweep): Problem | undefined {
  for (const [name, { from, to }] of Object.entries(sweep)) {
    for (const [end, value] of [["from", from], ["to", to]] as const) {
      const wrong = wrongGiven(strategy, { [name]: value });
      if (wrong === undefined) continue;
      const path = wrong.kind === "unknown-variable" ? ["sweep", name] : ["sweep", name, end];
      return { ...wrong, errors: [{ pointer: pointerTo(path), detail: wrong.detail }] };
    }
  }
  return undefined;
}

function axisOf({ name, unit }: Variable, { from, to, points }: Sweep[string]): Axis {
  const values = Array.from(
    { length: points },
    (_, i) => i === points - 1 ? to : from + (to - from) * i / (points - 1),
  );
  return { variable: name, unit, values };
}
