/**
 * `domain: keep`: the program stays inside the range that its models were trained on; a plant that
 * is outside already goes no further out.
 */

import { mahalanobisSquare } from "../model/domain.ts";
import type { NodeId } from "../model/tape.ts";
import { namesIn } from "../strategy/formula_names.ts";
import type { Strategy } from "../strategy/strategy.ts";
import type { LoweredModel } from "./lower_skill.ts";
import type { ProgramScope } from "./program_scope.ts";

/** A range that a node of the tape must stay in, in its unit. */
export interface KeptRange {
  readonly name: string;
  readonly unit: string;
  readonly node: NodeId;
  readonly lower: number;
  readonly upper: number;
}

export interface KeptDomain {
  /** Ranges of inputs that are settings themselves, by name: they narrow the box. */
  readonly boxes: ReadonlyMap<string, KeptRange>;
  /** Ranges of inputs that follow from settings: rows of the program. */
  readonly rows: readonly KeptRange[];
  /** Why a range cannot be kept, in words. */
  readonly problems: readonly string[];
}

/**
 * The ranges to keep; several models that read one value leave what all were trained on. Inputs that
 * no setting moves are left out: the optimizer cannot keep them anywhere.
 */
export function keptDomain(
  lowered: readonly LoweredModel[],
  { strategy, scope }: { readonly strategy: Strategy; readonly scope: ProgramScope },
): KeptDomain {
  const ranges = new Map<NodeId, KeptRange>();
  const startOf = new Map<NodeId, NodeId>();
  const boxes = new Map<string, KeptRange>();
  const problems: string[] = [];
  for (const { skill, model, inputs } of lowered) {
    if (skill.domain !== "keep") continue;
    const { trainedRange: trained, ellipsoid } = model;
    if (ellipsoid !== undefined) {
      const node = beyondPresent(scope, { skill, ellipsoid, inputs });
      const name = `trained distribution of ${skill.name}`;
      const upper = Math.min(ellipsoid.radius ** 2, ranges.get(node)?.upper ?? Infinity);
      if (isMoved(scope, node)) ranges.set(node, { name, unit: "", node, lower: -Infinity, upper });
    }
    if (trained === undefined) {
      if (ellipsoid !== undefined) continue;
      problems.push(
        `Skill "${skill.name}" says domain: keep, but nothing says what it was trained on: ` +
          "add trained_range to its scaler file, or write domain: warn",
      );
      continue;
    }
    skill.inputs.forEach((input, i) => {
      const range = trained[i];
      const node = scope.builder.gather(inputs, [i]);
      if (range === undefined || !isMoved(scope, node)) return;
      const [lower, upper] = range;
      const kept = {
        name: `trained range of ${skill.kind === "delta" ? `change(${input})` : input}`,
        unit: strategy.variables.get(input)?.unit ?? "",
        node,
        lower: Math.max(lower, ranges.get(node)?.lower ?? -Infinity),
        upper: Math.min(upper, ranges.get(node)?.upper ?? Infinity),
      };
      if (kept.lower >= kept.upper) {
        problems.push(
          `"${input}" cannot be inside the range ${lower} to ${upper} that "${skill.name}" was ` +
            "trained on and inside the ranges of the other models that say domain: keep",
        );
        return;
      }
      ranges.set(node, kept);
      const start = startValue(input, { skill, strategy, scope });
      if (start !== undefined) startOf.set(node, start);
      if (scope.builder.instruction(node).op === "input") boxes.set(input, kept);
    });
  }
  const rows = [...ranges.values()]
    .filter(({ node }) => scope.builder.instruction(node).op !== "input")
    .map((kept) => noFurtherOut(kept, { scope, start: startOf.get(kept.node) }));
  return { boxes, rows, problems };
}

/**
 * A model's input at the cycle's start. Undefined for what follows from a prediction: its measurement
 * may lack, and then the range alone counts.
 */
function startValue(
  input: string,
  { skill, strategy, scope }: {
    readonly skill: LoweredModel["skill"];
    readonly strategy: Strategy;
    readonly scope: ProgramScope;
  },
): NodeId | undefined {
  // A delta model starts from no change at all.
  if (skill.kind === "delta") return undefined;
  const formulas = new Map(
    [...strategy.skills.values()].flatMap((one) =>
      one.type === "function"
        ? one.outputs.map(({ variable, formula }) => [variable, formula] as const)
        : []
    ),
  );
  const isLive = (name: string): boolean => {
    const formula = formulas.get(name);
    if (formula !== undefined) return namesIn(formula).every((use) => isLive(use.name));
    return strategy.variables.get(name)?.type !== "predicted";
  };
  return isLive(input) ? scope.measured(input) : undefined;
}

/**
 * x − relu(start − upper) + relu(lower − start): where a plant has drifted out of a range, it is kept
 * from going further out and may come back by the range's width, not held for good.
 */
function noFurtherOut(
  kept: KeptRange,
  { scope: { builder }, start }: {
    readonly scope: ProgramScope;
    readonly start: NodeId | undefined;
  },
): KeptRange {
  if (start === undefined) return kept;
  const above = builder.map("relu", builder.scaleBy(start, 1, -kept.upper));
  const below = builder.map("relu", builder.scaleBy(start, -1, kept.lower));
  return { ...kept, node: builder.add(builder.subtract(kept.node, above), below) };
}

/**
 * Mahalanobis distance², less what the measured point already has beyond the radius: a plant that
 * has drifted out of its models' distribution is kept from going further, not held for good.
 */
function beyondPresent(
  scope: ProgramScope,
  { skill, ellipsoid, inputs }: Pick<LoweredModel, "skill" | "inputs"> & {
    readonly ellipsoid: NonNullable<LoweredModel["model"]["ellipsoid"]>;
  },
): NodeId {
  const { builder } = scope;
  const distance = mahalanobisSquare(builder, ellipsoid, inputs);
  // A delta model's measured point is no change at all.
  const present = skill.kind === "delta"
    ? builder.fill(0, skill.inputs.length)
    : builder.concat(skill.inputs.map(scope.measured));
  const excess = builder.scaleBy(
    mahalanobisSquare(builder, ellipsoid, present),
    1,
    -(ellipsoid.radius ** 2),
  );
  return builder.subtract(distance, builder.map("relu", excess));
}

/** Whether any decision variable has an influence on a node. */
export function isMoved(scope: ProgramScope, node: NodeId): boolean {
  return movedBy(scope, [node]).size > 0;
}

/** Indices of the decision variables that have an influence on any of the nodes. */
export function movedBy(scope: ProgramScope, nodes: readonly NodeId[]): Set<number> {
  const { tape } = scope.builder.finish(nodes);
  return new Set(
    tape.instructions.flatMap((instruction) =>
      instruction.op === "input" ? [...instruction.indices] : []
    ),
  );
}
