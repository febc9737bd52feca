/** Random strategies as text, and random readings for them: what no engineer would think of. */

import { Random } from "./random.ts";

/** A live variable as the generator knows it. */
export interface RandomVariable {
  readonly name: string;
  readonly type: "operative" | "informative";
  readonly low: number;
  readonly high: number;
}

export interface RandomStrategy {
  readonly yaml: string;
  readonly variables: readonly RandomVariable[];
  /** True where the network takes part. */
  readonly hasModel: boolean;
}

/** Cycles are so far apart; rules on time are drawn around it. */
export const CYCLE_MS = 300_000;

export function randomStrategy(seed: number): RandomStrategy {
  const random = new Random(seed);
  const variables: RandomVariable[] = [];
  const add = (type: RandomVariable["type"], count: number) => {
    for (let i = 0; i < count; i++) {
      const low = random.uniform(-5, 20);
      const high = low + 10 ** random.uniform(-1, 1.5);
      variables.push({ name: `${type === "operative" ? "Set" : "Live"}${i}`, type, low, high });
    }
  };
  add("operative", random.whole(1, 4));
  add("informative", random.whole(0, 3));
  const settings = variables.filter(({ type }) => type === "operative");
  const hasModel = settings.length >= 2 && random.uniform() < 0.25;
  const hasGroup = settings.length >= 3 && random.uniform() < 0.4;
  const calculated = Array.from({ length: random.whole(1, 3) }, (_, i) => `calc${i}`);
  const predicted = hasModel ? ["Net0", "Net1"] : [];

  const lines = [
    `name: random ${seed}`,
    "variables:",
    ...variables.map((variable) => liveVariable(variable, { random, hasGroup })),
    ...calculated.map((name) => `  ${name}: { type: calculated, unit: "" }`),
    ...predicted.map((name) => `  ${name}: { type: predicted, unit: "" }`),
  ];
  if (hasGroup) {
    const members = settings.slice(0, 2).map(({ name }) => name);
    const mayShare = settings.slice(0, 2).every(({ low }) => low > 0);
    const share = random.pick(mayShare ? ["equal", "proportional"] : ["equal"]);
    lines.push("groups:", `  pair: { members: [${members.join(", ")}], share: ${share} }`);
  }
  if (random.uniform() < 0.1) {
    lines.push(`steady_state: { variables: [${variables[0]!.name}], max_wait: 10m }`);
  }
  lines.push("skills:", "  state:", "    type: function", "    outputs:");
  calculated.forEach((name, i) => {
    const known = [
      ...variables,
      ...calculated.slice(0, i).map(numbered),
      ...predicted.map(numbered),
    ];
    lines.push(`      ${name}: ${quoted(expression(known, random))}`);
  });
  if (hasModel) {
    const inputs = settings.slice(0, 2).map(({ name }) => name).join(", ");
    lines.push(
      "  net:",
      "    type: model",
      "    file: models/net.onnx",
      "    scaler: scalers/net.json",
      `    inputs: [${inputs}]`,
      `    outputs: [${predicted.join(", ")}]`,
      `    domain: ${random.pick(["warn", "ignore"])}`,
    );
  }
  lines.push(
    `  all: { type: composition, skills: [${hasModel ? "net, " : ""}state] }`,
    "  limits:",
    "    type: constraints",
    "    constraints:",
    ...Array.from(
      { length: random.whole(1, 4) },
      (_, i) => constraint(`limit ${i}`, { random, variables, calculated, predicted }),
    ),
    "  optimum:",
    "    type: optimizer",
    `    ${random.pick(["minimize", "maximize"])}: ${
      quoted(
        // One setting is always followed: without any the strategy would be refused.
        `${random.normal().toFixed(3)} * Set0 + ` +
          expression([...variables, ...calculated.map(numbered)], random),
      )
    }`,
    "    model: all",
    "    subject_to: [limits]",
    "    solver: { time_limit: 2s, starts: 1, max_iterations: 40 }",
    "tasks:",
    "  - { name: estimate, skill: all }",
    `  - { name: optimise, skill: optimum${
      random.uniform() < 0.2 ? condition(variables[0]!) : ""
    }` +
      `${random.uniform() < 0.2 ? ", on_failure: continue" : ""} }`,
    "  - { name: check, skill: limits }",
  );
  return { yaml: lines.join("\n") + "\n", variables, hasModel };
}

