/** The simulated kiln obeys its balances and answers in the direction that a kiln answers. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  NOMINAL_DISTURBANCES,
  type SteadyState,
  steadyState,
} from "../../../strategies/cement-kiln/simulator.ts";
import { OPERATIVE_TAGS, typicalSettings } from "../../../strategies/cement-kiln/tags.ts";

/** Settings within a tenth of the equipment's span about the typical value. */
const nearTypical = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
  minLength: OPERATIVE_TAGS.length,
  maxLength: OPERATIVE_TAGS.length,
}).map((shares) =>
  new Map(
    OPERATIVE_TAGS.map(({ tag, typical, bounds: [lower, upper] }, index) => [
      tag,
      typical + 0.1 * (upper - lower) * (shares[index] ?? 0),
    ]),
  )
);

Deno.test("steadyState closes the plant's heat balance", () => {
  fc.assert(fc.property(nearTypical, (settings) => {
    const { heat, residual } = steadyState(settings);
    const inward = heat.fuel + heat.meal + heat.air;
    const outward = heat.calcination + heat.clinkering + heat.exhaustGas + heat.exhaustDust +
      heat.evaporation + heat.clinker + heat.ventAir + heat.kilnShell + heat.towerShell +
      heat.unburntCo;
    assert.ok(residual < 1e-9, `not converged: ${residual} K`);
    assert.ok(Math.abs(inward - outward) < 1e-6 * inward, `${inward} kW in, ${outward} kW out`);
  }));
});

Deno.test("steadyState at typical settings is a kiln in normal operation", () => {
  const state = steadyState(typicalSettings());
  const normal: Partial<Record<keyof SteadyState, readonly [number, number]>> = {
    clinker: [100, 115],
    burningZoneTemperature: [1430, 1480],
    kilnInletTemperature: [1000, 1200],
    exhaustTemperature: [320, 400],
    clinkerTemperature: [40, 150],
    calcinerCo: [0, 0.4],
    kilnOxygen: [2, 4],
    nox: [500, 1200],
    freeLime: [0.5, 1.5],
    driveCurrent: [450, 600],
    specificHeat: [720, 900],
  };
  for (const [name, [lower, upper]] of Object.entries(normal)) {
    const value = state[name as keyof typeof normal];
    assert.ok(typeof value === "number" && value > lower && value < upper, `${name}: ${value}`);
  }
});

/** A setting or disturbance, an output, and the sign of the answer. */
const ANSWERS: readonly (readonly [string, keyof SteadyState, 1 | -1])[] = [
  ["Kiln_Coal_PV", "burningZoneTemperature", 1],
  ["Kiln_Coal_PV", "freeLime", -1],
  ["Kiln_Coal_PV", "nox", 1],
  ["Kiln_Coal_PV", "kilnOxygen", -1],
  ["Kiln_Coal_PV", "driveCurrent", 1],
  ["Kiln_Feed_SFF_1_Feed_rate", "freeLime", 1],
  ["Kiln_Feed_SFF_1_Feed_rate", "calcinerCoal", 1],
  ["Kiln_Feed_SFF_1_Feed_rate", "calcinerCo", 1],
  ["Kiln_Feed_SFF_1_Feed_rate", "clinkerTemperature", 1],
  ["Calciner_temperature_PV", "calcination", 1],
  ["Calciner_temperature_PV", "calcinerCoal", 1],
  ["Calciner_temperature_PV", "freeLime", -1],
  ["PH_Fan_Speed_PV", "kilnOxygen", 1],
  ["PH_Fan_Speed_PV", "calcinerCo", -1],
  ["PH_Fan_Speed_PV", "fanPower", 1],
  ["Kiln_Drive_Speed_PV", "driveCurrent", -1],
  ["Kiln_Drive_Speed_PV", "freeLime", 1],
  ["Under_grate_Average_Pressure", "clinkerTemperature", -1],
  ["Under_grate_Average_Pressure", "secondaryAirTemperature", 1],
  ["Under_grate_Average_Pressure", "fanPower", 1],
  ["Cooler_Fan_2_Flow", "secondaryAirTemperature", -1],
  ["Cooler_Fan_9_Flow", "clinkerTemperature", -1],
  ["Cooler_Fan_9_Flow", "fanPower", 1],
];

Deno.test("steadyState answers each setting in the direction that a kiln does", () => {
  fc.assert(
    fc.property(nearTypical, (settings) => {
      const before = steadyState(settings);
      for (const [tag, output, sign] of ANSWERS) {
        const moved = new Map(settings);
        const [lower, upper] = OPERATIVE_TAGS.find((row) => row.tag === tag)!.bounds;
        moved.set(tag, (settings.get(tag) ?? NaN) + 0.02 * (upper - lower));
        const change = (steadyState(moved)[output] as number) - (before[output] as number);
        assert.ok(sign * change > 0, `${tag} up changes ${output} by ${change}`);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("steadyState answers disturbances in the direction that a kiln does", () => {
  const before = steadyState(typicalSettings());
  const after = (change: Partial<typeof NOMINAL_DISTURBANCES>) =>
    steadyState(typicalSettings(), { ...NOMINAL_DISTURBANCES, ...change });
  assert.ok(after({ limeSaturation: 97 }).freeLime > before.freeLime);
  assert.ok(after({ burnability: 1 }).freeLime > before.freeLime);
  assert.ok(after({ coalHeat: 17.5 }).nox > before.nox);
  assert.ok(after({ coating: 1 }).driveCurrent > before.driveCurrent);
  assert.ok(after({ falseAir: 0.1 }).kilnOxygen < before.kilnOxygen);
  assert.ok(after({ coolerFouling: 0.05 }).clinkerTemperature > before.clinkerTemperature);
  assert.ok(after({ moisture: 0.01 }).burningZoneTemperature < before.burningZoneTemperature);
});

Deno.test("steadyState names the setting that is missing", () => {
  const settings = typicalSettings();
  settings.delete("Kiln_Coal_PV");
  assert.throws(() => steadyState(settings), /TypeError: .*"Kiln_Coal_PV" is undefined/);
});
