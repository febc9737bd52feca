/** The grate cooler, and what its fans and the preheater fan cost. */

import { CP } from "./constants.ts";
import type { Conditions } from "./conditions.ts";

export interface Cooler {
  /** Clinker at the exit, degC. */
  readonly clinker: number;
  /** Air to the kiln and to the calciner, degC. */
  readonly secondary: number;
  readonly tertiary: number;
  /** kg/s through all fans, and what is vented of it. */
  readonly air: number;
  readonly ventAir: number;
  /** kW. */
  readonly ventHeat: number;
}

/**
 * Nine compartments of cross flow. In each, dT/dx = -e (m cp)air/(m cp)clinker (T - Tair), so the
 * clinker's temperature above the air falls by exp(-e R). A deeper bed (higher under-grate
 * pressure) exchanges better. The kiln draws the hottest air, the calciner the next.
 */
export function coolClinker(
  conditions: Conditions,
  inlet: number,
  draw: { readonly secondaryAir: number; readonly tertiaryAir: number },
): Cooler {
  const { d, underGrate, fans } = conditions;
  const ambient = d.ambientTemperature;
  const density = 353 / (273 + ambient);
  const bed = Math.pow(underGrate / 5.5, 0.15) * (1 - d.coolerFouling);
  const capacity = conditions.clinker * CP.clinker;
  const secondary = { wanted: draw.secondaryAir, heat: 0 };
  const tertiary = { wanted: draw.tertiaryAir, heat: 0 };
  let temperature = inlet;
  let air = 0;
  let ventAir = 0;
  let ventHeat = 0;
  for (const [compartment, flow] of fans.entries()) {
    // The fixed inlet grate of the first three quenches better than the moving rows.
    const effectiveness = bed * (compartment < 3 ? 0.92 : 0.64);
    const mass = flow * density;
    const above = temperature - ambient;
    const left = above * Math.exp(-effectiveness * mass * CP.air / capacity);
    // Enthalpy per kg of the air that comes through the bed here.
    const enthalpy = CP.air * ambient + (above - left) * capacity / mass;
    let rest = mass;
    for (const drawn of [secondary, tertiary]) {
      const taken = Math.min(rest, drawn.wanted);
      drawn.wanted -= taken;
      drawn.heat += taken * enthalpy;
      rest -= taken;
    }
    ventAir += rest;
    ventHeat += rest * enthalpy;
    air += mass;
    temperature = ambient + left;
  }
  return {
    clinker: temperature,
    secondary: secondary.heat / (draw.secondaryAir * CP.air),
    tertiary: tertiary.heat / (draw.tertiaryAir * CP.air),
    air,
    ventAir,
    ventHeat,
  };
}

/** Preheater fan and cooler fans together, kW, at the preheater's exhaust temperature in degC. */
export function fanPower({ phFan, fans, underGrate }: Conditions, exhaust: number): number {
  // Affinity law, and thinner gas when it is hotter.
  const preheater = 1250 * Math.pow(phFan / 1200, 3) * (653 / (273 + exhaust));
  // Flow times pressure over efficiency; grate plates and ducts add a part that grows as flow².
  return fans.reduce(
    (sum, flow) => sum + flow * (underGrate + 0.012 * flow * flow) / 0.7,
    preheater,
  );
}
