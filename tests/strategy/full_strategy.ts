/** A strategy that is right and uses every word of the language, for tests of what the words mean. */

export const fullStrategy = `name: full kiln
description: Every word of the language once
variables:
  Coal:
    type: operative
    unit: t/h
    description: Main burner
    bounds: [5, 12]
    max_move: { up: 0.4, down: 0.2 }
    deadband: 0.02
    resolution: 0.01
    operating_band: { range: [7, 9], penalty: 40 }
    valid: [4, 13]
    max_age: 10m
    frozen: 30m
    max_change: 2
    critical: true
  Fan_1: { type: operative, unit: m3/h, bounds: [10, 40], max_move: 5 }
  Fan_2: { type: operative, unit: m3/h, bounds: [20, 60], max_move: 5 }
  Fan_3: { type: operative, unit: m3/h, bounds: [20, 60], enabled: false }
  Damper: { type: operative, unit: "%", bounds: [-10, 90], on_bad: hold }
  Feed:
    type: informative
    unit: t/h
    valid: [20, 140]
    max_change: 30
    average: { window: 15m, by: median }
    on_bad: { last_good: 30m }
  Ambient: { type: informative, unit: degC, average: 5m, on_bad: { default: 20 } }
  LAB_lime: { type: informative, unit: "%", on_bad: last_good }
  clinker: { type: calculated, unit: t/h }
  air: { type: calculated, unit: m3/h }
  heat: { type: calculated, unit: kcal/kg }
  draught: { type: calculated, unit: "" }
  cost: { type: calculated, unit: EUR/h }
  Lime:
    type: predicted
    unit: "%"
    measured_by: LAB_lime
    bias: { filter: 0.3, limit: 0.5, max_age: 8h }
  Power: { type: predicted, unit: kW, measured_by: Power_meter }
groups:
  fans: { description: Cooler, members: [Fan_1, Fan_2, Fan_3], share: proportional }
steady_state: { variables: [Feed] }
skills:
  balance:
    type: function
    outputs:
      clinker: 0.62 * Feed
      air: Fan_1 + Fan_2 + Fan_3
      heat: Coal * 6500 / clinker
      draught: >-
        interpolate(Damper, 0, 0, 50, 80, 90, 100)
        + if(and(Coal > 8, not(Feed < 60)), clip(Damper, 0, 50), max(Damper, 10))
        + smooth_if(Coal > 8, 1, 2, 0.5)
  quality:
    type: model
    file: models/quality.onnx
    scaler: scalers/quality.json
    inputs: [Coal, Feed, heat, draught]
    outputs: [Lime]
    domain: keep
  drive:
    type: model
    kind: delta
    file: models/drive.onnx
    inputs: [Coal, Fan_1]
    outputs: [Power]
    domain: ignore
  money: { type: function, output: cost, formula: "90 * Coal + 0.1 * Power + 0.01 * air" }
  predictions: { type: composition, skills: [quality, drive] }
  state: { type: composition, skills: [balance, predictions, money] }
  limits:
    type: constraints
    constraints:
      lime: { expression: Lime, max: 1.5, rank: 1 }
      heat: { expression: heat, between: [600, 1400], price: 3 }
      coal step: { expression: change(Coal) / measured(Coal), min: -0.1, max: 0.1, unit: "" }
  optimum:
    type: optimizer
    minimize: cost
    unit: EUR/h
    model: state
    subject_to: [limits]
    penalties:
      opening while coal goes down: 50 * above(change(Damper), 0, 5) * below(change(Coal), 0, 0.2)
    moves: [Coal, fans, Damper]
    solver: { tolerance: 1e-8, max_iterations: 200, time_limit: 5s, starts: 8 }
  quiet optimum: { type: optimizer, maximize: 0 - Power, model: state, moves: [fans] }
tasks:
  - { name: estimate, skill: state }
  - { name: optimise, skill: optimum, on_failure: continue }
  - { name: calm down, skill: quiet optimum, when: "Lime < 1.2", on_failure: hold }
  - { name: before, skill: limits, on: present }
  - { name: after, skill: limits, on: recommended }
`;
