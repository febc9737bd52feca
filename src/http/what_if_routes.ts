/** What if: the predicted state at other settings, or the curve over one or two of them. */

import type { z } from "zod";
import type { Axis } from "../cycle/what_if.ts";
import { whatIf } from "../cycle/what_if.ts";
import type { Strategy } from "../strategy/strategy.ts";
import type { AppParts } from "./app_parts.ts";
import { examplePredict } from "./examples.ts";
import { jsonBody, pointerTo, wrongPlaces } from "./json_body.ts";
import { isProblem, problem } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { notReady, wrongGiven } from "./recommendation_routes.ts";
import { route } from "./route.ts";
import type { HttpContext, Route } from "./route.ts";
import { predictBody, prediction } from "./schemas.ts";

/** A square of 50 by 50: more than a screen shows. */
const MAX_POINTS = 2_500;

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
    axes: body.sweep.map((axis) => axisOf(plan.strategy, axis)),
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

function wrongSweep(strategy: Strategy, sweep: Sweep): Problem | undefined {
  for (const [i, { variable, from, to }] of sweep.entries()) {
    for (const [end, value] of [["from", from], ["to", to]] as const) {
      const wrong = wrongGiven(strategy, { [variable]: value });
      if (wrong === undefined) continue;
      const pointer = pointerTo(["sweep", i, wrong.kind === "unknown-variable" ? "variable" : end]);
      return { ...wrong, errors: [{ pointer, detail: wrong.detail }] };
    }
  }
  const [first, second] = sweep;
  if (first !== undefined && first.variable === second?.variable) {
    const detail = "Both axes are of the same variable: give one, or two different ones";
    return wrongPlaces([{ pointer: "/sweep/1/variable", detail }]);
  }
  const points = sweep.reduce((product, axis) => product * axis.points, 1);
  if (points <= MAX_POINTS) return undefined;
  const detail = `${points} points are asked for; at most ${MAX_POINTS} are computed`;
  return wrongPlaces([{ pointer: "/sweep", detail }]);
}

function axisOf(strategy: Strategy, { variable, from, to, points }: Sweep[number]): Axis {
  const { unit } = strategy.variables.get(variable)!;
  const values = Array.from(
    { length: points },
    (_, i) => i === points - 1 ? to : from + (to - from) * i / (points - 1),
  );
  return { variable, unit, values };
}
