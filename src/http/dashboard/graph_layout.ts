/**
 * Places for the strategy's graph in layers from left to right, so that arrows go one way and cross
 * seldom (K. Sugiyama, S. Tagawa, M. Toda, IEEE Trans. SMC 11 (1981): layers, long arrows cut into
 * pieces, order by barycentres, then heights).
 */

import type { StrategyGraph } from "../../strategy/strategy_graph.ts";

export interface PlacedNode {
  readonly id: string;
  /** Of its left upper corner. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedArrow {
  readonly from: string;
  readonly to: string;
  readonly dotted: boolean;
  /** From the right side of one node, through the gaps of layers between, to the left of another. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly arrows: readonly PlacedArrow[];
}

export const NODE = { width: 208, height: 40 } as const;

const LAYER_GAP = 92;
const NODE_GAP = 10;
/** Room that an arrow takes on its way past a layer. */
const LANE = 5;
const SWEEPS = 12;
const MARGIN = 10;

/** A node, or the place where a long arrow passes a layer. */
interface Item {
  readonly id: string;
  readonly layer: number;
  readonly size: number;
  readonly before: Item[];
  readonly after: Item[];
  /** Its middle. */
  y: number;
}

export function layoutOf({ nodes, arrows }: StrategyGraph): Layout {
  const layers = layersOf({ nodes, arrows });
  const items = new Map<string, Item>(
    nodes.map(({ id }) => [id, item(id, layers.get(id)!, NODE.height)]),
  );
  const routes = arrows.map((arrow) => ({ arrow, path: routeOf(arrow, { items, layers }) }));
  const columns: Item[][] = Array.from(
    { length: Math.max(0, ...[...items.values()].map(({ layer }) => layer)) + 1 },
    () => [],
  );
  for (const one of items.values()) columns[one.layer]!.push(one);
  for (const column of columns) spread(column);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForth = sweep % 2 === 0;
    for (const column of isForth ? columns : columns.toReversed()) {
      const wanted = new Map(column.map((one) => [one, wantedHeight(one, isForth)]));
      column.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
      settle(column, wanted);
    }
  }
  const top = Math.min(0, ...[...items.values()].map(({ y, size }) => y - size / 2));
  const bottom = Math.max(0, ...[...items.values()].map(({ y, size }) => y + size / 2));
  const x = (layer: number) => MARGIN + layer * (NODE.width + LAYER_GAP);
  const y = (middle: number) => middle - top + MARGIN;
  return {
    width: x(columns.length - 1) + NODE.width + MARGIN,
    height: bottom - top + 2 * MARGIN,
    nodes: nodes.map(({ id }) => {
      const { layer, y: middle } = items.get(id)!;
      return { id, x: x(layer), y: y(middle) - NODE.height / 2 };
    }),
    arrows: routes.map(({ arrow, path }) => ({
      ...arrow,
      points: path.flatMap(({ layer, y: middle }, i) => {
        const left = [x(layer), y(middle)] as const;
        const right = [x(layer) + NODE.width, y(middle)] as const;
        return i === 0 ? [right] : i === path.length - 1 ? [left] : [left, right];
      }),
    })),
  };
}

function item(id: string, layer: number, size: number): Item {
  return { id, layer, size, before: [], after: [], y: 0 };
}

/** Longest way from a source; a source that is read late stands next to who reads it. */
function layersOf({ nodes, arrows }: StrategyGraph): Map<string, number> {
  const into = Map.groupBy(arrows, ({ to }) => to);
  const outOf = Map.groupBy(arrows, ({ from }) => from);
  const layers = new Map<string, number>();
  const layerOf = (id: string, onTheWay: ReadonlySet<string>): number => {
    const known = layers.get(id);
    if (known !== undefined) return known;
    // A checked strategy has no circles; a value at the cycle's start may close one.
    const found = Math.max(
      -1,
      ...(into.get(id) ?? []).filter(({ from, dotted }) => !dotted && !onTheWay.has(from))
        .map(({ from }) => layerOf(from, new Set([...onTheWay, id]))),
    ) + 1;
    layers.set(id, found);
    return found;
  };
  for (const { id } of nodes) layerOf(id, new Set());
  for (const { id, shape } of nodes) {
    if (shape !== "informative" || (layers.get(id) ?? 0) > 0) continue;
    const readers = (outOf.get(id) ?? []).map(({ to }) => layers.get(to)!);
    if (readers.length > 0) layers.set(id, Math.max(0, Math.min(...readers) - 1));
  }
  return layers;
}

/** The items that an arrow touches, with a lane in every layer between; arrows back have none. */
function routeOf(
  { from, to }: { readonly from: string; readonly to: string },
  { items, layers }: {
    readonly items: Map<string, Item>;
    readonly layers: ReadonlyMap<string, number>;
  },
): Item[] {
  const path = [items.get(from)!];
  for (let layer = layers.get(from)! + 1; layer < layers.get(to)!; layer++) {
    // Arrows of one source run in one lane until they part.
    const id = `${from} in ${layer}`;
    const lane = items.get(id) ?? item(id, layer, LANE);
    items.set(id, lane);
    path.push(lane);
  }
  path.push(items.get(to)!);
  for (const [i, one] of path.entries()) {
    const next = path[i + 1];
    if (next === undefined || one.after.includes(next)) continue;
    one.after.push(next);
    next.before.push(one);
  }
  return path;
}

function wantedHeight({ before, after, y }: Item, isForth: boolean): number {
  const near = isForth ? before : after;
  return near.length === 0 ? y : near.reduce((sum, one) => sum + one.y, 0) / near.length;
}

/** One under the other around the middle. */
function spread(column: Item[]): void {
  const height = column.reduce((sum, { size }) => sum + size + NODE_GAP, -NODE_GAP);
  let at = -height / 2;
  for (const one of column) {
    one.y = at + one.size / 2;
    at += one.size + NODE_GAP;
  }
}

/**
 * Each as near to where it wants to be as the order and the gaps allow: items that would overlap
 * become one block at the mean of their wishes (pool adjacent violators).
 */
function settle(column: Item[], wanted: ReadonlyMap<Item, number>): void {
  const blocks: { items: Item[]; sum: number }[] = [];
  const lengthOf = (items: readonly Item[]) =>
    items.reduce((sum, { size }) => sum + size + NODE_GAP, 0);
  for (const one of column) {
    let block = { items: [one], sum: wanted.get(one)! - one.size / 2 };
    for (;;) {
      const above = blocks.at(-1);
      if (above === undefined) break;
      const topOf = ({ sum, items }: typeof block) => sum / items.length;
      if (topOf(above) + lengthOf(above.items) <= topOf(block)) break;
      blocks.pop();
      const shift = lengthOf(above.items);
      block = {
        items: [...above.items, ...block.items],
        // Wishes are kept as wishes for the block's top.
        sum: above.sum + block.sum - shift * block.items.length,
      };
    }
    blocks.push(block);
  }
  for (const { items, sum } of blocks) {
    let at = sum / items.length;
    for (const one of items) {
      one.y = at + one.size / 2;
      at += one.size + NODE_GAP;
    }
  }
}
