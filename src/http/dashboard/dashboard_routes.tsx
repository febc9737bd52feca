/** The dashboard's pages. What they show comes with them; the routes of the interface do the rest. */

import { z } from "zod";
import type { Plan } from "../../cycle/plan.ts";
import { graphOf } from "../../strategy/strategy_graph.ts";
import type { StrategyGraph } from "../../strategy/strategy_graph.ts";
import type { Recommendation } from "../../cycle/recommendation.ts";
import type { Role } from "../access.ts";
import type { AppParts } from "../app_parts.ts";
import type { CycleHistory } from "../cycle_history.ts";
import type { Desk } from "../desk.ts";
import { MOST_TREND_DAYS } from "../desk_schemas.ts";
import { jsonBody } from "../json_body.ts";
import { isProblem, problem } from "../problem.ts";
import { notReady, wrongGiven } from "../recommendation_routes.ts";
import { route } from "../route.ts";
import type { HttpContext, Route } from "../route.ts";
import type { Sessions } from "../sessions.ts";
import { assetRoute } from "./assets.ts";
import type { DeskView } from "./desk_view.ts";
import { layoutOf } from "./graph_layout.ts";
import type { Layout } from "./graph_layout.ts";
import { overviewOf } from "./overview.ts";
import { secured, viewOf } from "./page.ts";
import { CyclePage } from "./pages/cycle_page.tsx";
import { CyclesPage } from "./pages/cycles_page.tsx";
import { EngineerPage } from "./pages/engineer_page.tsx";
import { OverviewPage } from "./pages/overview_page.tsx";
import { RefusalPage } from "./pages/sign_in_page.tsx";
import { StrategyPage } from "./pages/strategy_page.tsx";
import { TrendsPage } from "./pages/trends_page.tsx";
import { ExpectedTable, WhatIfPage } from "./pages/what_if_page.tsx";
import { StatusBar } from "./parts/status_bar.tsx";
import { texts } from "./texts.ts";
import { expectedAt, slidersOf } from "./what_if_view.ts";
import { signInRoutes } from "./sign_in.tsx";

export interface DashboardParts {
  readonly history: CycleHistory;
  readonly sessions: Sessions;
}

export function dashboardRoutes(
  parts: AppParts,
  { history, sessions }: DashboardParts,
): Route[] {
  let drawn: { readonly digest: string } & Drawing | undefined;
  /** Laid out once per bundle. */
  const drawing = ({ digest, strategy }: Plan): Drawing => {
    if (drawn?.digest !== digest) {
      const graph = graphOf(strategy);
      drawn = { digest, graph, layout: layoutOf(graph) };
    }
    const { graph, layout } = drawn;
    return { graph, layout };
  };
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
    page("/dashboard/what-if", {
      role: "read",
      summary: "Other settings, tried on the models",
      answer: async (context) => {
        const plan = parts.activePlan();
        const view = viewOf(context, parts);
        if (plan === undefined) return noPlan(context, { view, title: texts.whatIf.title });
        const { latest } = parts.cycles;
        const expected = await expectedAt(plan, { given: new Map(), latest });
        return context.html(
          <WhatIfPage view={view} sliders={slidersOf(plan, latest)} expected={expected} />,
        );
      },
    }),
    {
      ...page("/dashboard/what-if/expected", {
        role: "read",
        summary: "What is expected at other settings, as a part of the page",
        answer: async (context) => {
          const plan = parts.activePlan();
          if (plan === undefined) return problem(context, notReady());
          const body = await jsonBody(context.req.raw, triedBody);
          if (isProblem(body)) return problem(context, body);
          const wrong = wrongGiven(plan.strategy, body.input_data);
          if (wrong !== undefined) return problem(context, wrong);
          const given = new Map(Object.entries(body.input_data));
          const expected = await expectedAt(plan, { given, latest: parts.cycles.latest });
          return context.html(<ExpectedTable expected={expected} now={parts.now()} />);
        },
      }),
      method: "post" as const,
      isPage: false,
    },
    page("/dashboard/strategy", {
      role: "read",
      summary: "The strategy as a graph with live values",
      answer: (context) => {
        const plan = parts.activePlan();
        const view = viewOf(context, parts);
        if (plan === undefined) return noPlan(context, { view, title: texts.strategy.title });
        return context.html(
          <StrategyPage
            view={view}
            plan={plan}
            {...drawing(plan)}
            latest={parts.cycles.latest}
          />,
        );
      },
    }),
    ...(parts.desk === undefined ? [] : [engineerRoute(parts, parts.desk)]),
    page("/dashboard/status", {
      role: "read",
      summary: "The state of the box alone",
      answer: (context) => context.html(<StatusBar view={viewOf(context, parts)} />),
    }),
  ];
}

function engineerRoute(parts: AppParts, desk: Desk): Route {
  return page("/dashboard/engineer", {
    role: "engineer",
    summary: "Version, mode, settings on and off, audit log",
    query: z.object({ before: z.coerce.number().int().min(1).optional().catch(undefined) }),
    answer: async (context, { query: { before } }) =>
      context.html(
        <EngineerPage
          view={viewOf(context, parts)}
          choices={desk.choices}
          versions={await desk.versions()}
          audited={desk.audited({
            limit: AUDIT_LINES,
            ...(before === undefined ? {} : { before }),
          })}
          strategy={parts.activePlan()?.strategy}
          canActivate={parts.activate !== undefined}
        />,
      ),
  });
}

interface Drawing {
  readonly graph: StrategyGraph;
  readonly layout: Layout;
}

function noPlan(
  context: HttpContext,
  { view, title }: { readonly view: DeskView; readonly title: string },
) {
  return context.html(
    <RefusalPage view={view} title={title} detail={texts.banners.noPlan} />,
    503,
  );
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

const triedBody = z.strictObject({ input_data: z.record(z.string(), z.number()).default({}) });

/** Cycles on a page of their list. */
const PAGE = 50;
const AUDIT_LINES = 30;
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
