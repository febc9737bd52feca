import assert from "node:assert/strict";
import {
  combine,
  difference,
  parseUnit,
  raise,
  unitsDiffer,
} from "../../src/strategy/unit_algebra.ts";

const same: readonly (readonly [string, string])[] = [
  ["t/h", "kg/h * 1"],
  ["GJ/h", "t/h * MJ/kg"],
  ["kW", "kJ/s"],
  ["t/h/RPM", "t/h/rpm"],
  ["m3/h", "m³/h"],
  ["m^3/h", "m3*h-1"],
  ["degC", "K"],
  ["°C", "degC"],
  ["1/min", "RPM"],
  ["Hz", "s-1"],
  ["mbar", "hPa"],
  ["L", "l"],
  ["kcal/kg", "Mcal/t"],
  ["EUR/h", "€/h"],
  ["W", "V*A"],
];

Deno.test("parseUnit knows one unit under several spellings", () => {
  for (const [a, b] of same) {
    const [left, right] = [parseUnit(a), parseUnit(b)];
    assert.ok(left !== undefined && right !== undefined, `${a} and ${b}`);
    const apart = difference(left, right);
    if (a === "t/h") assert.deepEqual(apart, { factor: 0.001 });
    else assert.equal(apart, undefined, `${a} and ${b}`);
  }
});

Deno.test("difference tells units of another kind from those that a factor turns into each other", () => {
  const cases: readonly (readonly [string, string, number | "kind"])[] = [
    ["t/h", "kg/h", 1e-3],
    ["kg/h", "t/d", 1000 / 24],
    ["%", "ppm", 1e-4],
    ["kWh", "MJ", 1 / 3.6],
    ["kcal/kg", "MJ/kg", 1e6 / 4186.8],
    ["m3/h", "l/min", 0.06],
    ["bar", "kPa", 0.01],
    ["t/h", "m3/h", "kind"],
    ["degC", "bar", "kind"],
    ["EUR/h", "USD/h", "kind"],
    ["kW", "kWh", "kind"],
    ["RPM", "h", "kind"],
  ];
  for (const [a, b, expected] of cases) {
    const [left, right] = [parseUnit(a), parseUnit(b)];
    assert.ok(left !== undefined && right !== undefined, `${a} and ${b}`);
    const apart = difference(left, right);
    if (expected === "kind") assert.equal(apart, "kind", `${a} and ${b}`);
    else {
      assert.ok(typeof apart === "object", `${a} and ${b}`);
      assert.ok(Math.abs(apart.factor / expected - 1) < 1e-6, `${a} and ${b}: ${apart.factor}`);
    }
  }
});

Deno.test("parseUnit knows nothing of a unit with any symbol that is not in its table", () => {
  const strange = [
    "",
    "-",
    "Nm3/h",
    "mg/Nm3",
    "barg",
    "vol%",
    "t/hr",
    "W/m2K",
    "m3/(h*m2)",
    "t//h",
  ];
  for (const text of [...strange, "kg/", "/h", "m0", "t h", "constructor", "%/"]) {
    assert.equal(parseUnit(text), undefined, text);
  }
  assert.equal(unitsDiffer("mg/Nm3", "mg/m3"), false);
  assert.equal(unitsDiffer("", "t/h"), false);
  assert.equal(unitsDiffer("t/h", "kg/h"), true);
});

Deno.test("combine and raise multiply, divide and cancel", () => {
  const [mass, volume] = [parseUnit("t/h"), parseUnit("m3/h")];
  assert.ok(mass !== undefined && volume !== undefined);
  const density = combine(mass, volume, { sign: -1, text: "t/h/(m3/h)" });
  assert.equal(difference(density, parseUnit("t/m3") ?? mass), undefined);
  const none = combine(density, raise(density, -1), { sign: 1, text: "" });
  assert.equal(none.powers.size, 0);
  assert.ok(Math.abs(none.factor - 1) < 1e-12);
  assert.equal(difference(raise(raise(mass, 2), 0.5), mass), undefined);
});
