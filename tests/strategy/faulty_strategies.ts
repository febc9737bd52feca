/**
 * Faulty strategies: the sample with one edit each. In the new text «‸» marks the place that the
 * problem must point at; it is taken out before the strategy is read.
 */

export interface FaultyStrategy {
  readonly name: string;
  /** What is replaced (its first occurrence) and by what; several edits in one strategy. */
  readonly edits: readonly (readonly [string, string])[];
  /** Part of the message of each problem, in the order of the text; there must be no other. */
  readonly messages: readonly string[];
  /** Part of the hint or of what was expected, of the first problem. */
  readonly cure?: string;
}

export const faultyStrategies: readonly FaultyStrategy[] = [
  // Keys and values.
  {
    name: "a mistyped key",
    edits: [["deadband:", "‸deadbnd:"]],
    messages: ['Unknown key "deadbnd"'],
    cure: 'Did you mean "deadband"?',
  },
  {
    name: "a key of another variable type",
    edits: [["heat: { type: calculated,", "heat: { type: calculated, ‸bounds: [1, 2],"]],
    messages: ['Unknown key "bounds"'],
  },
  {
    name: "an unknown key at the top",
    edits: [["tasks:", "‸extras: 1\ntasks:"]],
    messages: ['Unknown key "extras"'],
    cure: "one of name, description, variables",
  },
  {
    name: "an unknown key in bias",
    edits: [["filter: 0.3, limit", "‸filer: 0.3, filter: 0.3, limit"]],
    messages: ['Unknown key "filer"'],
    cure: 'Did you mean "filter"?',
  },
  {
    name: "an unknown key in solver",
    edits: [["tolerance: 1e-8", "tolerance: 1e-8, ‸tol: 1"]],
    messages: ['Unknown key "tol"'],
  },
  {
    name: "an unknown key in a constraint",
    edits: [["max: 1.5, rank", "max: 1.5, ‸ranks: 2, rank"]],
    messages: ['Unknown key "ranks"'],
    cure: 'Did you mean "rank"?',
  },
  {
    name: "an unknown key in a task",
    edits: [["name: check, skill", "name: check, ‸whence: always, skill"]],
    messages: ['Unknown key "whence"'],
  },
  {
    name: "an unknown variable type",
    edits: [["Fan: { type: operative", "Fan: { type: ‸manipulated"]],
    messages: ['Unknown type "manipulated"'],
    cure: "operative, informative, calculated, predicted",
  },
  {
    name: "a mistyped variable type",
    edits: [["Fan: { type: operative", "Fan: { type: ‸operativ"]],
    messages: ['Unknown type "operativ"'],
    cure: 'Did you mean "operative"?',
  },
  {
    name: "a mistyped skill type",
    edits: [["type: composition", "type: ‸compositon"]],
    messages: ['Unknown type "compositon"'],
    cure: 'Did you mean "composition"?',
  },
  {
    name: "a variable without type",
    edits: [["  Fan: { type: operative, unit", "  ‸Fan: { unit"]],
    messages: ['"type" is missing'],
  },
  {
    name: "a variable without unit",
    edits: [["heat: { type: calculated, unit: kcal/kg }", "‸heat: { type: calculated }"]],
    messages: ['"unit" is missing'],
  },
  {
    name: "an operative variable without bounds",
    edits: [["bounds: [900, 1300], ", ""], ["  Fan:", "  ‸Fan:"]],
    messages: ['"bounds" is missing'],
    cure: "two numbers",
  },
  {
    name: "a skill without file",
    edits: [["    file: models/drive.onnx\n", ""], ["  drive:", "  ‸drive:"]],
    messages: ['"file" is missing'],
  },
  {
    name: "a strategy without name",
    edits: [["name: sample kiln", "‸description: a"], [
      "description: A kiln with one model of each kind\n",
      "",
    ]],
    messages: ['"name" is missing'],
  },
  {
    name: "a text for a number",
    edits: [["deadband: 0.02", "deadband: ‸small"]],
    messages: ['"deadband" is "small"'],
    cure: "a number",
  },
  {
    name: "a number with a decimal comma",
    edits: [["deadband: 0.02", "deadband: ‸0,02"]],
    messages: ['"deadband" is "0,02"'],
  },
  {
    name: "a negative deadband",
    edits: [["deadband: 0.02", "deadband: ‸-0.02"]],
    messages: ['"deadband" is -0.02'],
  },
  {
    name: "a negative move limit",
    edits: [["max_move: 10", "max_move: ‸-10"]],
    messages: ['"max_move" is -10'],
    cure: "a number of 0 or more",
  },
  {
    name: "a move limit for one direction only",
    edits: [["{ up: 0.4, down: 0.2 }", "‸{ up: 0.4 }"]],
    messages: ['"max_move" is a mapping'],
  },
  {
    name: "a resolution of 0",
    edits: [["resolution: 0.01", "resolution: ‸0"]],
    messages: ['"resolution" is 0'],
  },
  {
    name: "bounds of one number",
    edits: [["bounds: [5, 12]", "bounds: ‸[5]"]],
    messages: ['"bounds" is a list of 1'],
  },
  {
    name: "bounds of three numbers",
    edits: [["bounds: [5, 12]", "bounds: ‸[5, 8, 12]"]],
    messages: ['"bounds" is a list of 3'],
  },
  {
    name: "a bound that is no number",
    edits: [["bounds: [5, 12]", "bounds: [5, ‸high]"]],
    messages: ['"bounds[1]" is "high"'],
  },
  {
    name: "an infinite bound",
    edits: [["bounds: [5, 12]", "bounds: [5, ‸.inf]"]],
    messages: ['"bounds[1]" is Infinity'],
  },
  {
    name: "a duration without unit",
    edits: [["average: 15m", "average: ‸15"]],
    messages: ['"average" is 15'],
    cure: "10m",
  },
  {
    name: "a duration in words",
    edits: [["average: 15m", "average: ‸15 minutes"]],
    messages: ['"average" is "15 minutes"'],
  },
  {
    name: "a negative duration",
    edits: [["max_age: 8h", "max_age: ‸-8h"]],
    messages: ['"max_age" is "-8h"'],
  },
  {
    name: "an unknown rule for bad values",
    edits: [["on_bad: { last_good: 30m }", "on_bad: ‸ignore"]],
    messages: ['"on_bad" is "ignore"'],
    cure: "last_good, hold",
  },
  {
    name: "a default that is a text",
    edits: [["on_bad: { default: 1.2 }", "on_bad: ‸{ default: low }"]],
    messages: ['"on_bad" is a mapping'],
  },
  {
    name: "yes for true",
    edits: [["critical: true", "critical: ‸yes"]],
    messages: ['"critical" is "yes"'],
    cure: "true or false",
  },
  { name: "a filter above 1", edits: [["filter: 0.3", "filter: ‸3"]], messages: ['"filter" is 3'] },
  { name: "a rank of 0", edits: [["rank: 1 }", "rank: ‸0 }"]], messages: ['"rank" is 0'] },
  {
    name: "a rank with a fraction",
    edits: [["rank: 1 }", "rank: ‸1.5 }"]],
    messages: ['"rank" is 1.5'],
  },
  {
    name: "an unknown domain rule",
    edits: [["domain: keep", "domain: ‸inside"]],
    messages: ['"domain" is "inside"'],
    cure: "keep, warn or ignore",
  },
  {
    name: "a path out of the bundle",
    edits: [["file: models/drive.onnx", "file: ‸../drive.onnx"]],
    messages: ['"file" is "../drive.onnx"'],
  },
  {
    name: "an absolute path",
    edits: [["file: models/drive.onnx", "file: ‸/models/drive.onnx"]],
    messages: ['"file" is "/models/drive.onnx"'],
  },
  {
    name: "a model without inputs",
    edits: [["inputs: [Coal, Fan]", "inputs: ‸[]"]],
    messages: ['"inputs" is a list of 0'],
  },
  {
    name: "a tolerance of 0",
    edits: [["tolerance: 1e-8", "tolerance: ‸0"]],
    messages: ['"tolerance" is 0'],
  },
  {
    name: "no iterations",
    edits: [["max_iterations: 200", "max_iterations: ‸0"]],
    messages: ['"max_iterations" is 0'],
  },
  {
    name: "a list for a mapping",
    edits: [["heat: { type: calculated, unit: kcal/kg }", "heat: ‸[calculated]"]],
    messages: ['"heat" is a list of 1'],
  },
  {
    name: "a variable without anything",
    edits: [["heat: { type: calculated, unit: kcal/kg }", "‸heat:"]],
    messages: ['"heat" has no value'],
  },
  {
    name: "a name with a backtick",
    edits: [["  FIC-101.PV:", '  ‸"FIC`101":']],
    messages: ['"FIC`101" cannot be a name'],
  },
  {
    name: "tasks that are no list",
    edits: [["tasks:\n", "tasks: ‸none\n"], [
      "  - { name: estimate, skill: state }\n  - { name: optimise, skill: optimum }\n  - { name: check, skill: limits }\n",
      "",
    ]],
    messages: ['"tasks" is "none"'],
    cure: "a list",
  },
  {
    name: "no tasks",
    edits: [["tasks:\n", "‸tasks: []\n"], [
      "  - { name: estimate, skill: state }\n  - { name: optimise, skill: optimum }\n  - { name: check, skill: limits }\n",
      "",
    ]],
    messages: ["The strategy has no tasks"],
  },
  {
    name: "a task without skill",
    edits: [["- { name: check, skill: limits }", "- ‸{ name: check }"]],
    messages: ['"skill" is missing'],
  },
  // YAML.
  {
    name: "a key that stands twice",
    edits: [["    deadband: 0.02\n", "    deadband: 0.02\n    ‸deadband: 0.03\n"]],
    messages: ['"deadband" stands here a second time'],
    cure: "line 9",
  },
  {
    name: "a variable that stands twice",
    edits: [["  clinker:", "  Fan: { type: calculated, unit: t/h }\n  clinker:"], [
      "  Fan: { type: calc",
      "  ‸Fan: { type: calc",
    ]],
    messages: ['"Fan" stands here a second time'],
  },
  {
    name: "an alias without anchor",
    edits: [["Fan: { type", "Fan: { description: ‸*fan, type"]],
    messages: ['No anchor "&fan"'],
  },
  {
    name: "a tag of a language",
    edits: [["deadband: 0.02", "deadband: ‸!!js/function 0.02"]],
    messages: ["This is not YAML"],
  },
  {
    name: "a second document",
    edits: [["tasks:", "‸---\ntasks:"]],
    messages: ["A second document starts here"],
  },
  {
    name: "an open bracket",
    edits: [["outputs: [Power]", "outputs: [Power"], ["  money: {", "  ‸money: {"]],
    messages: ["This is not YAML"],
  },
  // Variables.
  {
    name: "bounds upside down",
    edits: [["bounds: [5, 12]", "bounds: ‸[12, 5]"]],
    messages: ["The lower bound 12 is not below the upper bound 5"],
    cure: "Write [5, 12]",
  },
  {
    name: "equal bounds",
    edits: [["bounds: [5, 12]", "bounds: ‸[5, 5]"]],
    messages: ["The lower bound 5 is not below the upper bound 5"],
    cure: "enabled: false",
  },
  {
    name: "no move at all",
    edits: [["max_move: 10", "max_move: ‸0"]],
    messages: ["max_move allows no move at all"],
    cure: "enabled: false",
  },
  {
    name: "a deadband above the move limit",
    edits: [["deadband: 0.02", "deadband: ‸0.5"]],
    messages: ["The deadband 0.5 is larger than max_move"],
    cure: "at most 0.4 t/h",
  },
  {
    name: "a resolution wider than the bounds",
    edits: [["resolution: 0.01", "resolution: ‸10"]],
    messages: ["The resolution 10 is larger than the distance 7"],
  },
  {
    name: "a valid range outside the bounds",
    edits: [["valid: [4, 13]", "valid: ‸[20, 30]"]],
    messages: ["No valid value lies inside the bounds"],
  },
  {
    name: "a valid range upside down",
    edits: [["valid: [20, 140]", "valid: ‸[140, 20]"]],
    messages: ["The lowest valid value 140 is not below the highest 20"],
    cure: "Write [20, 140]",
  },
  {
    name: "a default that is not valid",
    edits: [["on_bad: { default: 1.2 }", "valid: [0, 1], on_bad: { default: ‸1.2 }"]],
    messages: ["The default 1.2 is itself not valid"],
    cure: "from 0 to 1",
  },
  {
    name: "a critical value with a default",
    edits: [["on_bad: { default: 1.2 }", "critical: ‸true, on_bad: { default: 1.2 }"]],
    messages: ["its default is never used"],
  },
  {
    name: "a maximum age of no time",
    edits: [["average: 15m", "average: ‸0m"]],
    messages: ['"average" is no time at all'],
  },
  {
    name: "a bias without measurement",
    edits: [["    measured_by: LAB_lime\n    bias", "    ‸bias"]],
    messages: ["A bias needs a measurement"],
    cure: "measured_by",
  },
  {
    name: "a calculated variable that nothing produces",
    edits: [["  clinker: {", "  ‸ash: { type: calculated, unit: kg }\n  clinker: {"]],
    messages: ['Nothing produces "ash"'],
    cure: "a function skill",
  },
  {
    name: "a predicted variable that nothing produces",
    edits: [["  clinker: {", "  ‸NOx: { type: predicted, unit: ppm }\n  clinker: {"]],
    messages: ['Nothing produces "NOx"'],
    cure: "a model skill",
  },
  // Names.
  {
    name: "an unknown variable in a formula",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * ‸Fed"]],
    messages: ['Unknown variable "Fed"'],
    cure: 'Did you mean "Feed"?',
  },
  {
    name: "an unknown variable in the short form of a function",
    edits: [['"90 * Coal + 0.1', '"90 * ‸Coa + 0.1']],
    messages: ['Unknown variable "Coa"'],
    cure: 'Did you mean "Coal"?',
  },
  {
    name: "an unknown variable in a folded formula",
    edits: [["heat: Coal * 6500 / clinker", "heat: >-\n        Coal\n        * 6500 / ‸klinker"]],
    messages: ['Unknown variable "klinker"'],
  },
  {
    name: "an unknown variable between backticks",
    edits: [["clinker: 0.62 * Feed", 'clinker: "0.62 * Feed + ‸`FIC-102.PV`"']],
    messages: ['Unknown variable "FIC-102.PV"'],
    cure: 'Did you mean "FIC-101.PV"?',
  },
  {
    name: "an unknown input of a model",
    edits: [["inputs: [Coal, Fan]", "inputs: [Coal, ‸Fam]"]],
    messages: ['Unknown variable "Fam"'],
    cure: 'Did you mean "Fan"?',
  },
  {
    name: "an unknown output of a model",
    edits: [["outputs: [Power]", "outputs: [‸Powers]"], ["  Power: {", "  Power: {"]],
    messages: ['Unknown variable "Powers"'],
  },
  {
    name: "an unknown skill in a composition",
    edits: [["skills: [balance, quality,", "skills: [balance, ‸qualty,"]],
    messages: ['Unknown skill "qualty"'],
    cure: 'Did you mean "quality"?',
  },
  {
    name: "an unknown skill in a task",
    edits: [["skill: optimum", "skill: ‸optimun"]],
    messages: ['Unknown skill "optimun"'],
    cure: 'Did you mean "optimum"?',
  },
  {
    name: "an unknown model of an optimizer",
    edits: [["model: state", "model: ‸stat"]],
    messages: ['Unknown skill "stat"'],
  },
  {
    name: "unknown limits of an optimizer",
    edits: [["subject_to: [limits]", "subject_to: [‸limit]"]],
    messages: ['Unknown skill "limit"'],
  },
  {
    name: "a repeated input",
    edits: [["inputs: [Coal, Fan]", "inputs: [Coal, Fan, ‸Coal]"]],
    messages: ['"Coal" stands here a second time'],
  },
  {
    name: "two tasks of one name",
    edits: [["name: check", "name: ‸estimate"]],
    messages: ['A second task is named "estimate"'],
  },
  {
    name: "a model that produces a calculated variable",
    edits: [["outputs: [Lime]", "outputs: [Lime, ‸cost]"]],
    messages: [
      'The model produces "cost", which is a calculated variable',
      '"cost" is already produced by "quality"',
    ],
  },
  {
    name: "a function that produces an informative variable",
    edits: [["      clinker: 0.62", "      ‸Feed: 1\n      clinker: 0.62"]],
    messages: ['The function produces "Feed", which is an informative variable'],
  },
  {
    name: "constraints as an optimizer's model",
    edits: [["model: state", "model: ‸limits"]],
    messages: ['"limits" is a constraints skill'],
  },
  {
    name: "a model among the limits",
    edits: [["subject_to: [limits]", "subject_to: [limits, ‸drive]"]],
    messages: ['"drive" is a model skill'],
  },
  {
    name: "an optimizer in a composition",
    edits: [["drive, money]", "drive, money, ‸optimum]"]],
    messages: ['"optimum" is an optimizer skill'],
  },
  // Shapes of skills.
  {
    name: "a function without formula",
    edits: [[
      'money: { type: function, output: cost, formula: "90 * Coal + 0.1 * Power" }',
      "‸money: { type: function }",
    ]],
    messages: ["The function has no formula"],
  },
  {
    name: "a function with an output and no formula",
    edits: [[', formula: "90 * Coal + 0.1 * Power"', ""], ["money: {", "‸money: {"]],
    messages: ['"formula" is missing'],
  },
  {
    name: "a constraint that limits nothing",
    edits: [[
      "lime: { expression: Lime, max: 1.5, rank: 1 }",
      "‸lime: { expression: Lime, rank: 1 }",
    ]],
    messages: ['"lime" limits nothing'],
  },
  {
    name: "a constraint limited in two ways",
    edits: [[
      "      lime: { expression: Lime, max: 1.5,",
      "      ‸lime: { expression: Lime, max: 1.5, equals: 1,",
    ]],
    messages: ['"lime" is limited in several ways'],
  },
  {
    name: "a constraint with min above max",
    edits: [[
      "fan speed: { expression: change(Fan) / 10, min: -1",
      "‸fan speed: { expression: change(Fan) / 10, min: 2",
    ]],
    messages: ["lowest value 2 above its highest 1"],
  },
  {
    name: "between upside down",
    edits: [[
      "      heat: { expression: heat, between: [600, 1400]",
      "      ‸heat: { expression: heat, between: [1400, 600]",
    ]],
    messages: ["lowest value 1400 above its highest 600"],
  },
  {
    name: "an optimizer without objective",
    edits: [["  optimum:", "  ‸optimum:"], ["    minimize: cost\n", ""]],
    messages: ["The optimizer has no objective"],
  },
  {
    name: "an optimizer with two objectives",
    edits: [["    minimize: cost\n", "    minimize: cost\n    ‸maximize: Lime\n"]],
    messages: ["The optimizer has two objectives"],
  },
  // Formulas.
  {
    name: "a formula that ends early",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 *‸"]],
    messages: ["The formula ends too early"],
  },
  {
    name: "a bracket too many",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * Feed‸)"]],
    messages: ['Unexpected ")"'],
  },
  {
    name: "a bracket too few",
    edits: [["clinker: 0.62 * Feed", "clinker: (0.62 * Feed‸"]],
    messages: ["The formula ends too early"],
  },
  {
    name: "two names side by side",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 ‸Feed"]],
    messages: ['Unexpected "Feed"'],
    cure: 'Write "*"',
  },
  {
    name: "a decimal comma in a formula",
    edits: [["clinker: 0.62 * Feed", "clinker: 0‸,62 * Feed"]],
    messages: ['Unexpected ","'],
    cure: "decimal point",
  },
  {
    name: "a single equals sign",
    edits: [["clinker: 0.62 * Feed", "clinker: if(Feed ‸= 3, 1, 2)"]],
    messages: ['"=" means nothing'],
    cure: '"=="',
  },
  {
    name: "a power as in Python",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 *‸* Feed"]],
    messages: ['Unexpected "*"'],
    cure: '"^"',
  },
  {
    name: "a tag with a dot",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * Feed‸.PV"]],
    messages: ['"." means nothing'],
    cure: "backticks",
  },
  {
    name: "a tag with a dash",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * ‸FIC-101 * Feed"]],
    messages: ['Unknown variable "FIC"'],
  },
  {
    name: "an unknown function",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸maxx(0.62 * Feed, 1)"]],
    messages: ['Unknown function "maxx"'],
    cure: 'Did you mean "max"?',
  },
  {
    name: "an argument too few",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸if(Feed > 3, 1)"]],
    messages: ["if() was given 2 arguments"],
    cure: "if(condition, then, otherwise)",
  },
  {
    name: "an argument too many",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸sqrt(Feed, 1)"]],
    messages: ["sqrt() was given 2 arguments"],
  },
  {
    name: "measured of a formula",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸measured(2 * Feed)"]],
    messages: ["measured() takes the name of one variable"],
  },
  {
    name: "a table that goes back",
    edits: [["clinker: 0.62 * Feed", "clinker: interpolate(Feed, 1, 2, ‸1, 3)"]],
    messages: ["interpolate() goes back from 1 to 1"],
  },
  {
    name: "a table with a variable",
    edits: [["clinker: 0.62 * Feed", "clinker: interpolate(Feed, 1, 2, ‸Feed, 3)"]],
    messages: ["A point of interpolate() is not a number"],
  },
  {
    name: "a table without its last y",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸interpolate(Feed, 1, 2, 3, 4, 5)"]],
    messages: ["an x without its y"],
  },
  {
    name: "clip with its limits swapped",
    edits: [["clinker: 0.62 * Feed", "clinker: clip(Feed, ‸5, 1)"]],
    messages: ["its lowest value 5 above its highest 1"],
  },
  {
    name: "division by nothing",
    edits: [["clinker: 0.62 * Feed", "clinker: Feed / ‸0"]],
    messages: ["Division by 0"],
  },
  {
    name: "a number too large",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸1e999 * Feed"]],
    messages: ["The number is too large"],
  },
  {
    name: "a chain of comparisons",
    edits: [["clinker: 0.62 * Feed", "clinker: if(1 < Feed ‸< 3, 1, 2)"]],
    messages: ['Unexpected "<"'],
    cure: "two values at a time",
  },
  {
    name: "an escaped quote before the fault",
    edits: [['"90 * Coal + 0.1 * Power"', '"90 * Coal + \\t 0.1 * ‸Powr"']],
    messages: ['Unknown variable "Powr"'],
  },
  {
    name: "measured of what nothing measures",
    edits: [[
      "  Power: { type: predicted, unit: kW, measured_by: Power_meter }",
      "  Power: { type: predicted, unit: kW }",
    ], ["outputs: [Power]", "outputs: [‸Power]"]],
    messages: ['"Power" has no measured value to start from'],
  },
  {
    name: "measured of a calculated variable behind which nothing is measured",
    edits: [["    kind: delta\n", ""], ["measured_by: Power_meter }", "description: no meter }"], [
      "change(Fan) / 10",
      "measured(‸cost) / 10",
    ]],
    messages: ['"cost" has no measured value: it uses "Power"'],
  },
  {
    name: "a bias of a delta model's output",
    edits: [[
      "measured_by: Power_meter }",
      "measured_by: Power_meter, ‸bias: { filter: 1, limit: 5 } }",
    ]],
    messages: ["its bias is always 0"],
  },
  // The flow of values.
  {
    name: "a value used before it is produced",
    edits: [[
      "      clinker: 0.62 * Feed\n      heat: Coal * 6500 / clinker",
      "      heat: Coal * 6500 / ‸clinker\n      clinker: 0.62 * Feed",
    ]],
    messages: ['"clinker" is used before "balance" produces it'],
  },
  {
    name: "a model that runs before its input is there",
    edits: [["skills: [balance, quality,", "skills: [quality, balance,"], [
      "inputs: [Coal, Feed, heat]",
      "inputs: [Coal, Feed, ‸heat]",
    ]],
    messages: ['"heat" is used before "balance" produces it'],
    cure: "earlier in the chain",
  },
  {
    name: "a value that the optimizer's model leaves out",
    edits: [["model: state", "model: drive"], ["minimize: cost", "minimize: ‸cost + 0.1 * Power"], [
      "subject_to: [limits]",
      "subject_to: []",
    ]],
    messages: ['"cost" is used, but "money", which produces it, does not run in "drive"'],
  },
  {
    name: "a formula that needs itself",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * Feed + ‸clinker"]],
    messages: ['"clinker" needs its own value'],
  },
  {
    name: "formulas that need each other",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * Feed + 2 * heat"], [
      "heat: Coal * 6500 / clinker",
      "heat: Coal * 6500 / ‸clinker",
    ]],
    messages: ['"clinker" needs its own value: clinker → heat → clinker'],
  },
  {
    name: "a composition that contains itself",
    edits: [["drive, money]", "drive, money, ‸state]"]],
    messages: ["The composition contains itself: state → state"],
  },
  {
    name: "compositions that contain each other",
    edits: [["drive, money]", "drive, money, more]"], [
      "  limits:\n",
      "  more: { type: composition, skills: [‸state] }\n  limits:\n",
    ]],
    messages: ["The composition contains itself: state → more → state"],
  },
  {
    name: "an output produced by two skills",
    edits: [[
      "  state: {",
      "  again: { type: function, output: ‸cost, formula: 90 * Coal }\n  state: {",
    ]],
    messages: ['"cost" is already produced by "money"'],
  },
  {
    name: "an objective that no setting moves",
    edits: [["minimize: cost", "minimize: ‸2 * clinker"]],
    messages: ["No operative variable has any influence on the objective"],
  },
  {
    name: "nothing to move",
    edits: [["enabled: true", "enabled: false"], [
      "    critical: true\n",
      "    critical: true\n    enabled: false\n",
    ], ["  optimum:", "  ‸optimum:"]],
    messages: ["The optimizer has nothing to move"],
  },
  {
    name: "limits with the same name in two skills",
    edits: [[
      "  optimum:",
      "  more: { type: constraints, constraints: { lime: { expression: Lime, min: 0.1 } } }\n  optimum:",
    ], ["subject_to: [limits]", "subject_to: [limits, ‸more]"]],
    messages: ['"limits" and "more" both have a limit named "lime"'],
  },
  {
    name: "faults of every kind at once",
    edits: [
      ["deadband:", "‸deadbnd:"],
      ["average: 15m", "average: 15"],
      ["clinker: 0.62 * Feed", "clinker: 0.62 * Fed"],
      ["bounds: [900, 1300]", "bounds: [1300, 900]"],
      ["skill: limits", "skill: limit"],
    ],
    messages: [
      'Unknown key "deadbnd"',
      "The lower bound 1300",
      '"average" is 15',
      'Unknown variable "Fed"',
      'Unknown skill "limit"',
    ],
  },
];
