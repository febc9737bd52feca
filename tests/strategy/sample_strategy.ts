/** A small strategy that is right, for tests that break it in one place at a time. */

export const sampleStrategy = `name: sample kiln
description: A kiln with one model of each kind
variables:
  Coal:
    type: operative
    unit: t/h
    bounds: [5, 12]
    max_move: { up: 0.4, down: 0.2 }
    deadband: 0.02
    resolution: 0.01
    valid: [4, 13]
    max_age: 10m
    critical: true
  Fan: { type: operative, unit: RPM, bounds: [900, 1300], max_move: 10, enabled: true }
  Feed:
    type: informative
    unit: t/h
    valid: [20, 140]
    max_age: 10m
    average: 15m
    on_bad: { last_good: 30m }
  LAB_lime: { type: informative, unit: "%", on_bad: { default: 1.2 } }
  \`FIC-101.PV\`: { type: informative, unit: "" }
  clinker: { type: calculated, unit: t/h }
  heat: { type: calculated, unit: kcal/kg }
  cost: { type: calculated, unit: EUR/h }
  Lime:
    type: predicted
    unit: "%"
    measured_by: LAB_lime
    bias: { filter: 0.3, limit: 0.5, max_age: 8h }
  Power: { type: predicted, unit: kW, measured_by: Power_meter }
skills:
  balance:
    type: function
    outputs:
      clinker: 0.62 * Feed
      heat: Coal * 6500 / clinker
  quality:
    type: model
    file: models/quality.onnx
    scaler: scalers/quality.json
    inputs: [Coal, Feed, heat]
    outputs: [Lime]
    domain: keep
  drive:
    type: model
    kind: delta
    file: models/drive.onnx
    inputs: [Coal, Fan]
    outputs: [Power]
  money: { type: function, output: cost, formula: "90 * Coal + 0.1 * Power" }
  state: { type: composition, skills: [balance, quality, drive, money] }
  limits:
    type: constraints
    constraints:
      lime: { expression: Lime, max: 1.5, rank: 1 }
      heat: { expression: heat, between: [600, 1400], rank: 2 }
      fan speed: { expression: change(Fan) / 10, min: -1, max: 1, unit: "" }
  optimum:
    type: optimizer
    minimize: cost
    unit: EUR/h
    model: state
    subject_to: [limits]
    solver: { tolerance: 1e-8, max_iterations: 200, time_limit: 5s, starts: 8 }
tasks:
  - { name: estimate, skill: state }
  - { name: optimise, skill: optimum }
  - { name: check, skill: limits }
`.replace("`FIC-101.PV`", "FIC-101.PV");
