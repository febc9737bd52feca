/** A skill lowered to the tape: its formulas and models in the order in which they run. */

import { lowerModel, type PredictionModel } from "../model/prediction_model.ts";
import type { NodeId } from "../model/tape.ts";
import type { ModelSkill, Skill, Strategy } from "../strategy/strategy.ts";
import { lowerFormula } from "./lower_formula.ts";
import type { ProgramScope } from "./program_scope.ts";

/** What lowering a skill needs beside the skill. */
export interface SkillLowering {
  readonly strategy: Strategy;
  readonly models: ReadonlyMap<string, PredictionModel>;
  readonly scope: ProgramScope;
}

/** A model as it stands on the tape: its skill and the node of the inputs as the network sees them. */
export interface LoweredModel {
  readonly skill: ModelSkill;
  readonly model: PredictionModel;
  /** One element per input, in engineering units; changes for a delta model. */
  readonly inputs: NodeId;
}

/** Lowers a model, function or composition; every variable that it produces is then in the scope. */
export function lowerSkill(skill: Skill, lowering: SkillLowering): LoweredModel[] {
  const { strategy, scope } = lowering;
  switch (skill.type) {
    case "model":
      return [lowerModelSkill(skill, lowering)];
    case "function":
      for (const { variable, formula } of skill.outputs) {
        scope.produce(variable, lowerFormula(formula, scope));
      }
      return [];
    case "composition":
      return skill.skills.flatMap((name) => lowerSkill(skillNamed(strategy, name), lowering));
    case "constraints":
    case "optimizer":
      throw new TypeError(`Skill "${skill.name}" of type ${skill.type} computes no variables`);
  }
}

/** A skill of a validated strategy; throws a ReferenceError for a name that it does not have. */
export function skillNamed(strategy: Strategy, name: string): Skill {
  const skill = strategy.skills.get(name);
  if (skill === undefined) {
    throw new ReferenceError(`Strategy "${strategy.name}" has no skill "${name}"`);
  }
  return skill;
}

/** prediction = model(inputs) + bias, or measured + model(changes) for a delta model. */
function lowerModelSkill(skill: ModelSkill, { models, scope }: SkillLowering): LoweredModel {
  const model = models.get(skill.name);
  if (model === undefined) {
    throw new ReferenceError(`No model was loaded for skill "${skill.name}" (${skill.file})`);
  }
  const { builder } = scope;
  const now = builder.concat(skill.inputs.map(scope.variable));
  const inputs = skill.kind === "delta"
    ? builder.subtract(now, builder.concat(skill.inputs.map(scope.measured)))
    : now;
  let outputs = lowerModel(model, builder, inputs);
  if (skill.kind === "delta") {
    outputs = builder.add(outputs, builder.concat(skill.outputs.map(scope.measured)));
  }
  const bias = skill.outputs.map((name) => scope.bias(name));
  if (bias.some((node) => node !== undefined)) {
    const none = builder.constant([0]);
    outputs = builder.add(outputs, builder.concat(bias.map((node) => node ?? none)));
  }
  skill.outputs.forEach((name, i) => scope.produce(name, builder.gather(outputs, [i])));
  return { skill, model, inputs };
}
