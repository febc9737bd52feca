/** Rates: calcination, CO, NOx, free lime; and the torque that the drive feels. */

import type { Conditions } from "./conditions.ts";

/** kJ/(mol K). */
const GAS_CONSTANT = 8.314e-3;

/** k(T)/k(T₀) with the activation energy in kJ/mol, temperatures in degC. */
function arrhenius(energy: number, temperature: number, reference: number): number {
  return Math.exp(energy / GAS_CONSTANT * (1 / (reference + 273) - 1 / (temperature + 273)));
}

/**
 * Share of the limestone that is calcined before the kiln, 0 to 1: first order, Arrhenius with
 * 110 kJ/mol (apparent, as heat transfer limits it too), 84 % at 875 degC; `relativeTime` is the
 * gas's residence time over the nominal one.
 */
export function calcinationAt(temperature: number, relativeTime: number): number {
  return 1 - Math.exp(-1.83 * arrhenius(110, temperature, 875) * relativeTime);
}

/** CO in % against oxygen in %: break-through falls exponentially with excess air. */
export function coAt(oxygen: number): number {
  return 0.03 + 1.2 * Math.exp(-Math.max(oxygen, -1) / 0.75);
}

/**
 * NOx in ppm from the flame's temperature in degC and oxygen in %: fuel NOx plus thermal NOx by
 * Zeldovich's rate, exp(-69090/T) sqrt(O2) (Bowman 1975).
 */
export function noxAt(flame: number, oxygen: number): number {
  const thermal = Math.exp(69_090 * (1 / 2130 - 1 / (flame + 273)));
  // Positive and smooth where the kiln runs out of air.
  const present = 0.2 * Math.log1p(Math.exp(oxygen / 0.2));
  return 150 + 620 * thermal * Math.sqrt(present / 2.5);
}

/**
 * Free lime in %: alite formation, first order in free lime, 150 kJ/mol apparent; time in the
 * burning zone ~ 1/speed (Sullivan), damped by mixing; burnability and lime saturation shift what
 * there is to burn.
 */
export function freeLimeAt({ kilnSpeed, d }: Conditions, burningZone: number): number {
  const residence = Math.sqrt(4 / kilnSpeed);
  return 28 * Math.exp(0.07 * (d.limeSaturation - 96) + 0.25 * d.burnability) *
    Math.exp(-3.2 * arrhenius(150, burningZone, 1450) * residence);
}

/**
 * Drive current in A follows torque: the kiln's load (feed over speed), lifted higher by more melt
 * in a hotter burning zone and by coating.
 */
export function driveCurrentAt({ clinker, kilnSpeed, d }: Conditions, burningZone: number): number {
  const fill = (clinker / 29.62) / (kilnSpeed / 4);
  return 100 + 20 * kilnSpeed +
    335 * Math.pow(fill, 0.9) * (1 + 0.0022 * (burningZone - 1450)) + 20 * d.coating;
}
