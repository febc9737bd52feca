/**
 * Faulty strategies: the sample with one edit each. In the new text «‸» marks the place that the
 * problem must point at; it is taken out before the strategy is read.
 */

export interface FaultyStrategy {
  readonly name: string;
  /** What is replaced (its first occurrence) and by what; several edits in one strategy. */
  readonly edits: readonly (readonly [string, string])[];
  /** Line, column and message of each problem, in the order of the text; there must be no other. */
  readonly problems: readonly string[];
  /** Part of the hint or of what was expected, of the problem at the mark. */
  readonly cure?: string;
}

export const faultyStrategies: readonly FaultyStrategy[] = [
  // Keys and values.
  {
    name: "a mistyped key",
    edits: [["deadband:", "‸deadbnd:"]],
    problems: ['9:5 Unknown key "deadbnd"'],
    cure: 'Did you mean "deadband"?',
  },
  {
    name: "a key of another variable type",
    edits: [["heat: { type: calculated,", "heat: { type: calculated, ‸bounds: [1, 2],"]],
    problems: ['25:29 Unknown key "bounds"'],
  },
  {
    name: "an unknown key at the top",
    edits: [["tasks:", "‸extras: 1\ntasks:"]],
    problems: ['67:1 Unknown key "extras"'],
    cure: "one of name, description, variables",
  },
  {
    name: "an unknown key in bias",
    edits: [["filter: 0.3, limit", "‸filer: 0.3, filter: 0.3, limit"]],
    problems: ['31:13 Unknown key "filer"'],
    cure: 'Did you mean "filter"?',
  },
  {
    name: "an unknown key in solver",
    edits: [["tolerance: 1e-8", "tolerance: 1e-8, ‸tol: 1"]],
    problems: ['66:32 Unknown key "tol"'],
  },
  {
    name: "an unknown key in a constraint",
    edits: [["max: 1.5, rank", "max: 1.5, ‸ranks: 2, rank"]],
    problems: ['57:43 Unknown key "ranks"'],
    cure: 'Did you mean "rank"?',
  },
  {
    name: "an unknown key in a task",
    edits: [["name: check, skill", "name: check, ‸whence: always, skill"]],
    problems: ['70:20 Unknown key "whence"'],
  },
  {
    name: "an unknown variable type",
    edits: [["Fan: { type: operative", "Fan: { type: ‸manipulated"]],
    problems: ['14:16 Unknown type "manipulated"'],
    cure: "operative, informative, calculated, predicted",
  },
  {
    name: "a mistyped variable type",
    edits: [["Fan: { type: operative", "Fan: { type: ‸operativ"]],
    problems: ['14:16 Unknown type "operativ"'],
    cure: 'Did you mean "operative"?',
  },
  {
    name: "a mistyped skill type",
    edits: [["type: composition", "type: ‸compositon"]],
    problems: ['53:18 Unknown type "compositon"'],
    cure: 'Did you mean "composition"?',
  },
  {
    name: "a variable without type",
    edits: [["  Fan: { type: operative, unit", "  ‸Fan: { unit"]],
    problems: ['14:3 "type" is missing'],
  },
  {
    name: "a variable without unit",
    edits: [["heat: { type: calculated, unit: kcal/kg }", "‸heat: { type: calculated }"]],
    problems: ['25:3 "unit" is missing'],
  },
  {
    name: "an operative variable without bounds",
    edits: [["bounds: [900, 1300], ", ""], ["  Fan:", "  ‸Fan:"]],
    problems: ['14:3 "bounds" is missing'],
    cure: "two numbers",
  },
  {
    name: "a skill without file",
    edits: [["    file: models/drive.onnx\n", ""], ["  drive:", "  ‸drive:"]],
    problems: ['46:3 "file" is missing'],
  },
  {
    name: "a strategy without name",
    edits: [["name: sample kiln", "‸description: a"], [
      "description: A kiln with one model of each kind\n",
      "",
    ]],
    problems: ['1:1 "name" is missing'],
  },
  {
    name: "a text for a number",
    edits: [["deadband: 0.02", "deadband: ‸small"]],
    problems: ['9:15 "deadband" is "small"'],
    cure: "a number",
  },
  {
    name: "a number with a decimal comma",
    edits: [["deadband: 0.02", "deadband: ‸0,02"]],
    problems: ['9:15 "deadband" is "0,02"'],
  },
  {
    name: "a negative deadband",
    edits: [["deadband: 0.02", "deadband: ‸-0.02"]],
    problems: ['9:15 "deadband" is -0.02'],
  },
  {
    name: "a negative move limit",
    edits: [["max_move: 10", "max_move: ‸-10"]],
    problems: ['14:69 "max_move" is -10'],
    cure: "a number of 0 or more",
  },
  {
    name: "a move limit for one direction only",
    edits: [["max_move: { up: 0.4, down: 0.2 }", "‸max_move: { up: 0.4 }"]],
    problems: ['8:5 "down" is missing'],
  },
  {
    name: "a resolution of 0",
    edits: [["resolution: 0.01", "resolution: ‸0"]],
    problems: ['10:17 "resolution" is 0'],
  },
  {
    name: "bounds of one number",
    edits: [["bounds: [5, 12]", "bounds: ‸[5]"]],
    problems: ['7:13 "bounds" is a list of 1'],
  },
  {
    name: "bounds of three numbers",
    edits: [["bounds: [5, 12]", "bounds: ‸[5, 8, 12]"]],
    problems: ['7:13 "bounds" is a list of 3'],
  },
  {
    name: "a bound that is no number",
    edits: [["bounds: [5, 12]", "bounds: [5, ‸high]"]],
    problems: ['7:17 "bounds[1]" is "high"'],
  },
  {
    name: "an infinite bound",
    edits: [["bounds: [5, 12]", "bounds: [5, ‸.inf]"]],
    problems: ['7:17 "bounds[1]" is Infinity'],
  },
  {
    name: "a duration without unit",
    edits: [["average: 15m", "average: ‸15"]],
    problems: ['20:14 "average" is 15'],
    cure: "10m",
  },
  {
    name: "a duration in words",
    edits: [["average: 15m", "average: ‸15 minutes"]],
    problems: ['20:14 "average" is "15 minutes"'],
  },
  {
    name: "a negative duration",
    edits: [["max_age: 8h", "max_age: ‸-8h"]],
    problems: ['31:47 "max_age" is "-8h"'],
  },
  {
    name: "an unknown rule for bad values",
    edits: [["on_bad: { last_good: 30m }", "on_bad: ‸ignore"]],
    problems: ['21:13 "on_bad" is "ignore"'],
    cure: "last_good, hold",
  },
  {
    name: "a default that is a text",
    edits: [["on_bad: { default: 1.2 }", "on_bad: { default: ‸low }"]],
    problems: ['22:64 "default" is "low"'],
  },
  {
    name: "yes for true",
    edits: [["critical: true", "critical: ‸yes"]],
    problems: ['13:15 "critical" is "yes"'],
    cure: "true or false",
  },
  {
    name: "a filter above 1",
    edits: [["filter: 0.3", "filter: ‸3"]],
    problems: ['31:21 "filter" is 3'],
  },
  { name: "a rank of 0", edits: [["rank: 1 }", "rank: ‸0 }"]], problems: ['57:49 "rank" is 0'] },
  {
    name: "a rank with a fraction",
    edits: [["rank: 1 }", "rank: ‸1.5 }"]],
    problems: ['57:49 "rank" is 1.5'],
  },
  {
    name: "an unknown domain rule",
    edits: [["domain: keep", "domain: ‸inside"]],
    problems: ['45:13 "domain" is "inside"'],
    cure: "keep, warn or ignore",
  },
  {
    name: "a path out of the bundle",
    edits: [["file: models/drive.onnx", "file: ‸../drive.onnx"]],
    problems: ['49:11 "file" is "../drive.onnx"'],
  },
  {
    name: "an absolute path",
    edits: [["file: models/drive.onnx", "file: ‸/models/drive.onnx"]],
    problems: ['49:11 "file" is "/models/drive.onnx"'],
  },
  {
    name: "a model without inputs",
    edits: [["inputs: [Coal, Fan]", "inputs: ‸[]"]],
    problems: ['50:13 "inputs" is a list of 0'],
  },
  {
    name: "a tolerance of 0",
    edits: [["tolerance: 1e-8", "tolerance: ‸0"]],
    problems: ['66:26 "tolerance" is 0'],
  },
  {
    name: "no iterations",
    edits: [["max_iterations: 200", "max_iterations: ‸0"]],
    problems: ['66:48 "max_iterations" is 0'],
  },
  {
    name: "a list for a mapping",
    edits: [["heat: { type: calculated, unit: kcal/kg }", "heat: ‸[calculated]"]],
    problems: ['25:9 "heat" is a list of 1'],
  },
  {
    name: "a variable without anything",
    edits: [["heat: { type: calculated, unit: kcal/kg }", "‸heat:"]],
    problems: ['25:3 "heat" has no value'],
  },
  {
    name: "a name with a backtick",
    edits: [["  FIC-101.PV:", '  ‸"FIC`101":']],
    problems: ['23:3 "FIC`101" cannot be a name'],
  },
  {
    name: "tasks that are no list",
    edits: [["tasks:\n", "tasks: ‸none\n"], [
      "  - { name: estimate, skill: state }\n  - { name: optimise, skill: optimum }\n  - { name: check, skill: limits }\n",
      "",
    ]],
    problems: ['67:8 "tasks" is "none"'],
    cure: "a list",
  },
  {
    name: "no tasks",
    edits: [["tasks:\n", "‸tasks: []\n"], [
      "  - { name: estimate, skill: state }\n  - { name: optimise, skill: optimum }\n  - { name: check, skill: limits }\n",
      "",
    ]],
    problems: ["67:1 The strategy has no tasks, so a cycle would do nothing"],
  },
  {
    name: "a task without skill",
    edits: [["- { name: check, skill: limits }", "- ‸{ name: check }"]],
    problems: ['70:5 "skill" is missing'],
  },
  // YAML.
  {
    name: "a key that stands twice",
    edits: [["    deadband: 0.02\n", "    deadband: 0.02\n    ‸deadband: 0.03\n"]],
    problems: ['10:5 "deadband" stands here a second time'],
    cure: "line 9",
  },
  {
    name: "a variable that stands twice",
    edits: [["  clinker:", "  Fan: { type: calculated, unit: t/h }\n  clinker:"], [
      "  Fan: { type: calc",
      "  ‸Fan: { type: calc",
    ]],
    problems: ['24:3 "Fan" stands here a second time'],
  },
  {
    name: "an alias without anchor",
    edits: [["Fan: { type", "Fan: { description: ‸*fan, type"]],
    problems: ['14:23 No anchor "&fan" stands before this alias'],
  },
  {
    name: "a tag of a language",
    edits: [["deadband: 0.02", "deadband: ‸!!js/function 0.02"]],
    problems: ["9:15 This is not YAML: Unresolved tag: tag:yaml.org,2002:js/function"],
  },
  {
    name: "a second document",
    edits: [["tasks:", "‸---\ntasks:"]],
    problems: ["67:1 A second document starts here"],
  },
  {
    name: "an open bracket",
    edits: [["outputs: [Power]", "outputs: [Power"], ["  money: {", "  ‸money: {"]],
    problems: [
      "52:3 This is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
  },
  // Variables.
  {
    name: "bounds upside down",
    edits: [["bounds: [5, 12]", "bounds: ‸[12, 5]"]],
    problems: ["7:13 The lower bound 12 is not below the upper bound 5"],
    cure: "Write [5, 12]",
  },
  {
    name: "equal bounds",
    edits: [["bounds: [5, 12]", "bounds: ‸[5, 5]"]],
    problems: ["7:13 The lower bound 5 is not below the upper bound 5"],
    cure: "enabled: false",
  },
  {
    name: "no move at all",
    edits: [["max_move: 10", "max_move: ‸0"]],
    problems: ["14:69 max_move allows no move at all"],
    cure: "enabled: false",
  },
  {
    name: "a deadband above the move limit",
    edits: [["deadband: 0.02", "deadband: ‸0.5"]],
    problems: ["9:15 The deadband 0.5 is larger than max_move, so no move is ever recommended"],
    cure: "at most 0.4 t/h",
  },
  {
    name: "a resolution wider than the bounds",
    edits: [["resolution: 0.01", "resolution: ‸10"]],
    problems: ["10:17 The resolution 10 is larger than the distance 7 between the bounds"],
  },
  {
    name: "a valid range outside the bounds",
    edits: [["valid: [4, 13]", "valid: ‸[20, 30]"]],
    problems: ["11:12 No valid value lies inside the bounds 5 to 12"],
  },
  {
    name: "a valid range upside down",
    edits: [["valid: [20, 140]", "valid: ‸[140, 20]"]],
    problems: ["18:12 The lowest valid value 140 is not below the highest 20"],
    cure: "Write [20, 140]",
  },
  {
    name: "a default that is not valid",
    edits: [["on_bad: { default: 1.2 }", "valid: [0, 1], on_bad: { default: ‸1.2 }"]],
    problems: ["22:79 The default 1.2 is itself not valid"],
    cure: "from 0 to 1",
  },
  {
    name: "a critical value with a default",
    edits: [["on_bad: { default: 1.2 }", "critical: ‸true, on_bad: { default: 1.2 }"]],
    problems: [
      "22:55 A critical variable holds the cycle when its value is bad, so its default is never used",
    ],
  },
  {
    name: "a maximum age of no time",
    edits: [["average: 15m", "average: ‸0m"]],
    problems: ['20:14 "average" is no time at all'],
  },
  {
    name: "a bias without measurement",
    edits: [["    measured_by: LAB_lime\n    bias", "    ‸bias"]],
    problems: ["30:5 A bias needs a measurement to compare the prediction with"],
    cure: "measured_by",
  },
  {
    name: "a calculated variable that nothing produces",
    edits: [["  clinker: {", "  ‸ash: { type: calculated, unit: kg }\n  clinker: {"]],
    problems: ['24:3 Nothing produces "ash"'],
    cure: "a function skill",
  },
  {
    name: "a predicted variable that nothing produces",
    edits: [["  clinker: {", "  ‸NOx: { type: predicted, unit: ppm }\n  clinker: {"]],
    problems: ['24:3 Nothing produces "NOx"'],
    cure: "a model skill",
  },
  // Names.
  {
    name: "an unknown variable in a formula",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * ‸Fed"]],
    problems: ['37:23 Unknown variable "Fed"'],
    cure: 'Did you mean "Feed"?',
  },
  {
    name: "an unknown variable in the short form of a function",
    edits: [['"90 * Coal + 0.1', '"90 * ‸Coa + 0.1']],
    problems: ['52:57 Unknown variable "Coa"'],
    cure: 'Did you mean "Coal"?',
  },
  {
    name: "an unknown variable in a folded formula",
    edits: [["heat: Coal * 6500 / clinker", "heat: >-\n        Coal\n        * 6500 / ‸klinker"]],
    problems: ['40:18 Unknown variable "klinker"'],
  },
  {
    name: "an unknown variable between backticks",
    edits: [["clinker: 0.62 * Feed", 'clinker: "0.62 * Feed + ‸`FIC-102.PV`"']],
    problems: ['37:31 Unknown variable "FIC-102.PV"'],
    cure: 'Did you mean "FIC-101.PV"?',
  },
  {
    name: "an unknown input of a model",
    edits: [["inputs: [Coal, Fan]", "inputs: [Coal, ‸Fam]"]],
    problems: ['50:20 Unknown variable "Fam"'],
    cure: 'Did you mean "Fan"?',
  },
  {
    name: "an unknown output of a model",
    edits: [["outputs: [Power]", "outputs: [‸Powers]"], ["  Power: {", "  Power: {"]],
    problems: ['51:15 Unknown variable "Powers"'],
  },
  {
    name: "an unknown skill in a composition",
    edits: [["skills: [balance, quality,", "skills: [balance, ‸qualty,"]],
    problems: ['53:49 Unknown skill "qualty"'],
    cure: 'Did you mean "quality"?',
  },
  {
    name: "an unknown skill in a task",
    edits: [["skill: optimum", "skill: ‸optimun"]],
    problems: ['69:30 Unknown skill "optimun"'],
    cure: 'Did you mean "optimum"?',
  },
  {
    name: "an unknown model of an optimizer",
    edits: [["model: state", "model: ‸stat"]],
    problems: ['64:12 Unknown skill "stat"'],
  },
  {
    name: "unknown limits of an optimizer",
    edits: [["subject_to: [limits]", "subject_to: [‸limit]"]],
    problems: ['65:18 Unknown skill "limit"'],
  },
  {
    name: "a repeated input",
    edits: [["inputs: [Coal, Fan]", "inputs: [Coal, Fan, ‸Coal]"]],
    problems: ['50:25 "Coal" stands here a second time'],
  },
  {
    name: "two tasks of one name",
    edits: [["name: check", "name: ‸estimate"]],
    problems: ['70:13 A second task is named "estimate"'],
  },
  {
    name: "a model that produces a calculated variable",
    edits: [["outputs: [Lime]", "outputs: [Lime, ‸cost]"]],
    problems: [
      '44:21 The model produces "cost", which is a calculated variable',
      '52:36 "cost" is already produced by "quality"',
    ],
  },
  {
    name: "a function that produces an informative variable",
    edits: [["      clinker: 0.62", "      ‸Feed: 1\n      clinker: 0.62"]],
    problems: ['37:7 The function produces "Feed", which is an informative variable'],
  },
  {
    name: "constraints as an optimizer's model",
    edits: [["model: state", "model: ‸limits"]],
    problems: ['64:12 "limits" is a constraints skill'],
  },
  {
    name: "a model among the limits",
    edits: [["subject_to: [limits]", "subject_to: [limits, ‸drive]"]],
    problems: ['65:26 "drive" is a model skill'],
  },
  {
    name: "an optimizer in a composition",
    edits: [["drive, money]", "drive, money, ‸optimum]"]],
    problems: ['53:72 "optimum" is an optimizer skill'],
  },
  // Shapes of skills.
  {
    name: "a function without formula",
    edits: [[
      'money: { type: function, output: cost, formula: "90 * Coal + 0.1 * Power" }',
      "‸money: { type: function }",
    ]],
    problems: ["52:3 The function has no formula"],
  },
  {
    name: "a function with an output and no formula",
    edits: [[', formula: "90 * Coal + 0.1 * Power"', ""], ["money: {", "‸money: {"]],
    problems: ['52:3 "formula" is missing'],
  },
  {
    name: "a constraint that limits nothing",
    edits: [[
      "lime: { expression: Lime, max: 1.5, rank: 1 }",
      "‸lime: { expression: Lime, rank: 1 }",
    ]],
    problems: ['57:7 "lime" limits nothing'],
  },
  {
    name: "a constraint limited in two ways",
    edits: [[
      "      lime: { expression: Lime, max: 1.5,",
      "      ‸lime: { expression: Lime, max: 1.5, equals: 1,",
    ]],
    problems: ['57:7 "lime" is limited in several ways'],
  },
  {
    name: "a constraint with min above max",
    edits: [[
      "fan speed: { expression: change(Fan) / 10, min: -1",
      "‸fan speed: { expression: change(Fan) / 10, min: 2",
    ]],
    problems: ['59:7 "fan speed" has its lowest value 2 above its highest 1'],
  },
  {
    name: "between upside down",
    edits: [[
      "      heat: { expression: heat, between: [600, 1400]",
      "      ‸heat: { expression: heat, between: [1400, 600]",
    ]],
    problems: ['58:7 "heat" has its lowest value 1400 above its highest 600'],
  },
  {
    name: "an optimizer without objective",
    edits: [["  optimum:", "  ‸optimum:"], ["    minimize: cost\n", ""]],
    problems: ["60:3 The optimizer has no objective"],
  },
  {
    name: "an optimizer with two objectives",
    edits: [["    minimize: cost\n", "    minimize: cost\n    ‸maximize: Lime\n"]],
    problems: ["63:5 The optimizer has two objectives"],
  },
  // Formulas.
  {
    name: "a formula that ends early",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 *‸"]],
    problems: ["37:22 The formula ends too early"],
  },
  {
    name: "a bracket too many",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * Feed‸)"]],
    problems: ['37:27 Unexpected ")"'],
  },
  {
    name: "a bracket too few",
    edits: [["clinker: 0.62 * Feed", "clinker: (0.62 * Feed‸"]],
    problems: ["37:28 The formula ends too early"],
  },
  {
    name: "two names side by side",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 ‸Feed"]],
    problems: ['37:21 Unexpected "Feed"'],
    cure: 'Write "*"',
  },
  {
    name: "a decimal comma in a formula",
    edits: [["clinker: 0.62 * Feed", "clinker: 0‸,62 * Feed"]],
    problems: ['37:17 Unexpected ","'],
    cure: "decimal point",
  },
  {
    name: "a single equals sign",
    edits: [["clinker: 0.62 * Feed", "clinker: if(Feed ‸= 3, 1, 2)"]],
    problems: ['37:24 "=" means nothing in a formula'],
    cure: '"=="',
  },
  {
    name: "a power as in Python",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 *‸* Feed"]],
    problems: ['37:22 Unexpected "*"'],
    cure: '"^"',
  },
  {
    name: "a tag with a dot",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * Feed‸.PV"]],
    problems: ['37:27 "." means nothing in a formula'],
    cure: "backticks",
  },
  {
    name: "a tag with a dash",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * ‸FIC-101 * Feed"]],
    problems: ['37:23 Unknown variable "FIC"'],
  },
  {
    name: "an unknown function",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸maxx(0.62 * Feed, 1)"]],
    problems: ['37:16 Unknown function "maxx"'],
    cure: 'Did you mean "max"?',
  },
  {
    name: "an argument too few",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸if(Feed > 3, 1)"]],
    problems: ["37:16 if() was given 2 arguments"],
    cure: "if(condition, then, otherwise)",
  },
  {
    name: "an argument too many",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸sqrt(Feed, 1)"]],
    problems: ["37:16 sqrt() was given 2 arguments"],
  },
  {
    name: "measured of a formula",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸measured(2 * Feed)"]],
    problems: ["37:16 measured() takes the name of one variable"],
  },
  {
    name: "a table that goes back",
    edits: [["clinker: 0.62 * Feed", "clinker: interpolate(Feed, 1, 2, ‸1, 3)"]],
    problems: ["37:40 interpolate() goes back from 1 to 1"],
  },
  {
    name: "a table with a variable",
    edits: [["clinker: 0.62 * Feed", "clinker: interpolate(Feed, 1, 2, ‸Feed, 3)"]],
    problems: ["37:40 A point of interpolate() is not a number"],
  },
  {
    name: "a table without its last y",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸interpolate(Feed, 1, 2, 3, 4, 5)"]],
    problems: ["37:16 interpolate() was given an x without its y"],
  },
  {
    name: "clip with its limits swapped",
    edits: [["clinker: 0.62 * Feed", "clinker: clip(Feed, ‸5, 1)"]],
    problems: ["37:27 clip() has its lowest value 5 above its highest 1"],
  },
  {
    name: "division by nothing",
    edits: [["clinker: 0.62 * Feed", "clinker: Feed / ‸0"]],
    problems: ["37:23 Division by 0"],
  },
  {
    name: "a number too large",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸1e999 * Feed"]],
    problems: ["37:16 The number is too large"],
  },
  {
    name: "a chain of comparisons",
    edits: [["clinker: 0.62 * Feed", "clinker: if(1 < Feed ‸< 3, 1, 2)"]],
    problems: ['37:28 Unexpected "<"'],
    cure: "two values at a time",
  },
  {
    name: "an escaped quote before the fault",
    edits: [['"90 * Coal + 0.1 * Power"', '"90 * Coal + \\t 0.1 * ‸Powr"']],
    problems: ['52:73 Unknown variable "Powr"'],
  },
  {
    name: "measured of what nothing measures",
    edits: [[
      "  Power: { type: predicted, unit: kW, measured_by: Power_meter }",
      "  Power: { type: predicted, unit: kW }",
    ], ["outputs: [Power]", "outputs: [‸Power]"]],
    problems: ['51:15 "Power" has no measured value to start from'],
  },
  {
    name: "measured of a calculated variable behind which nothing is measured",
    edits: [["    kind: delta\n", ""], ["measured_by: Power_meter }", "description: no meter }"], [
      "change(Fan) / 10",
      "measured(‸cost) / 10",
    ]],
    problems: ['58:41 "cost" has no measured value: it uses "Power", which nothing measures'],
  },
  {
    name: "a bias of a delta model's output",
    edits: [[
      "measured_by: Power_meter }",
      "measured_by: Power_meter, ‸bias: { filter: 1, limit: 5 } }",
    ]],
    problems: [
      '32:65 "Power" comes from a delta model, which starts from the measured value: its bias is always 0',
    ],
  },
  // The flow of values.
  {
    name: "a value used before it is produced",
    edits: [[
      "      clinker: 0.62 * Feed\n      heat: Coal * 6500 / clinker",
      "      heat: Coal * 6500 / ‸clinker\n      clinker: 0.62 * Feed",
    ]],
    problems: ['37:27 "clinker" is used before "balance" produces it'],
  },
  {
    name: "a model that runs before its input is there",
    edits: [["skills: [balance, quality,", "skills: [quality, balance,"], [
      "inputs: [Coal, Feed, heat]",
      "inputs: [Coal, Feed, ‸heat]",
    ]],
    problems: ['43:26 "heat" is used before "balance" produces it'],
    cure: "earlier in the chain",
  },
  {
    name: "a value that the optimizer's model leaves out",
    edits: [["model: state", "model: drive"], ["minimize: cost", "minimize: ‸cost + 0.1 * Power"], [
      "subject_to: [limits]",
      "subject_to: []",
    ]],
    problems: [
      '62:15 "cost" is used, but "money", which produces it, does not run in "drive", the model of the optimizer',
    ],
  },
  {
    name: "a formula that needs itself",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * Feed + ‸clinker"]],
    problems: ['37:30 "clinker" needs its own value'],
  },
  {
    name: "formulas that need each other",
    edits: [["clinker: 0.62 * Feed", "clinker: 0.62 * Feed + 2 * heat"], [
      "heat: Coal * 6500 / clinker",
      "heat: Coal * 6500 / ‸clinker",
    ]],
    problems: ['38:27 "clinker" needs its own value: clinker → heat → clinker'],
  },
  {
    name: "a composition that contains itself",
    edits: [["drive, money]", "drive, money, ‸state]"]],
    problems: ["53:72 The composition contains itself: state → state"],
  },
  {
    name: "compositions that contain each other",
    edits: [["drive, money]", "drive, money, more]"], [
      "  limits:\n",
      "  more: { type: composition, skills: [‸state] }\n  limits:\n",
    ]],
    problems: ["54:39 The composition contains itself: state → more → state"],
  },
  {
    name: "an output produced by two skills",
    edits: [[
      "  state: {",
      "  again: { type: function, output: ‸cost, formula: 90 * Coal }\n  state: {",
    ]],
    problems: ['53:36 "cost" is already produced by "money"'],
  },
  {
    name: "an objective that no setting moves",
    edits: [["minimize: cost", "minimize: ‸2 * clinker"]],
    problems: ["62:15 No operative variable has any influence on the objective"],
  },
  {
    name: "nothing to move",
    edits: [["enabled: true", "enabled: false"], [
      "    critical: true\n",
      "    critical: true\n    enabled: false\n",
    ], ["  optimum:", "  ‸optimum:"]],
    problems: ["61:3 The optimizer has nothing to move"],
  },
  {
    name: "limits with the same name in two skills",
    edits: [[
      "  optimum:",
      "  more: { type: constraints, constraints: { lime: { expression: Lime, min: 0.1 } } }\n  optimum:",
    ], ["subject_to: [limits]", "subject_to: [limits, ‸more]"]],
    problems: ['66:26 "limits" and "more" both have a limit named "lime"'],
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
    problems: [
      '9:5 Unknown key "deadbnd"',
      "14:46 The lower bound 1300 is not below the upper bound 900",
      '20:14 "average" is 15',
      '37:23 Unknown variable "Fed"',
      '70:27 Unknown skill "limit"',
    ],
  },
];
