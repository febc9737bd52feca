/**
 * Faulty strategies: the one of full_strategy.ts with one fault each. In the new text «‸» marks the
 * place that the problem must point at; it is taken out before the strategy is read.
 */

import type { FaultyStrategy } from "./faulty_strategies.ts";

export const faultyFullStrategies: readonly FaultyStrategy[] = [
  {
    name: "a frozen time without unit",
    edits: [["frozen: 30m", "frozen: ‸30"]],
    problems: ['15:13 "frozen" is 30'],
    cure: "10m",
  },
  {
    name: "a frozen time of nothing",
    edits: [["frozen: 30m", "frozen: ‸0m"]],
    problems: ['15:13 "frozen" is no time at all'],
  },
  {
    name: "a mistyped frozen",
    edits: [["frozen: 30m", "‸frozn: 30m"]],
    problems: ['15:5 Unknown key "frozn"'],
    cure: 'Did you mean "frozen"?',
  },
  {
    name: "a mistyped answer to a bad value",
    edits: [['unit: "%", on_bad: last_good', 'unit: "%", on_bad: ‸last_god']],
    problems: ['30:53 "on_bad" is "last_god"'],
    cure: 'Did you mean "last_good"?',
  },
  {
    name: "a largest change of 0",
    edits: [["max_change: 2", "max_change: ‸0"]],
    problems: ['16:17 "max_change" is 0'],
  },
  {
    name: "a negative largest change",
    edits: [["max_change: 2", "max_change: ‸-2"]],
    problems: ['16:17 "max_change" is -2'],
  },
  {
    name: "a largest change in words",
    edits: [["max_change: 2", "max_change: ‸two"]],
    problems: ['16:17 "max_change" is "two"'],
  },
  {
    name: "a largest change wider than the valid range",
    edits: [["max_change: 2", "max_change: ‸9"]],
    problems: ["16:17 No valid value is more than 9 from another, so max_change checks nothing"],
    cure: "a number below 9",
  },
  {
    name: "an average without window",
    edits: [["average: { window: 15m, by: median }", "average: ‸{ by: median }"]],
    problems: ['27:14 "window" is missing'],
    cure: "a length of time",
  },
  {
    name: "an average by what does not exist",
    edits: [["by: median", "by: ‸mode"]],
    problems: ['27:33 "by" is "mode"'],
    cure: "median",
  },
  {
    name: "an average of no time",
    edits: [["window: 15m", "window: ‸0s"]],
    problems: ['27:24 "average" is no time at all'],
  },
  {
    name: "an average by a list",
    edits: [["average: 5m", "average: ‸[5m]"]],
    problems: ['29:54 "average" is a list of 1'],
  },
  {
    name: "a last good value without age",
    edits: [["on_bad: { last_good: 30m }", "on_bad: { last_good: ‸forever }"]],
    problems: ['28:26 "last_good" is "forever"'],
  },
  {
    name: "two rules for bad values",
    edits: [["on_bad: { default: 20 }", "on_bad: ‸{ default: 20, last_good: 1h }"]],
    problems: ['29:66 "on_bad" is a mapping'],
  },
  {
    name: "a valid range of one value",
    edits: [["valid: [20, 140]", "valid: ‸[20, 20]"]],
    problems: ["25:12 The lowest valid value 20 is not below the highest 20"],
  },
  {
    name: "a valid range with a text",
    edits: [["valid: [20, 140]", "valid: [20, ‸max]"]],
    problems: ['25:17 "valid[1]" is "max"'],
  },
  {
    name: "a frozen rule on a calculated variable",
    edits: [["clinker: { type: calculated,", "clinker: { type: calculated, ‸frozen: 1h,"]],
    problems: ['31:32 Unknown key "frozen"'],
  },
  {
    name: "a maximum age on a predicted variable",
    edits: [["  Power: { type: predicted,", "  Power: { type: predicted, ‸max_age: 1h,"]],
    problems: ['41:29 Unknown key "max_age"'],
  },
  {
    name: "an operating band upside down",
    edits: [["range: [7, 9]", "range: ‸[9, 7]"]],
    problems: ["12:30 The lowest value 9 of the band is above its highest 7"],
    cure: "Write [7, 9]",
  },
  {
    name: "an operating band outside the bounds",
    edits: [["range: [7, 9]", "range: ‸[4, 9]"]],
    problems: ["12:30 The band 4 to 9 is not inside the bounds 5 to 12"],
    cure: "a range inside 5 to 12",
  },
  {
    name: "an operating band above the bounds",
    edits: [["range: [7, 9]", "range: ‸[7, 13]"]],
    problems: ["12:30 The band 7 to 13 is not inside the bounds 5 to 12"],
  },
  {
    name: "an operating band as wide as the bounds",
    edits: [["range: [7, 9]", "range: ‸[5, 12]"]],
    problems: ["12:30 The band is as wide as the bounds, so its penalty is never paid"],
  },
  {
    name: "an operating band of one number",
    edits: [["range: [7, 9]", "range: ‸[7]"]],
    problems: ['12:30 "range" is a list of 1'],
  },
  {
    name: "an operating band without penalty",
    edits: [[
      "operating_band: { range: [7, 9], penalty: 40 }",
      "‸operating_band: { range: [7, 9] }",
    ]],
    problems: ['12:5 "penalty" is missing'],
  },
  {
    name: "an operating band without range",
    edits: [["operating_band: { range: [7, 9], penalty: 40 }", "‸operating_band: { penalty: 40 }"]],
    problems: ['12:5 "range" is missing'],
  },
  {
    name: "a penalty of 0",
    edits: [["penalty: 40", "penalty: ‸0"]],
    problems: ['12:47 "penalty" is 0'],
    cure: "a number above 0",
  },
  {
    name: "a negative penalty",
    edits: [["penalty: 40", "penalty: ‸-40"]],
    problems: ['12:47 "penalty" is -40'],
  },
  {
    name: "a mistyped penalty",
    edits: [["penalty: 40", "‸penalties: 40, penalty: 40"]],
    problems: ['12:38 Unknown key "penalties"'],
    cure: 'Did you mean "penalty"?',
  },
  {
    name: "an operating band that is a range",
    edits: [["operating_band: { range: [7, 9], penalty: 40 }", "operating_band: ‸[7, 9]"]],
    problems: ['12:21 "operating_band" is a list of 2'],
  },
  {
    name: "an operating band of an informative variable",
    edits: [[
      "  Ambient: { type: informative,",
      "  Ambient: { type: informative, ‸operating_band: { range: [1, 2], penalty: 3 },",
    ]],
    problems: ['29:33 Unknown key "operating_band"'],
  },
  {
    name: "groups that are a list",
    edits: [[
      "  fans: { description: Cooler, members: [Fan_1, Fan_2, Fan_3], share: proportional }",
      "  ‸- fans",
    ]],
    problems: ['43:3 "groups" is a list of 1'],
  },
  {
    name: "a group of one",
    edits: [["members: [Fan_1, Fan_2, Fan_3]", "members: ‸[Fan_1]"]],
    problems: ['43:41 "members" is a list of 1'],
    cure: "at least two",
  },
  {
    name: "a group without members",
    edits: [["members: [Fan_1, Fan_2, Fan_3], ", ""], ["  fans: {", "  ‸fans: {"]],
    problems: ['43:3 "members" is missing'],
  },
  {
    name: "an unknown way to share",
    edits: [["share: proportional", "share: ‸weighted"]],
    problems: ['43:71 "share" is "weighted"'],
    cure: "proportional or equal",
  },
  {
    name: "a mistyped way to share",
    edits: [["share: proportional", "share: ‸propotional"]],
    problems: ['43:71 "share" is "propotional"'],
    cure: 'Did you mean "proportional"?',
  },
  {
    name: "an unknown key in a group",
    edits: [["share: proportional", "share: proportional, ‸weights: [1, 2, 3]"]],
    problems: ['43:85 Unknown key "weights"'],
  },
  {
    name: "a mistyped member",
    edits: [["members: [Fan_1, Fan_2, Fan_3]", "members: [Fan_1, ‸Fan_22, Fan_3]"]],
    problems: ['43:49 Unknown variable "Fan_22"'],
    cure: 'Did you mean "Fan_2"?',
  },
  {
    name: "a member that is only read",
    edits: [["members: [Fan_1, Fan_2, Fan_3]", "members: [Fan_1, Fan_2, ‸Feed]"]],
    problems: ['43:56 "Feed" is of type informative: only settings can move as one'],
    cure: "an operative variable",
  },
  {
    name: "a member that is calculated",
    edits: [["members: [Fan_1, Fan_2, Fan_3]", "members: [Fan_1, Fan_2, ‸air]"]],
    problems: ['43:56 "air" is of type calculated: only settings can move as one'],
  },
  {
    name: "a member that stands twice",
    edits: [["members: [Fan_1, Fan_2, Fan_3]", "members: [Fan_1, Fan_2, ‸Fan_1]"]],
    problems: ['43:56 "Fan_1" stands here a second time'],
  },
  {
    name: "a member of two groups",
    edits: [[
      "  fans: { description: Cooler, members: [Fan_1, Fan_2, Fan_3], share: proportional }",
      "  fans: { description: Cooler, members: [Fan_1, Fan_2, Fan_3], share: proportional }\n  again: { members: [Damper, ‸Fan_2], share: equal }",
    ], ["moves: [Coal, fans, Damper]", "moves: [Coal, fans, again]"]],
    problems: ['44:30 "Fan_2" is already in the group "fans"'],
  },
  {
    name: "members of several units",
    edits: [["members: [Fan_1, Fan_2, Fan_3]", "members: [Fan_1, Fan_2, ‸Coal]"], [
      "moves: [Coal, fans, Damper]",
      "moves: [fans, Damper]",
    ]],
    problems: ['43:56 "Coal" is in t/h, but "Fan_1" of the same group in m3/h'],
    cure: "members of one unit",
  },
  {
    name: "a proportional member that can be negative",
    edits: [
      [
        "  fans: { description: Cooler, members: [Fan_1, Fan_2, Fan_3], share: proportional }",
        "  fans: { description: Cooler, members: [Fan_1, Fan_2, Fan_3], share: proportional }\n  dampers: { members: [‸Damper, Other] }",
      ],
      ["  LAB_lime: {", '  Other: { type: operative, unit: "%", bounds: [0, 1] }\n  LAB_lime: {'],
      ["moves: [Coal, fans, Damper]", "moves: [Coal, fans, dampers]"],
    ],
    problems: ['45:24 "Damper" can be below 0, so it has no share of a total'],
    cure: "Write share: equal",
  },
  {
    name: "a group named like a variable",
    edits: [["  fans: {", "  ‸air: {"], [
      "moves: [Coal, fans, Damper]",
      "moves: [Coal, air, Damper]",
    ], ["moves: [fans]", "moves: [air]"]],
    problems: ['43:3 A group and a variable are both named "air"'],
  },
  {
    name: "an unknown setting to move",
    edits: [["moves: [Coal, fans, Damper]", "moves: [Coal, fans, ‸Dampr]"]],
    problems: ['87:25 Unknown setting "Dampr"'],
    cure: 'Did you mean "Damper"?',
  },
  {
    name: "a value that nobody can move",
    edits: [["moves: [Coal, fans, Damper]", "moves: [Coal, fans, ‸Feed]"]],
    problems: ['87:25 "Feed" is of type informative: the optimizer cannot move it'],
  },
  {
    name: "a prediction to move",
    edits: [["moves: [Coal, fans, Damper]", "moves: [Coal, ‸Lime, fans]"]],
    problems: ['87:19 "Lime" is of type predicted: the optimizer cannot move it'],
  },
  {
    name: "a setting to move that stands twice",
    edits: [["moves: [Coal, fans, Damper]", "moves: [Coal, fans, ‸Coal]"]],
    problems: ['87:25 "Coal" stands here a second time'],
  },
  {
    name: "a member moved without its group",
    edits: [["moves: [Coal, fans, Damper]", "moves: [Coal, ‸Fan_1]"]],
    problems: ['87:19 "Fan_1" moves with its group "fans"'],
    cure: "Write fans",
  },
  {
    name: "a setting to move that is switched off",
    edits: [["moves: [Coal, fans, Damper]", "moves: [fans, ‸Damper]"], [
      'unit: "%", bounds: [-10, 90],',
      'unit: "%", enabled: false, bounds: [-10, 90],',
    ]],
    problems: ['87:19 "Damper" is switched off'],
  },
  {
    name: "an empty list to move",
    edits: [["moves: [fans]", "moves: ‸[]"]],
    problems: ['89:79 "moves" is a list of 0'],
  },
  {
    name: "one setting to move, without a list",
    edits: [["moves: [fans]", "moves: ‸fans"]],
    problems: ['89:79 "moves" is "fans"'],
  },
  {
    name: "an objective that the moved settings do not reach",
    edits: [["maximize: 0 - Power", "maximize: ‸0 - Power"], ["moves: [fans]", "moves: [Damper]"]],
    problems: ["89:47 No operative variable has any influence on the objective"],
  },
  {
    name: "a price of 0",
    edits: [["price: 3", "price: ‸0"]],
    problems: ['77:62 "price" is 0'],
  },
  {
    name: "a negative price",
    edits: [["price: 3", "price: ‸-3"]],
    problems: ['77:62 "price" is -3'],
  },
  {
    name: "a price in words",
    edits: [["price: 3", "price: ‸high"]],
    problems: ['77:62 "price" is "high"'],
  },
  {
    name: "a price and a rank",
    edits: [["price: 3", "price: 3, ‸rank: 2"]],
    problems: ['77:65 "heat" is soft by its price, so it never has to give by its rank'],
    cure: "either price or rank",
  },
  {
    name: "a mistyped price",
    edits: [["price: 3", "‸prize: 3"]],
    problems: ['77:55 Unknown key "prize"'],
    cure: 'Did you mean "price"?',
  },
  {
    name: "equals a range",
    edits: [["between: [600, 1400]", "equals: ‸[600, 1400]"]],
    problems: ['77:41 "equals" is a list of 2'],
  },
  {
    name: "between one number",
    edits: [["between: [600, 1400]", "between: ‸600"]],
    problems: ['77:42 "between" is 600'],
  },
  {
    name: "equals and max",
    edits: [["      heat: {", "      ‸heat: {"], [
      "between: [600, 1400]",
      "equals: 600, max: 1400",
    ]],
    problems: ['77:7 "heat" is limited in several ways'],
  },
  {
    name: "a limit that is infinite",
    edits: [["max: 1.5, rank", "max: ‸.inf, rank"]],
    problems: ['76:38 "max" is Infinity'],
  },
  {
    name: "a limit that is not a number",
    edits: [["max: 1.5, rank", "max: ‸.nan, rank"]],
    problems: ['76:38 "max" is NaN'],
  },
  {
    name: "a limit without expression",
    edits: [["lime: { expression: Lime,", "‸lime: {"]],
    problems: ['76:7 "expression" is missing'],
  },
  {
    name: "a limit that is a text",
    edits: [["lime: { expression: Lime, max: 1.5, rank: 1 }", "lime: ‸Lime <= 1.5"]],
    problems: ['76:13 "lime" is "Lime <= 1.5"'],
  },
  {
    name: "a limit that compares",
    edits: [["expression: Lime,", 'expression: "Lime ‸= 1.5",']],
    problems: ['76:33 "=" means nothing in a formula'],
    cure: "limits such as",
  },
  {
    name: "constraints as a list",
    edits: [["    constraints:\n      lime:", "    constraints:\n      ‸- lime:"], [
      "      heat: { expression: heat,",
      "        heat: { expression: heat,",
    ], ["      coal step:", "        coal step:"]],
    problems: ['76:7 "constraints" is a list of 1'],
  },
  {
    name: "a penalty with an unknown variable",
    edits: [["below(change(Coal), 0, 0.2)", "below(change(‸Coat), 0, 0.2)"]],
    problems: ['86:85 Unknown variable "Coat"'],
    cure: 'Did you mean "Coal"?',
  },
  {
    name: "a penalty that cannot be read",
    edits: [["50 * above(change(Damper), 0, 5) *", "50 * above(change(Damper), 0, 5) * ‸*"]],
    problems: ['86:72 Unexpected "*"'],
  },
  {
    name: "a penalty of a value that the model leaves out",
    edits: [
      ["50 * above(", "5 * ‸spare + 50 * above("],
      ["  cost: {", '  spare: { type: calculated, unit: "" }\n  cost: {'],
      ["  money: {", "  spares: { type: function, output: spare, formula: 2 * Coal }\n  money: {"],
      ["  - { name: optimise,", "  - { name: spare, skill: spares }\n  - { name: optimise,"],
    ],
    problems: [
      '88:41 "spare" is used, but "spares", which produces it, does not run in "state", the model of the optimizer',
    ],
  },
  {
    name: "a penalty in another unit",
    edits: [[
      "      opening while coal goes down: 50 *",
      "      air: ‸Fan_1\n      opening while coal goes down: 50 *",
    ]],
    problems: ["86:12 The formula is in m3/h, but the objective in EUR/h"],
    cure: "a formula in EUR/h",
  },
  {
    name: "penalties as a list",
    edits: [[
      "    penalties:\n      opening while coal goes down: 50 *",
      "    penalties:\n      ‸- opening while coal goes down: 50 *",
    ]],
    problems: ['86:7 "penalties" is a list of 1'],
  },
  {
    name: "a condition with an unknown variable",
    edits: [['when: "Lime < 1.2"', 'when: "‸Lame < 1.2"']],
    problems: ['93:53 Unknown variable "Lame"'],
    cure: 'Did you mean "Lime"?',
  },
  {
    name: "a condition that cannot be read",
    edits: [['when: "Lime < 1.2"', 'when: "Lime ‸≤ 1.2"']],
    problems: ['93:58 "≤" means nothing in a formula'],
    cure: 'Write "<="',
  },
  {
    name: "a condition that ends early",
    edits: [['when: "Lime < 1.2"', 'when: "Lime <‸ "']],
    problems: ["93:59 The formula ends too early"],
  },
  {
    name: "an empty condition",
    edits: [['when: "Lime < 1.2"', 'when: "‸"']],
    problems: ["93:53 The formula is empty"],
  },
  {
    name: "a condition that is true",
    edits: [['when: "Lime < 1.2"', "when: ‸true"]],
    problems: ['93:52 "when" is true'],
  },
  {
    name: "a condition before its value is there",
    edits: [[
      "{ name: estimate, skill: state }",
      '{ name: estimate, skill: state, when: "‸Lime > 1" }',
    ]],
    problems: [
      '91:44 "Lime" is used, but "quality", which produces it, does not run before task 1',
    ],
    cure: "to run first",
  },
  {
    name: "a condition that joins two units",
    edits: [['when: "Lime < 1.2"', 'when: "Lime < 1.2 + 0 * (Coal ‸+ Damper)"']],
    problems: ['93:76 "+" joins a value in t/h and one in %'],
  },
  {
    name: "an unknown rule for failures",
    edits: [["on_failure: continue", "on_failure: ‸stop"]],
    problems: ['92:51 "on_failure" is "stop"'],
    cure: "hold or continue",
  },
  {
    name: "a mistyped rule for failures",
    edits: [["on_failure: continue", "‸on_fail: continue"]],
    problems: ['92:39 Unknown key "on_fail"'],
  },
  {
    name: "an unknown state to run on",
    edits: [["on: present", "on: ‸measured"]],
    problems: ['94:40 "on" is "measured"'],
    cure: "present or recommended",
  },
  {
    name: "a task with a list of skills",
    edits: [["{ name: before, skill: limits,", "{ name: before, skill: ‸[limits],"]],
    problems: ['94:28 "skill" is a list of 1'],
  },
  {
    name: "a task that is a name",
    edits: [["  - { name: before, skill: limits, on: present }", "  - ‸before"]],
    problems: ['94:5 "tasks[3]" is "before"'],
  },
  {
    name: "a name of a task that is empty",
    edits: [["name: before", 'name: ‸""']],
    problems: ['94:13 "name" is ""'],
  },
  {
    name: "a steady state of nothing",
    edits: [["steady_state: { variables: [Feed] }", "steady_state: { variables: ‸[] }"]],
    problems: ['44:28 "variables" is a list of 0'],
  },
  {
    name: "a steady state of an unknown variable",
    edits: [["steady_state: { variables: [Feed] }", "steady_state: { variables: [‸Fead] }"]],
    problems: ['44:29 There is no variable "Fead"'],
    cure: 'Did you mean "Feed"?',
  },
  {
    name: "a soft step without width",
    edits: [["above(change(Damper), 0, 5)", "‸above(change(Damper), 0)"]],
    problems: ["86:42 above() was given 2 arguments"],
    cure: "above(x, limit, width)",
  },
  {
    name: "a soft step of width 0",
    edits: [["below(change(Coal), 0, 0.2)", "below(change(Coal), 0, ‸0)"]],
    problems: ["86:95 The width of below() is not a number above 0"],
    cure: "a plain number above 0",
  },
  {
    name: "a soft step of negative width",
    edits: [["below(change(Coal), 0, 0.2)", "below(change(Coal), 0, ‸-0.2)"]],
    problems: ["86:95 The width of below() is not a number above 0"],
  },
  {
    name: "a soft step whose width is a variable",
    edits: [["above(change(Damper), 0, 5)", "above(change(Damper), 0, ‸Feed)"]],
    problems: ["86:67 The width of above() is not a number above 0"],
  },
  {
    name: "a smooth choice without comparison",
    edits: [["smooth_if(Coal > 8,", "smooth_if(‸Coal,"]],
    problems: ["55:21 The condition of smooth_if() is no comparison of two values"],
    cure: "a > b",
  },
  {
    name: "a smooth choice on equality",
    edits: [["smooth_if(Coal > 8,", "smooth_if(Coal ‸== 8,"]],
    problems: ["55:26 The condition of smooth_if() is no comparison of two values"],
    cure: "a > b",
  },
  {
    name: "a smooth choice on two conditions",
    edits: [["smooth_if(Coal > 8,", "smooth_if(‸and(Coal > 8, Feed > 1),"]],
    problems: ["55:21 The condition of smooth_if() is no comparison of two values"],
    cure: "Multiply above()",
  },
  {
    name: "a smooth choice without width",
    edits: [["smooth_if(Coal > 8, 1, 2, 0.5)", "‸smooth_if(Coal > 8, 1, 2)"]],
    problems: ["55:11 smooth_if() was given 3 arguments"],
  },
  {
    name: "and of one condition",
    edits: [["and(Coal > 8, not(Feed < 60))", "‸and(Coal > 8)"]],
    problems: ["54:14 and() was given 1 argument"],
    cure: "and(a, b, …)",
  },
  {
    name: "not of two conditions",
    edits: [["not(Feed < 60)", "‸not(Feed < 60, Coal)"]],
    problems: ["54:28 not() was given 2 arguments"],
  },
  {
    name: "and between two conditions",
    edits: [["Coal > 8, not(Feed < 60))", "Coal > 8 ‸and Feed < 60, 1)"]],
    problems: ['54:27 Unexpected "and"'],
    cure: "and(a > 1, b > 2)",
  },
  {
    name: "an ampersand",
    edits: [["and(Coal > 8, not(Feed < 60))", "Coal > 8 ‸& (Feed < 60)"]],
    problems: ['54:23 "&" means nothing in a formula'],
    cure: "and(a > 1, b > 2)",
  },
  {
    name: "an exclamation mark",
    edits: [["not(Feed < 60)", "‸!(Feed < 60)"]],
    problems: ['54:28 "!" means nothing in a formula'],
    cure: "not(condition)",
  },
  {
    name: "a vertical bar",
    edits: [["and(Coal > 8, not(Feed < 60))", "(Coal > 8) ‸| (Feed < 60)"]],
    problems: ['54:25 "|" means nothing in a formula'],
    cure: "or(a > 1, b > 2)",
  },
  {
    name: "a mistyped soft step",
    edits: [["above(change(Damper)", "‸abov(change(Damper)"]],
    problems: ['86:42 Unknown function "abov"'],
    cure: 'Did you mean "above"?',
  },
  {
    name: "clip without its highest value",
    edits: [["clip(Damper, 0, 50)", "‸clip(Damper, 0)"]],
    problems: ["54:45 clip() was given 2 arguments"],
  },
  {
    name: "change of a number",
    edits: [["above(change(Damper)", "above(‸change(5)"]],
    problems: ["86:48 change() takes the name of one variable"],
  },
  {
    name: "change of what nothing measures",
    edits: [["change(Coal) / measured(Coal)", "change(‸Lime)"], [
      "    measured_by: LAB_lime\n    bias: { filter: 0.3, limit: 0.5, max_age: 8h }\n",
      "",
    ]],
    problems: ['76:39 "Lime" has no measured value to start from'],
  },
  {
    name: "a sum of two units",
    edits: [["air: Fan_1 + Fan_2 + Fan_3", "air: Fan_1 ‸+ Coal + Fan_3"]],
    problems: ['50:18 "+" joins a value in m3/h and one in t/h'],
    cure: "values of one unit",
  },
  {
    name: "a difference of two units",
    edits: [["maximize: 0 - Power", "maximize: cost ‸- Power"]],
    problems: ['89:52 "-" joins a value in EUR/h and one in kW'],
  },
  {
    name: "a comparison of two units",
    edits: [["and(Coal > 8,", "and(Coal ‸> Damper,"]],
    problems: ['54:23 ">" joins a value in t/h and one in %'],
  },
  {
    name: "a smallest value of two units",
    edits: [["max(Damper, 10)", "‸max(Damper, Fan_1)"]],
    problems: ["54:66 max() joins a value in % and one in m3/h"],
  },
  {
    name: "a sum with a factor between the units",
    edits: [["unit: t/h\n    valid: [20, 140]", "unit: kg/h\n    valid: [20, 140]"], [
      "clinker: 0.62 * Feed",
      "clinker: 0.62 * Feed + 0 * (Coal ‸+ Feed)",
    ]],
    problems: ['49:40 "+" joins a value in t/h and one in kg/h'],
    cure: "Multiply the one in kg/h by 0.001",
  },
  {
    name: "an output in another unit",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸Fan_1"]],
    problems: ['49:16 The formula is in m3/h, but "clinker" in t/h'],
    cure: "a formula in t/h",
  },
  {
    name: "an output that is off by a factor",
    edits: [[
      "  clinker: { type: calculated, unit: t/h }",
      "  clinker: { type: calculated, unit: kg/h }",
    ], ["clinker: 0.62 * Feed", "clinker: ‸Feed"]],
    problems: ['49:16 The formula is in t/h, but "clinker" in kg/h'],
    cure: "Multiply it by 1000",
  },
  {
    name: "an output of a quotient in another unit",
    edits: [["heat: Coal * 6500 / clinker", "heat: ‸Fan_1 / clinker"]],
    problems: ['51:13 The formula is in m3/h/(t/h), but "heat" in kcal/kg'],
  },
  {
    name: "a limit in another unit",
    edits: [["lime: { expression: Lime,", "lime: { unit: t/h, expression: ‸Lime,"]],
    problems: ['76:38 The formula is in %, but "lime" in t/h'],
  },
  {
    name: "an objective in another unit",
    edits: [["minimize: cost\n", "minimize: ‸Coal\n"]],
    problems: ["81:15 The formula is in t/h, but the objective in EUR/h"],
    cure: "a formula in EUR/h",
  },
  {
    name: "a measurement in another unit",
    edits: [["    measured_by: LAB_lime", "    measured_by: ‸Ambient"]],
    problems: ['39:18 "Ambient" is in degC, but the prediction in %'],
    cure: "a measurement in %",
  },
  {
    name: "branches of two units",
    edits: [[
      "if(and(Coal > 8, not(Feed < 60)), clip(Damper, 0, 50), max(Damper, 10))",
      "‸if(Coal > 8, Damper, Fan_1)",
    ]],
    problems: ["54:11 if() joins a value in % and one in m3/h"],
  },
  {
    name: "a soft step across units",
    edits: [["above(change(Damper), 0, 5)", "‸above(change(Damper), Coal, 5)"]],
    problems: ["86:42 above() joins a value in % and one in t/h"],
  },
  {
    name: "a power that changes the unit",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸Feed ^ 2"]],
    problems: ['49:16 The formula is in (t/h)^2, but "clinker" in t/h'],
  },
  {
    name: "a root that changes the unit",
    edits: [["clinker: 0.62 * Feed", "clinker: ‸sqrt(Feed)"]],
    problems: ['49:16 The formula is in (t/h)^0.5, but "clinker" in t/h'],
  },
  {
    name: "a model without outputs",
    edits: [["    outputs: [Lime]\n", ""], ["  quality:\n", "  ‸quality:\n"]],
    problems: ['56:3 "outputs" is missing'],
  },
  {
    name: "outputs of a model as a mapping",
    edits: [["outputs: [Lime]", "outputs: ‸{ Lime: 1 }"]],
    problems: ['61:14 "outputs" is a mapping'],
  },
  {
    name: "a model file with a drive letter",
    edits: [["file: models/drive.onnx", "file: ‸C:/drive.onnx"]],
    problems: ['66:11 "file" is "C:/drive.onnx"'],
  },
  {
    name: "a model file with backslashes",
    edits: [["file: models/drive.onnx", "file: ‸models\\drive.onnx"]],
    problems: ['66:11 "file" is "models\\\\drive.onnx"'],
  },
  {
    name: "a model file with a double slash",
    edits: [["file: models/drive.onnx", "file: ‸models//drive.onnx"]],
    problems: ['66:11 "file" is "models//drive.onnx"'],
  },
  {
    name: "an empty scaler",
    edits: [["scaler: scalers/quality.json", 'scaler: ‸""']],
    problems: ['59:13 "scaler" is ""'],
  },
  {
    name: "an unknown kind of model",
    edits: [["kind: delta", "kind: ‸relative"]],
    problems: ['65:11 "kind" is "relative"'],
    cure: "absolute or delta",
  },
  {
    name: "a mistyped key of a model",
    edits: [["    domain: ignore", "    ‸domian: ignore"]],
    problems: ['69:5 Unknown key "domian"'],
    cure: 'Did you mean "domain"?',
  },
  {
    name: "a formula in a composition",
    edits: [["skills: [quality, drive]", "skills: [quality, ‸2 * drive]"]],
    problems: ['71:55 Unknown skill "2 * drive"'],
  },
  {
    name: "a composition of a name",
    edits: [["skills: [quality, drive]", "skills: ‸quality"]],
    problems: ['71:45 "skills" is "quality"'],
  },
  {
    name: "a composition of nothing",
    edits: [["skills: [quality, drive]", "skills: ‸[]"]],
    problems: ['71:45 "skills" is a list of 0'],
  },
  {
    name: "a skill that stands twice in a composition",
    edits: [["skills: [quality, drive]", "skills: [quality, drive, ‸quality]"]],
    problems: ['71:62 "quality" stands here a second time'],
  },
  {
    name: "a repeated output of a model",
    edits: [["outputs: [Lime]", "outputs: [Lime, ‸Lime]"]],
    problems: ['61:21 "Lime" stands here a second time'],
  },
  {
    name: "constraints in a composition",
    edits: [["skills: [quality, drive]", "skills: [quality, drive, ‸limits]"]],
    problems: ['71:62 "limits" is a constraints skill'],
  },
  {
    name: "an optimizer as an optimizer's model",
    edits: [["maximize: 0 - Power, model: state", "maximize: 0 - Power, model: ‸optimum"]],
    problems: ['89:65 "optimum" is an optimizer skill'],
  },
  {
    name: "an optimizer without model",
    edits: [["maximize: 0 - Power, model: state,", "maximize: 0 - Power,"], [
      "  quiet optimum:",
      "  ‸quiet optimum:",
    ]],
    problems: ['89:3 "model" is missing'],
  },
  {
    name: "a time limit as a number",
    edits: [["time_limit: 5s", "time_limit: ‸5"]],
    problems: ['88:65 "time_limit" is 5'],
  },
  {
    name: "too many starts",
    edits: [["starts: 8", "starts: ‸2000"]],
    problems: ['88:77 "starts" is 2000'],
    cure: "1 to 1000",
  },
  {
    name: "half a start",
    edits: [["starts: 8", "starts: ‸1.5"]],
    problems: ['88:77 "starts" is 1.5'],
  },
  {
    name: "a tolerance of 1",
    edits: [["tolerance: 1e-8", "tolerance: ‸1"]],
    problems: ['88:26 "tolerance" is 1'],
  },
  {
    name: "a tolerance that is a text",
    edits: [["tolerance: 1e-8", "tolerance: ‸small"]],
    problems: ['88:26 "tolerance" is "small"'],
  },
  {
    name: "an unknown key in an optimizer",
    edits: [[
      "    moves: [Coal, fans, Damper]",
      "    ‸subject: [limits]\n    moves: [Coal, fans, Damper]",
    ]],
    problems: ['87:5 Unknown key "subject"'],
    cure: 'Did you mean "subject_to"?',
  },
  {
    name: "outputs of a function as a list",
    edits: [['output: cost, formula: "90 * Coal + 0.1 * Power + 0.01 * air"', "outputs: ‸[cost]"]],
    problems: ['70:37 "outputs" is a list of 1'],
  },
  {
    name: "a description that is a list",
    edits: [["description: Every word of the language once", "description: ‸[words]"]],
    problems: ['2:14 "description" is a list of 1'],
  },
  {
    name: "a name with a line break",
    edits: [["name: full kiln", 'name: ‸"full\\nkiln"']],
    problems: ['1:7 "name" is "full\\nkiln"'],
  },
  {
    name: "a name of blanks",
    edits: [["name: full kiln", 'name: ‸"   "']],
    problems: ['1:7 "name" is "   "'],
  },
  {
    name: "a mistyped section",
    edits: [["groups:", "‸group:"]],
    problems: ['42:1 Unknown key "group"'],
    cure: 'Did you mean "groups"?',
  },
  {
    name: "a section that stands twice",
    edits: [["tasks:\n", "‸groups: {}\ntasks:\n"]],
    problems: ['90:1 "groups" stands here a second time'],
    cure: "The first one is in line",
  },
  {
    name: "a variable named like a prototype",
    edits: [["  Ambient:", "  ‸__proto__: 1\n  Ambient:"]],
    problems: ['29:3 "__proto__" cannot be a key'],
  },
  {
    name: "a number as a unit",
    edits: [[
      "  clinker: { type: calculated, unit: t/h }",
      "  clinker: { type: calculated, unit: ‸1 }",
    ]],
    problems: ['31:38 "unit" is 1'],
  },
  {
    name: "a unit that is very long",
    edits: [[
      "  clinker: { type: calculated, unit: t/h }",
      "  clinker: { type: calculated, unit: ‸tonnes of clinker per hour of the burning kiln }",
    ]],
    problems: ['31:38 "unit" is "tonnes of clinker per hour of the burning kiln"'],
  },
  {
    name: "a tab for indentation",
    edits: [["    kind: delta\n", "‸\t\tkind: delta\n"]],
    problems: ["65:1 This is not YAML: Tabs are not allowed as indentation"],
  },
  {
    name: "a quote that never ends",
    edits: [["name: full kiln", 'name: "full kiln‸']],
    problems: ['1:17 This is not YAML: Missing closing "quote'],
  },
  {
    name: "bounds that no setting can reach",
    edits: [["bounds: [10, 40]", "bounds: ‸[0, 1e300]"]],
    problems: ["18:49 The bounds are 1e+300 apart"],
    cure: "bounds that the setting can reach",
  },
];
