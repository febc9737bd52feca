/** A new site's strategy.yaml: a comment on every field, numbers out of the plant data where there are any. */

import { durationText, parseDuration } from "../strategy/duration.ts";
import { writtenName } from "../strategy/formula_tokens.ts";
import type { SitePlan, SiteResult, SiteVariable } from "./site_plan.ts";
import { commented, scalar } from "./yaml_text.ts";

const MODEL = "response";

/** `schemaPath`: of the JSON Schema, from the site's folder; `origin`: where the numbers come from. */
export function strategyText(
  plan: SitePlan,
  { schemaPath, origin }: { readonly schemaPath: string; readonly origin: string },
): string {
  const { settings, values, results } = plan;
  return [
    `# yaml-language-server: $schema=${schemaPath}`,
    `# ${plan.name}: a skeleton that runs, made by deno task new-site.`,
    `# ${origin}`,
    "# Go through it with somebody who knows the plant before anybody follows a recommendation:",
    "# bounds, moves and limits first. deno task validate FILE checks it, deno task explain FILE tells",
    "# what it will do. Every key: strategies/README.md.",
    `name: ${plan.name}`,
    "",
    "variables:",
    "  # Settings: what the optimizer may move.",
    ...settings.flatMap((setting) => settingLines(setting, plan)),
    ...(values.length === 0 ? [] : [
      "",
      "  # Values that are only read. on_bad: what takes the place of a bad value; without it the cycle",
      "  # is held.",
      ...values.map((value) => valueLine(value, { plan, onBad: "{ last_good: 1h }" })),
    ]),
    ...(results.length === 0 ? [] : [
      "",
      "  # Results as they are measured, and below what is expected of them at other settings.",
      ...results.map((result) => valueLine(result, { plan, onBad: "last_good" })),
      ...results.map(({ expected, unit }) =>
        `  ${key(expected)}: { type: calculated, unit: ${scalar(unit)} }`
      ),
    ]),
    ...(plan.objective === undefined ? ['  off_middle: { type: calculated, unit: "" }'] : []),
    "",
    "skills:",
    ...responseLines(plan),
    ...limitLines(plan),
    ...optimizerLines(plan),
    "",
    "# What one cycle does, in order.",
    "tasks:",
    `  - { name: estimate, skill: ${MODEL} }`,
    "  - { name: optimise, skill: optimum }",
    ...(limited(plan).length === 0 ? [] : ["  - { name: check, skill: limits }"]),
    "",
  ].join("\n");
}

const key = scalar;
/** A setting that moves a result by less of its range than this does not answer to it. */
const LEAST_REACH = 0.01;

function settingLines({ name, unit, range, column }: SiteVariable, plan: SitePlan): string[] {
  const from = column === undefined ? "" : "; here the recorded range";
  const moves = column === undefined ? "" : "; here nine of ten recorded changes are smaller";
  return [
    `  ${key(name)}:`,
    commented("    type: operative", "a setting that we may move"),
    commented(`    unit: ${scalar(unit)}`, "checked wherever it meets other units"),
    commented(
      `    bounds: ${pair(range.bounds)}`,
      `hard, never crossed by a recommendation${from}`,
    ),
    commented(
      `    max_move: ${range.maxMove}`,
      `largest change in one cycle, from the measured value${moves}`,
    ),
    commented(`    deadband: ${range.deadband}`, "smaller changes are not recommended"),
    commented(`    resolution: ${range.resolution}`, "recommendations are multiples of this"),
    commented(`    valid: ${pair(range.valid)}`, "outside: a bad value"),
    commented(`    max_age: ${maxAge(plan, column)}`, "older: a bad value"),
    commented("    critical: true", "a bad value holds the cycle"),
  ];
}

function valueLine(
  { name, unit, range, column }: SiteVariable,
  { plan, onBad }: { readonly plan: SitePlan; readonly onBad: string },
): string {
  return `  ${key(name)}: { type: informative, unit: ${scalar(unit)}, valid: ${
    pair(range.valid)
  }, ` +
    `max_age: ${maxAge(plan, column)}, on_bad: ${onBad} }`;
}

