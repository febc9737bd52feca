/** The strategy's graph as a drawing of the server's own, with live values in its boxes. */

import type { CycleRecord, Recommendation } from "../../../cycle/recommendation.ts";
import type { Strategy } from "../../../strategy/strategy.ts";
import type { GraphNode, StrategyGraph } from "../../../strategy/strategy_graph.ts";
import { constraintsOf } from "../../trends.ts";
import { decimalsOf, numberText, unitText } from "../format.ts";
import type { Layout, PlacedArrow } from "../graph_layout.ts";
import { NODE } from "../graph_layout.ts";
import { readable } from "../overview.ts";
import { limitsText } from "./outcomes_table.tsx";
import { texts } from "../texts.ts";

const MOST_LETTERS = 29;

export interface GraphProps {
  readonly graph: StrategyGraph;
  readonly layout: Layout;
  readonly strategy: Strategy;
  readonly latest: CycleRecord | undefined;
}

export function Graph({ graph, layout, strategy, latest }: GraphProps) {
  const places = new Map(layout.nodes.map((place) => [place.id, place]));
  const values = liveTexts({ graph, strategy, latest });
  return (
    <svg
      class="graph"
      viewBox={`0 0 ${layout.width} ${Math.ceil(layout.height)}`}
      width={layout.width}
      height={Math.ceil(layout.height)}
      role="img"
      aria-label={texts.strategy.graph}
    >
      <g class="arrows">
        {layout.arrows.map((arrow) => (
          <path
            class={arrow.dotted ? "arrow arrow-dotted" : "arrow"}
            d={wayOf(arrow)}
            data-from={arrow.from}
            data-to={arrow.to}
          />
        ))}
      </g>
      {graph.nodes.map((node) => (
        <Node node={node} place={places.get(node.id)!} live={values.get(node.id)} />
      ))}
    </svg>
  );
}

interface LiveText {
  readonly text: string;
  readonly state: "" | "moves" | "binds" | "outside";
}

function Node({ node, place, live }: {
  readonly node: GraphNode;
  readonly place: { readonly x: number; readonly y: number };
  readonly live: LiveText | undefined;
}) {
  const { id, shape, name } = node;
  const shown = shape === "objective" ? texts.objective.title : readable(name);
  const round = { operative: 3, informative: 3, model: 0, group: 3, limit: 12, objective: 20 };
  const radius = Object.hasOwn(round, shape) ? round[shape as keyof typeof round] : 8;
  return (
    <g
      class={`node node-${shape} ${live?.state ?? ""}`}
      data-node={id}
      transform={`translate(${place.x} ${place.y.toFixed(1)})`}
    >
      <title>
        {`${shown}: ${texts.strategy.types[shape]}${live === undefined ? "" : `, ${live.text}`}`}
      </title>
      <rect width={NODE.width} height={NODE.height} rx={radius} />
      {shape === "model" && (
        <path class="node-double" d={`M5 0V${NODE.height}M${NODE.width - 5} 0V${NODE.height}`} />
      )}
      <text x="12" y={live === undefined ? 25 : 16}>{short(shown)}</text>
      {live !== undefined && <text class="node-value" x="12" y="32">{live.text}</text>}
    </g>
  );
}

function short(text: string): string {
  return text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS - 1)}…`;
}

/** Soft bends between the layers, straight through them. */
function wayOf({ points }: PlacedArrow): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let [x, y] = first;
  let way = `M${x} ${y.toFixed(1)}`;
  for (const [i, [toX, toY]] of rest.entries()) {
    const middle = (x + toX) / 2;
    way += i % 2 === 0
      ? `C${middle} ${y.toFixed(1)} ${middle} ${toY.toFixed(1)} ${toX} ${toY.toFixed(1)}`
      : `L${toX} ${toY.toFixed(1)}`;
    [x, y] = [toX, toY];
  }
  return way;
}

/** What stands in each box below its name. */
function liveTexts(
  { graph, strategy, latest }: Omit<GraphProps, "layout">,
): Map<string, LiveText> {
  if (latest === undefined) return new Map();
  const { recommendation, snapshot } = latest;
  const read = new Map(snapshot.map(({ variable, value }) => [variable, value]));
  return new Map(graph.nodes.flatMap(({ id, name, shape }): [string, LiveText][] => {
    if (shape === "objective") return [[id, objectiveText(recommendation)]];
    if (shape === "limit") {
      const found = limitText(name, { strategy, recommendation });
      return found === undefined ? [] : [[id, found]];
    }
    if (shape === "model" || shape === "group") return [];
    const variable = strategy.variables.get(name);
    const setting = recommendation.settings.find((one) => one.variable === name);
    const expectation = recommendation.expectations.find((one) => one.variable === name);
    const from = setting?.measured ?? expectation?.now ?? read.get(name);
    const to = setting?.recommended ?? expectation?.expected;
    if (from === undefined) return [];
    const decimals = decimalsOf(variable, [from, to]);
    return [[
      id,
      movedText({
        from,
        to,
        decimals,
        unit: variable?.unit ?? "",
        isSetting: setting !== undefined,
      }),
    ]];
  }));
}

function movedText({ from, to, decimals, unit, isSetting }: {
  readonly from: number;
  readonly to: number | undefined;
  readonly decimals: number;
  readonly unit: string;
  readonly isSetting: boolean;
}): LiveText {
  const before = numberText(from, decimals);
  const after = to === undefined ? before : numberText(to, decimals);
  const isSame = before === after;
  return {
    text: `${isSame ? before : `${before} → ${after}`} ${unitText(unit)}`.trimEnd(),
    state: isSame || !isSetting ? "" : "moves",
  };
}

function objectiveText({ objective }: Recommendation): LiveText {
  if (objective === null) return { text: texts.none, state: "" };
  const { now, expected, unit } = objective;
  const decimals = decimalsOf(undefined, [now, expected]);
  return movedText({ from: now, to: expected, decimals, unit, isSetting: false });
}

function limitText(
  name: string,
  { strategy, recommendation }: {
    readonly strategy: Strategy;
    readonly recommendation: Recommendation;
  },
): LiveText | undefined {
  const constraint = constraintsOf(strategy).find((one) => one.name === name);
  if (constraint === undefined) return undefined;
  const check = recommendation.checks.findLast(({ limit }) => limit === name);
  const binds = recommendation.binding_limits.some(({ limit }) => limit === name);
  const min = check?.min ?? constraint.min ?? null;
  const max = check?.max ?? constraint.max ?? null;
  const decimals = decimalsOf(undefined, [min, max]);
  const isOutside = (check?.violation ?? 0) > 0.5 * 10 ** -decimals;
  return {
    text: `${limitsText({ min, max, decimals })} ${unitText(constraint.unit)}`.trim(),
    state: isOutside ? "outside" : binds ? "binds" : "",
  };
}