function liveVariable(
  { name, type, low, high }: RandomVariable,
  { random, hasGroup }: { readonly random: Random; readonly hasGroup: boolean },
): string {
  const width = high - low;
  const some = (share: number, text: () => string) => random.uniform() < share ? [text()] : [];
  const duration = (low: number, high: number) =>
    `${Math.round(random.uniform(low, high) * CYCLE_MS / 1000)}s`;
  const last = low - 0.2 * width;
  const keys = [
    `type: ${type}`,
    'unit: ""',
    ...type === "operative"
      ? [
        `bounds: [${low}, ${high}]`,
        ...some(0.7, () => {
          const up = random.uniform(0.01, 0.6) * width;
          return random.uniform() < 0.5
            ? `max_move: ${up}`
            : `max_move: { up: ${up}, down: ${random.uniform(0.01, 0.6) * width} }`;
        }),
        ...some(0.3, () => `deadband: ${0.005 * width}`),
        ...some(0.3, () => `resolution: ${10 ** Math.floor(Math.log10(width / 20))}`),
        ...some(hasGroup || name === "Set0" ? 0 : 0.1, () => "enabled: false"),
        ...some(
          0.1,
          () =>
            `operating_band: { range: [${low + 0.2 * width}, ${high - 0.2 * width}], penalty: 5 }`,
        ),
      ]
      : [],
    ...some(0.6, () => `valid: [${last}, ${high + 0.2 * width}]`),
    ...some(0.6, () => `max_age: ${duration(0.5, 2)}`),
    ...some(0.3, () => `frozen: ${duration(0.5, 1.5)}`),
    ...some(0.3, () => `max_change: ${random.uniform(0.1, 0.5) * width}`),
    ...random.uniform() < 0.15 ? ["critical: true"] : [
      `on_bad: ${
        random.pick([
          "hold",
          "last_good",
          `{ last_good: ${duration(0.5, 3)} }`,
          `{ default: ${random.uniform(low, high)} }`,
        ])
      }`,
    ],
  ];
  return `  ${name}: { ${keys.join(", ")} }`;
}

interface Named {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

function numbered(name: string): Named {
  return { name, low: -1, high: 1 };
}

/** A sum of a few terms, linear, curved, kinked and saturating; some of them of the change. */
function expression(known: readonly Named[], random: Random): string {
  const terms = Array.from({ length: random.whole(1, 4) }, () => {
    const { name, low, high } = random.pick(known);
    const other = random.pick(known).name;
    const centre = random.uniform(low, high).toFixed(3);
    const factor = random.normal().toFixed(3);
    const away = `(${name} - ${centre})`;
    return `${factor} * ` + random.pick([
      name,
      `${away}^2`,
      `${away} * tanh(${other})`,
      `tanh(${away})`,
      `exp(-${away}^2)`,
      `sin(${away})`,
      `abs(${away})`,
      `max(${name}, ${centre})`,
      `sqrt(1 + ${away}^2)`,
      ...(/^(Set|Live)/.test(name) ? [`change(${name})^2`, `measured(${name}) * ${other}`] : []),
    ]);
  });
  return terms.join(" + ");
}

function constraint(name: string, { random, variables, calculated, predicted }: {
  readonly random: Random;
  readonly variables: readonly RandomVariable[];
  readonly calculated: readonly string[];
  readonly predicted: readonly string[];
}): string {
  const known = [...variables, ...calculated.map(numbered), ...predicted.map(numbered)];
  const { name: of, low, high } = random.pick(known);
  const limit = random.uniform(low - 0.2 * (high - low), high + 0.2 * (high - low));
  const side = random.pick([
    `min: ${limit}`,
    `max: ${limit}`,
    `between: [${limit}, ${limit + random.uniform(0.1, 1) * (high - low)}]`,
  ]);
  const gives = random.pick([
    "",
    `, rank: ${random.whole(1, 4)}`,
    `, price: ${random.uniform(0.1, 20)}`,
  ]);
  const what = random.uniform() < 0.7 ? of : `${of} + 0.1 * ${random.pick(known).name}`;
  return `      ${name}: { expression: ${quoted(what)}, unit: "", ${side}${gives} }`;
}

function condition({ name, low, high }: RandomVariable): string {
  return `, when: ${quoted(`${name} > ${low + 0.3 * (high - low)}`)}`;
}

function quoted(formula: string): string {
  return JSON.stringify(formula);
}
