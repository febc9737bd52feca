import assert from "node:assert/strict";
import { nearName } from "../src/near_name.ts";

const known = ["Kiln_Coal_PV", "Kiln_Feed", "NOx", "max", "deadband"];

Deno.test("nearName finds names with letters missing, doubled, wrong, swapped or in another case", () => {
  const cases = [
    ["Kiln_Coal", "Kiln_Coal_PV"],
    ["Kiln_Cooal_PV", "Kiln_Coal_PV"],
    ["kiln_coal_pv", "Kiln_Coal_PV"],
    ["Klin_Feed", "Kiln_Feed"],
    ["nox", "NOx"],
    ["mxa", "max"],
    ["deadbnd", "deadband"],
  ] as const;
  for (const [name, near] of cases) assert.equal(nearName(name, known), near, name);
});

Deno.test("nearName finds a tag by its words where others stand between them", () => {
  const tags = ["Kiln_Coal_PV", "Kiln_Drive_Speed_PV"];
  assert.equal(nearName("Kiln_Speed_PV", tags), "Kiln_Drive_Speed_PV");
  assert.equal(nearName("PV_Speed", tags), undefined);
  assert.equal(nearName("PV", tags), undefined);
});

Deno.test("nearName finds nothing for a name that is like none", () => {
  for (const name of ["Ambient", "x", "", "Hood_Pressure"]) {
    assert.equal(nearName(name, known), undefined, name);
  }
});
