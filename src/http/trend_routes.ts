/** The past of any variable, as a chart or a spreadsheet wants it. */

import type { AppParts } from "./app_parts.ts";
import type { CycleHistory } from "./cycle_history.ts";
import { OBJECTIVE } from "./cycle_history.ts";
import { MOST_TREND_DAYS, trend, trendQuery } from "./desk_schemas.ts";
import { problem } from "./problem.ts";
import { notReady } from "./recommendation_routes.ts";
import { route } from "./route.ts";
import type { Route } from "./route.ts";
import { limitsOf, trendOf, unitOf } from "./trends.ts";

const DAY_MS = 86_400_000;
/** What a request waits for older records before it answers with what there is. */
const PATIENCE_MS = 300;

export function trendRoutes(parts: AppParts, history: CycleHistory): Route[] {
  return [
    route({
      method: "get",
      at: "/trends",
      role: "read",
      query: trendQuery,
      operation: {
        id: "trends",
        tag: "Monitoring",
        summary: "A variable's past: measured, recommended, predicted, expected",
        description: "Cut into buckets, each with the least, the mean and the largest value, so " +
          "that no peak is lost. Measured values come from the database where it has them.",
        answers: { 200: { description: "The buckets that hold something", schema: trend } },
        problems: ["invalid-request", "not-found", "not-ready"],
      },
      answer: async (context, { query: { variable, from, to, buckets } }) => {
        const plan = parts.activePlan();
        if (plan === undefined) return problem(context, notReady());
        const { strategy } = plan;
        if (variable !== OBJECTIVE && !strategy.variables.has(variable)) {
          const detail = `${variable} is not a variable of ${strategy.name}`;
          return problem(context, { kind: "not-found", detail });
        }
        const span = { from: new Date(from), to: new Date(to) };
        const spanMs = span.to.getTime() - span.from.getTime();
        if (spanMs <= 0 || spanMs > MOST_TREND_DAYS * DAY_MS) {
          const detail =
            `No past lies there: to must be after from, by ${MOST_TREND_DAYS} days at most`;
          return problem(context, { kind: "not-found", detail });
        }
        const filling = history.fill();
        await Promise.race([filling, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
        const found = await trendOf({ variable, ...span, buckets }, {
          strategy,
          history,
          measured: parts.desk?.history,
        });
        return context.json({
          variable,
          unit: unitOf(strategy, variable),
          from,
          to,
          bucket_ms: found.bucketMs,
          times: found.times,
          series: found.series,
          limits: limitsOf(strategy, variable),
          is_complete: history.isComplete,
          fault: found.fault,
        });
      },
    }),
  ];
}
