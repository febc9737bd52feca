/** `domain: keep`: the program stays inside the range that its models were trained on. */

import { mahalanobisSquare } from "../model/domain.ts";
import type { NodeId } from "../model/tape.ts";
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
      if (scope.builder.instruction(node).op === "input") boxes.set(input, kept);
    });
  }
  const rows = [...ranges.values()].filter(({ node }) =>
    scope.builder.instruction(node).op !== "input"
  );
  return { boxes, rows, problems };
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
