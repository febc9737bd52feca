/** Examples for the OpenAPI document: one cycle of the cement kiln, cut to two settings. */

export const exampleOptimize = {
  input_data: { Kiln_Coal_PV: 8.5, Calciner_temperature_PV: 875, Kiln_Inlet_Oxygen: 3.1 },
} as const;

export const examplePredict = {
  input_data: { Calciner_temperature_PV: 875 },
  sweep: { Kiln_Coal_PV: { from: 8, to: 9, points: 11 } },
} as const;

export const exampleRecommendation = {
  cycle_id: "019cabb4-6a3e-7c51-9d0b-6f0f5b0c8a11",
  strategy: "cement-kiln",
  version: "12",
  digest: "5d8f0c1e7a3b4c29b1f6d2a89e4c7b1035f6a8d9c0e1b2a3948576f1e2d3c4b5",
  time: "2026-03-01T12:00:00.000Z",
  valid_until: "2026-03-01T12:07:30.000Z",
  trigger: "request",
  status: "optimised",
  reason: null,
  mode: { requested: "advisory", achieved: "advisory" },
  settings: [
    {
      variable: "Kiln_Coal_PV",
      unit: "t/h",
      measured: 8.5,
      recommended: 8.45,
      change: -0.05,
      limited_by: "move limit down",
      quality: "good",
      source_time: "2026-03-01T11:59:55.000Z",
    },
    {
      variable: "Kiln_Drive_Speed_PV",
      unit: "RPM",
      measured: 4,
      recommended: 4,
      change: 0,
      limited_by: "deadband",
      quality: "good",
      source_time: "2026-03-01T11:59:55.000Z",
    },
  ],
  expectations: [
    {
      ...{ variable: "Predicted_Free_lime", unit: "%", now: 1.12, expected: 1.21, bias: 0.04 },
      ...{ quality: "good", source_time: "2026-03-01T11:59:55.000Z" },
    },
    {
      ...{ variable: "specific_heat", unit: "kcal/kg", now: 846.2, expected: 841.7, bias: null },
      ...{ quality: "good", source_time: "2026-03-01T11:59:55.000Z" },
    },
  ],
  objective: {
    ...{ optimizer: "optimum", unit: "EUR/h", sense: "maximize" },
    ...{ now: 1412.6, expected: 1431.9, improvement: 19.3, penalties: [] },
    ...{ quality: "good", source_time: "2026-03-01T11:59:55.000Z" },
  },
  binding_limits: [
    {
      limit: "free lime",
      of: "constraint",
      side: "upper",
      unit: "%",
      value: 1.4,
      shadow_price: 61.5,
      shadow_price_unit: "(EUR/h) per %",
    },
  ],
  relaxed_limits: [],
  influences: {
    optimizer: "optimum",
    reason: null,
    one_sided: [],
    settings: [
      { variable: "Kiln_Coal_PV", unit: "t/h", moved_by: [] },
      {
        variable: "Kiln_Drive_Speed_PV",
        unit: "RPM",
        moved_by: [
          {
            ...{ variable: "Kiln_Feed_SFF_1_Feed_rate", unit: "t/h", value: 85.2 },
            ...{ per_unit: 0.021, per_unit_unit: "(RPM) per t/h" },
            ...{ typical_change: 1.8, typical_from: "recent readings", moves: 0.0378 },
          },
        ],
      },
    ],
    objective: {
      unit: "EUR/h",
      moved_by: [
        {
          ...{ variable: "Kiln_Feed_SFF_1_Feed_rate", unit: "t/h", value: 85.2 },
          ...{ per_unit: 14.2, per_unit_unit: "(EUR/h) per t/h" },
          ...{ typical_change: 1.8, typical_from: "recent readings", moves: 25.56 },
        },
      ],
    },
  },
  checks: [
    {
      ...{ limit: "free lime", unit: "%", now: 1.08, value: 1.21, min: 0.5, max: 1.4 },
      violation: 0,
      ...{ quality: "good", source_time: "2026-03-01T11:59:55.000Z" },
    },
  ],
  warnings: [],
  solver: {
    optimizer: "optimum",
    outcome: "optimal",
    iterations: 14,
    total_ms: 9.1,
    evaluation_ms: 0.6,
    rungs: [],
  },
  referee: { worst_difference: 3.1e-7, variable: "Predicted_NOX", tolerance: 0.0001 },
  last_answer: { cycle_id: "example-1", time: "2026-03-01T11:55:00.000Z", status: "optimised" },
} as const;

export const exampleLatest = {
  ...exampleRecommendation,
  valid: true,
  server_time: "2026-03-01T12:01:10.000Z",
  heartbeat: 417,
  values: [
    {
      tag: "Kiln_Coal_PV",
      value: 8.45,
      unit: "t/h",
      quality: "good",
      source_time: "2026-03-01T11:59:55.000Z",
      server_time: "2026-03-01T12:01:10.000Z",
    },
  ],
} as const;
