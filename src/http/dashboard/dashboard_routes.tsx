/** The dashboard's pages. What they show comes with them; the routes of the interface do the rest. */

import { z } from "zod";
import type { Recommendation } from "../../cycle/recommendation.ts";
import type { Role } from "../access.ts";
import type { AppParts } from "../app_parts.ts";
import type { CycleHistory } from "../cycle_history.ts";
import { MOST_TREND_DAYS } from "../desk_schemas.ts";
import { route } from "../route.ts";
import type { HttpContext, Route } from "../route.ts";
import type { Sessions } from "../sessions.ts";
import { assetRoute } from "./assets.ts";
import { overviewOf } from "./overview.ts";
import { secured, viewOf } from "./page.ts";
import { CyclePage } from "./pages/cycle_page.tsx";
import { CyclesPage } from "./pages/cycles_page.tsx";
import { OverviewPage } from "./pages/overview_page.tsx";
import { RefusalPage } from "./pages/sign_in_page.tsx";
import { TrendsPage } from "./pages/trends_page.tsx";
import { StatusBar } from "./parts/status_bar.tsx";
import { texts } from "./texts.ts";
import { signInRoutes } from "./sign_in.tsx";

export interface DashboardParts {
  readonly history: CycleHistory;
  readonly sessions: Sessions;
}

export function dashboardRoutes(
  parts: AppParts,
  { history, sessions }: DashboardParts,
): Route[] {
  return [
    assetRoute(),
    ...signInRoutes(parts, sessions),
    page("/", {
      role: "read",
      summary: "What to change, why, and what it is worth",
      answer: (context) => {
        history.refresh();
        const { latest } = parts.cycles;
        const overview = latest && overviewOf(latest, {
          before: cycleBefore(latest.recommendation, parts),
          plan: parts.activePlan(),
          history,
        });
        return context.html(
          <OverviewPage view={viewOf(context, parts)} overview={overview} />,
        );
      },
    }),
    page("/dashboard/cycles", {
      role: "read",
      summary: "The cycles of the past",
      query: z.object({ before: z.iso.datetime().optional() }),
      answer: (context, { query: { before } }) => {
        history.refresh();
        const records = parts.cycleList({
          limit: PAGE,
          ...(before === undefined ? {} : { before }),
        });
        const cycles = records.map(({ recommendation }) => recommendation);
        return context.html(
          <CyclesPage
            view={viewOf(context, parts)}
            cycles={cycles}
            strip={history.cycles(0).slice(-MOST_BARS)}
            older={cycles.length < PAGE ? undefined : cycles.at(-1)?.time}
          />,
        );
      },
    }),
    page("/dashboard/cycles/:id", {
      role: "read",
      summary: "One cycle with all its evidence",
      answer: (context, { path: { id = "" } }) => {
        const record = parts.cycle(id);
        const view = viewOf(context, parts);
        if (record === undefined) {
          const { notFound, cycle } = texts;
          return context.html(
            <RefusalPage view={view} title={notFound.title} detail={cycle.notFound} />,
            404,
          );
        }
        history.refresh();
        const plan = parts.activePlan();
        const before = cycleBefore(record.recommendation, parts);
        return context.html(
          <CyclePage
            view={view}
            overview={overviewOf(record, { before, plan, history })}
            strategy={plan?.strategy}
          />,
        );
      },
    }),
    page("/dashboard/trends", {
      role: "read",
      summary: "The past of any variables",
      query: z.object({
        show: z.union([z.string(), z.array(z.string())]).optional(),
        hours: z.coerce.number().min(0.1).max(MOST_TREND_DAYS * 24).default(6).catch(6),
      }),
      answer: (context, { query: { show = [], hours } }) => {
        // Older records are read while the page travels.
        void history.fill();
        return context.html(
          <TrendsPage
            view={viewOf(context, parts)}
            strategy={parts.activePlan()?.strategy}
            shown={[show].flat().slice(0, MOST_CHARTS)}
            hours={hours}
          />,
        );
      },
    }),
    page("/dashboard/status", {
      role: "read",
      summary: "The state of the box alone",
      answer: (context) => context.html(<StatusBar view={viewOf(context, parts)} />),
    }),
  ];
}

/** A row for a page of HTML under the policy of all pages. */
export function page<Query extends z.ZodObject>(
  at: string,
  { role, summary, query, answer }: {
    readonly role: Role;
    readonly summary: string;
    readonly query?: Query;
    readonly answer: (
      context: HttpContext,
      input: { readonly query: z.output<Query>; readonly path: Readonly<Record<string, string>> },
    ) => Response | Promise<Response>;
  },
): Route {
  return {
    ...route({
      method: "get",
      at,
      role,
      ...(query === undefined ? {} : { query }),
      operation: {
        id: at,
        tag: "Monitoring",
        summary,
        answers: { 200: { description: "HTML", mediaType: "text/html" } },
        problems: [],
      },
      answer: (context, input) => {
        secured(context);
        return answer(context, {
          query: input.query as z.output<Query>,
          path: context.req.param() as Record<string, string>,
        });
      },
    }),
    isPage: true,
  };
}

/** Cycles on a page of their list. */
const PAGE = 50;
const MOST_BARS = 200;
const MOST_CHARTS = 6;
/** How many records to look through for the cycle before: requests lie between scheduled ones. */
const LOOK_BACK = 8;

/** The newest cycle of the plant before another. */
function cycleBefore(
  { cycle_id, time }: Recommendation,
  { cycleList, cycles }: AppParts,
): Recommendation | undefined {
  return cycleList({ limit: LOOK_BACK, before: time })
    .map(({ recommendation }) => recommendation)
    .find((one) => one.cycle_id < cycle_id && (one.trigger !== "request" || cycles.requestsCount));
}
