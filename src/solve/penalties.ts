/**
 * What the objective pays beside what it states, each part a node of one element in the objective's
 * unit, to be minimised:
 *
 * - a penalty formula, as the engineer wrote it;
 * - an operating band: penalty · (d / D)², d the distance from the band, D that of the bound from it;
 * - a soft limit: its price times the violation, rounded off where it begins.
 *
 * The rounding: over the last w before the limit the slope grows from nothing to the price, so that
 * the program has continuous slopes everywhere and a limit that is worth keeping is kept exactly.
 * The textbook way, two slack variables per limit, has the sharp kink; it also gives the program
 * variables that are no settings, in every answer, warm start and check.
 */

import type { NodeId } from "../model/tape.ts";
import type { TapeBuilder } from "../model/tape_builder.ts";
import type { MovedSetting } from "../strategy/moved_settings.ts";
import type { OptimizerSkill } from "../strategy/strategy.ts";
import { lowerFormula } from "./lower_formula.ts";
import type { ProgramPenalty } from "./program.ts";
import type { ProgramScope } from "./program_scope.ts";

/** One part, on a tape that is still under construction. */
export interface Cost extends Pick<ProgramPenalty, "kind" | "name"> {
  readonly node: NodeId;
}

/** Part of a limit's scale over which its price sets in. */
export const softWidth = 0.01;

export function penaltyCosts({ penalties }: OptimizerSkill, scope: ProgramScope): Cost[] {
  return penalties.map(({ name, cost }) => ({
    kind: "penalty",
    name,
    node: lowerFormula(cost, scope),
  }));
}

export function bandCosts(decisions: readonly MovedSetting[], scope: ProgramScope): Cost[] {
  return decisions.flatMap(({ members }) =>
    members.flatMap(({ name, bounds: [lower, upper], operatingBand }): Cost[] => {
      if (operatingBand === undefined) return [];
      const { range: [low, high], penalty } = operatingBand;
      const { builder } = scope;
      const x = scope.variable(name);
      const sides = [
        ...(low > lower ? [builder.scaleBy(x, -1 / (low - lower), low / (low - lower))] : []),
        ...(high < upper ? [builder.scaleBy(x, 1 / (upper - high), -high / (upper - high))] : []),
      ];
      const squares = sides.map((distance) => builder.map("square", builder.map("relu", distance)));
      const node = builder.scaleBy(squares.reduce((a, b) => builder.add(a, b)), penalty);
      return [{ kind: "operating band", name, node }];
    })
  );
}

/** `scale` is the typical size of the limit's value, in its unit. */
export function softLimitCost(
  { name, node, lower, upper, price }: {
    readonly name: string;
    readonly node: NodeId;
    readonly lower: number;
    readonly upper: number;
    readonly price: number | undefined;
  },
  { builder, scale }: { readonly builder: TapeBuilder; readonly scale: number },
): Cost {
  const width = softWidth * scale;
  const sides = [
    ...(Number.isFinite(lower) ? [builder.scaleBy(node, -1, lower)] : []),
    ...(Number.isFinite(upper) ? [builder.scaleBy(node, 1, -upper)] : []),
  ];
  const violations = sides.map((side) => softViolation(builder, side, width));
  const sum = violations.reduce((a, b) => builder.add(a, b));
  return { kind: "soft limit", name, node: builder.scaleBy(sum, price ?? 0) };
}

/** clip(v + w, 0, w)² / 2w + relu(v): v + w/2 above 0, nothing below −w, a parabola between. */
function softViolation(builder: TapeBuilder, violation: NodeId, width: number): NodeId {
  const onset = builder.map("clip", builder.scaleBy(violation, 1, width), [0, width]);
  const parabola = builder.scaleBy(builder.map("square", onset), 1 / (2 * width));
  return builder.add(parabola, builder.map("relu", violation));
}