function responseLines(plan: SitePlan): string[] {
  const { settings, values, results, objective } = plan;
  const outputs = results.flatMap((result) => expectedLines(result, plan));
  const middle = settings.map(({ name, range }) => {
    const half = Number(((range.bounds[1] - range.bounds[0]) / 2).toPrecision(6));
    return `((${writtenName(name)} - ${range.middle}) / ${half})^2`;
  });
  return [
    `  ${MODEL}:`,
    commented("    type: function", "formulas; measured(x) and change(x) know the cycle's start"),
    "    outputs:",
    ...outputs,
    ...(objective !== undefined ? [] : [
      "      # Until there is a price or a model: how far the settings are from the middle of their bounds.",
      `      off_middle: ${JSON.stringify(middle.join(" + "))}`,
    ]),
    ...(results.length === 0 ? [] : [
      "  # A trained model in place of the formulas (train_with_sklearn.py or train_with_torch.py makes",
      "  # the two files). The expected variables above then are",
      "  #   { type: predicted, unit: …, measured_by: RESULT, bias: { filter: 0.3, limit: … } }",
      `  # ${MODEL}:`,
      "  #   type: model",
      `  #   file: models/${MODEL}.onnx`,
      `  #   scaler: scalers/${MODEL}.json`,
      `  #   inputs: [${[...settings, ...values].map(({ name }) => scalar(name)).join(", ")}]`,
      `  #   outputs: [${results.map(({ expected }) => scalar(expected)).join(", ")}]`,
      "  #   domain: keep            # stay inside the range that the model was trained on",
    ]),
  ];
}

/** The measured value, and what the moves of the settings add to it. */
function expectedLines({ name, expected, gains, range }: SiteResult, plan: SitePlan): string[] {
  const { settings } = plan;
  if (gains === undefined) {
    return [
      `      # No data tell how ${name} answers to the settings: write it here, as in`,
      `      # ${name} + 0.5 * change(${settings[0]?.name ?? ""}).`,
      `      ${key(expected)}: ${scalar(writtenName(name))}`,
    ];
  }
  const widthOf = ([low, high]: readonly [number, number]) => high - low;
  const terms = settings.flatMap((setting, i) => {
    const gain = gains.perUnit[i] ?? 0;
    const reach = Math.abs(gain) * widthOf(setting.range.bounds);
    if (reach < LEAST_REACH * widthOf(range.bounds)) return [];
    return ` ${gain < 0 ? "-" : "+"} ${Math.abs(gain)} * change(${writtenName(setting.name)})`;
  });
  return [
    `      # Gains by least squares over the recorded rows; with the other values they explain ` +
    `${Math.round(100 * gains.explained)} % of ${name}.`,
    `      ${key(expected)}: ${JSON.stringify(writtenName(name) + terms.join(""))}`,
  ];
}

/** Results that the objective does not speak of, with data to tell a range. */
function limited({ results, objective }: SitePlan): SiteResult[] {
  return results.filter(({ expected }) => !objective?.formula.includes(expected));
}

function limitLines(plan: SitePlan): string[] {
  const results = limited(plan);
  if (results.length === 0) return [];
  return [
    "",
    "  limits:",
    commented("    type: constraints", "min, max, both, between or equals"),
    "    constraints:",
    "      # rank: the order in which limits give when they are in conflict; 1 gives last, without: never.",
    ...results.map(({ name, expected, range }, i) =>
      `      ${key(name)}: { expression: ${scalar(writtenName(expected))}, ` +
      `between: ${pair(range.bounds)}, rank: ${i + 1} }`
    ),
  ];
}

function optimizerLines(plan: SitePlan): string[] {
  const { sense, formula } = plan.objective ?? { sense: "minimize", formula: "off_middle" };
  return [
    "",
    "  optimum:",
    commented("    type: optimizer", "finds the best settings inside the limits"),
    commented(`    ${sense}: ${scalar(formula)}`, "any formula; money is best"),
    ...(plan.objective === undefined
      ? []
      : [commented("    # unit: EUR/h", "of the objective; recommendations and prices show it")]),
    commented(`    model: ${MODEL}`, "what the program consists of"),
    ...(limited(plan).length === 0
      ? []
      : [commented("    subject_to: [limits]", "the limits that hold")]),
    "    solver: { tolerance: 1e-8, max_iterations: 200, time_limit: 5s, starts: 4 }",
  ];
}

function pair([low, high]: readonly [number, number]): string {
  return `[${low}, ${high}]`;
}

/** Three rows, or three times as long as a sparse column leaves between its values; at least 10 min. */
function maxAge({ rowSeconds }: SitePlan, column: SiteVariable["column"]): string {
  const filled = column === undefined
    ? 1
    : column.values.filter((value) => !Number.isNaN(value)).length / column.values.length;
  const minutes = Math.max(10, Math.ceil(3 * rowSeconds / Math.max(filled, 1e-3) / 60));
  return durationText(parseDuration(`${minutes}m`));
}
