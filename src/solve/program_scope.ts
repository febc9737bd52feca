/** The tape under construction, with the node of every variable known so far. */

import type { NodeId } from "../model/tape.ts";
import { TapeBuilder } from "../model/tape_builder.ts";
import type { MovedSetting } from "../strategy/moved_settings.ts";
import type { Formula, Strategy } from "../strategy/strategy.ts";
import { type FormulaScope, lowerFormula } from "./lower_formula.ts";
import type { ParameterSource } from "./program.ts";

/** Resolves names to nodes of one element and hands out parameters as they are needed. */
export class ProgramScope implements FormulaScope {
  readonly builder = new TapeBuilder();
  readonly parameters: ParameterSource[] = [];
  readonly #strategy: Strategy;
  readonly #nodes = new Map<string, NodeId>();
  readonly #measured = new Map<string, NodeId>();
  readonly #formulas: ReadonlyMap<string, Formula>;

  /** `decisions` are in the order of the program's variables. */
  constructor(strategy: Strategy, decisions: readonly MovedSetting[]) {
    this.#strategy = strategy;
    this.#formulas = new Map(
      [...strategy.skills.values()].flatMap((skill) =>
        skill.type === "function"
          ? skill.outputs.map(({ variable, formula }) => [variable, formula] as const)
          : []
      ),
    );
    decisions.forEach(({ members, share }, i) => {
      const input = this.builder.input([i]);
      const nodes = members.length === 1 ? [input] : this.#sharedOut(input, { members, share });
      members.forEach(({ name }, k) => this.#nodes.set(name, nodes[k] ?? input));
    });
  }

  /** Variables that skills have produced so far, with the nodes of their values. */
  readonly produced = new Map<string, NodeId>();

  /** Gives a calculated or predicted variable its value. */
  produce(name: string, node: NodeId): void {
    this.#nodes.set(name, node);
    this.produced.set(name, node);
  }

  readonly variable = (name: string): NodeId => {
    const known = this.#nodes.get(name);
    if (known !== undefined) return known;
    const type = this.#strategy.variables.get(name)?.type;
    if (type !== "operative" && type !== "informative") {
      throw new ReferenceError(
        `"${name}" has no value yet where it is used; a validated strategy produces it before`,
      );
    }
    const node = this.#parameter({ kind: "value", variable: name });
    this.#nodes.set(name, node);
    return node;
  };

  /** What a calculated variable was at the cycle's start is its formula over measured values. */
  readonly measured = (name: string): NodeId => {
    const known = this.#measured.get(name);
    if (known !== undefined) return known;
    const formula = this.#formulas.get(name);
    const node = formula === undefined
      ? this.#parameter({ kind: "measured", variable: name })
      : lowerFormula(formula, {
        builder: this.builder,
        variable: this.measured,
        measured: this.measured,
      });
    this.#measured.set(name, node);
    return node;
  };

  /** The bias parameter of a predicted variable that declares one, else undefined. */
  bias(name: string): NodeId | undefined {
    const variable = this.#strategy.variables.get(name);
    if (variable?.type !== "predicted" || variable.bias === undefined) return undefined;
    return this.#parameter({ kind: "bias", variable: name });
  }

  /** Each member of a group as shareOut in strategy/share_out.ts has it, without its limits. */
  #sharedOut(
    total: NodeId,
    { members, share }: Pick<MovedSetting, "members" | "share">,
  ): NodeId[] {
    const { builder } = this;
    const measured = members.map(({ name }) => this.measured(name));
    const before = builder.sum(builder.concat(measured), measured.length);
    if (share === "proportional") {
      return measured.map((node) => builder.product(total, builder.divide(node, before)));
    }
    const change = builder.scaleBy(builder.subtract(total, before), 1 / members.length);
    return measured.map((node) => builder.add(node, change));
  }

  #parameter(source: ParameterSource): NodeId {
    const index = this.parameters.findIndex((known) =>
      known.kind === source.kind && known.variable === source.variable
    );
    if (index !== -1) return this.builder.parameter([index]);
    return this.builder.parameter([this.parameters.push(source) - 1]);
  }
}
