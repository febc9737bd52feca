/** The kiln in time: repeatable, follows its set-points, stays a kiln. */

import assert from "node:assert/strict";
import { experiments } from "../../../strategies/cement-kiln/generate_data.ts";
import { createPlant } from "../../../strategies/cement-kiln/simulator.ts";
import { MEASURED_TAGS, OPERATIVE_TAGS } from "../../../strategies/cement-kiln/tags.ts";

const NOTHING: ReadonlyMap<string, number> = new Map();

function run(seed: number, steps: number): ReadonlyMap<string, number>[] {
  const plant = createPlant(seed);
  return Array.from({ length: steps }, () => plant.step(60, NOTHING));
}

Deno.test("createPlant runs alike for the same seed and differently for another", () => {
  assert.deepEqual(run(1, 100), run(1, 100));
  assert.notDeepEqual(run(1, 1), run(2, 1));
});

Deno.test("createPlant gives every tag a finite value at first, and every sensor's at every step", () => {
  const plant = createPlant(3);
  assert.equal(new Set(plant.tags).size, OPERATIVE_TAGS.length + Object.keys(MEASURED_TAGS).length);
  const sensors = plant.tags.filter((tag) => !tag.startsWith("LAB_"));
  assert.equal(sensors.length, plant.tags.length - 3);
  for (
    const [seconds, tags] of [[0, plant.tags], [1, sensors], [5, sensors], [60, sensors]] as const
  ) {
    const live = plant.step(seconds, NOTHING);
    assert.deepEqual([...live.keys()].sort(), [...tags].sort());
    for (const [tag, value] of live) assert.ok(Number.isFinite(value), `${tag}: ${value}`);
  }
});

Deno.test("createPlant stays in the operating range over ten days at typical settings", () => {
  const normal: Readonly<Record<string, readonly [number, number]>> = {
    Kiln_Inlet_NOX: [300, 1600],
    Kiln_Drive_Current: [440, 610],
    Clinker_temperature: [40, 150],
    Calciner_outlet_CO: [0, 0.45],
    Kiln_Inlet_Oxygen: [1.5, 5],
    LAB_Free_lime: [0.1, 3],
  };
  const plant = createPlant(1);
  for (let hour = 0; hour < 240; hour++) {
    const live = plant.step(3600, NOTHING);
    for (const [tag, [lower, upper]] of Object.entries(normal)) {
      const value = live.get(tag) ?? NaN;
      // A sample every two hours: there is none in every other one.
      if (tag === "LAB_Free_lime" && hour > 0 && hour % 2 === 0) {
        assert.equal(live.has(tag), false, `hour ${hour}`);
        continue;
      }
      assert.ok(value >= lower && value <= upper, `hour ${hour}, ${tag}: ${value}`);
    }
  }
});

Deno.test("step lets an actuator follow its set-point with its lag and keeps it there", () => {
  const plant = createPlant(5);
  const setPoint = new Map([["PH_Fan_Speed_PV", 1220]]);
  const afterOneLag = plant.step(15, setPoint).get("PH_Fan_Speed_PV") ?? NaN;
  assert.ok(Math.abs(afterOneLag - (1200 + 20 * (1 - Math.exp(-1)))) < 1, `${afterOneLag}`);
  const later = plant.step(600, NOTHING).get("PH_Fan_Speed_PV") ?? NaN;
  assert.ok(Math.abs(later - 1220) < 1, `${later}`);
});

Deno.test("step shows coal in the kiln's measurements after its thermal lag, not at once", () => {
  const held = createPlant(7);
  const fired = createPlant(7);
  const more = new Map([["Kiln_Coal_PV", 9]]);
  // The same seed gives both plants the same disturbances and noise: the difference is the coal's.
  const difference = (seconds: number) =>
    (fired.step(seconds, more).get("Kiln_Drive_Current") ?? NaN) -
    (held.step(seconds, NOTHING).get("Kiln_Drive_Current") ?? NaN);
  const soon = difference(60);
  const late = difference(5400);
  assert.ok(soon > 0 && soon < 8, `after a minute ${soon} A`);
  assert.ok(late > 30, `after an hour and a half ${late} A`);
});

Deno.test("step gives a laboratory value only where a sample came back", () => {
  const plant = createPlant(9);
  const minutes = new Map<string, number[]>();
  for (let minute = 1; minute <= 600; minute++) {
    for (const tag of plant.step(60, NOTHING).keys()) {
      if (tag.startsWith("LAB_")) minutes.set(tag, [...minutes.get(tag) ?? [], minute]);
    }
  }
  // The first step gives a value of each, so that nobody waits for hours.
  assert.deepEqual(minutes.get(MEASURED_TAGS.freeLime.tag), [1, 120, 240, 360, 480, 600]);
  assert.deepEqual(minutes.get(MEASURED_TAGS.coalHeat.tag), [1, 240, 480]);
  assert.equal(minutes.get(MEASURED_TAGS.limeSaturation.tag)?.length, 11);
});

Deno.test("step clips a set-point to what the equipment can do", () => {
  const live = createPlant(1).step(3600, new Map([["Kiln_Drive_Speed_PV", 99]]));
  assert.ok(Math.abs((live.get("Kiln_Drive_Speed_PV") ?? NaN) - 4.5) < 0.05);
});

Deno.test("step refuses unknown tags, numbers that are not finite and negative time", () => {
  const plant = createPlant(1);
  const wrong = new Map([["Kiln_Coal", 8], ["Kiln_Coal_PV", NaN]]);
  assert.throws(() => plant.step(5, wrong), /"Kiln_Coal" is not a setting.*"Kiln_Coal_PV" is NaN/);
  assert.throws(() => plant.step(-1, NOTHING), RangeError);
});

Deno.test("experiments are repeatable from their seed, in pairs", () => {
  const rows = [...experiments(5, 1)];
  assert.deepEqual(rows, [...experiments(5, 1)]);
  assert.notDeepEqual(rows, [...experiments(5, 2)]);
  assert.deepEqual(rows.slice(1).map((row) => row.split(",", 2).join(" ")), [
    ...[0, 1, 2, 3, 4].flatMap((pair) => [`${pair} 0`, `${pair} 1`]),
  ]);
});
