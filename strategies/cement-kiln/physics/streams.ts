/** Mass balance: what flows where, kg/s. */

import {
  AIR_PER_NORMAL_M3,
  CO2_OF_LIMESTONE,
  GAS_FROM_COAL,
  KILN_AIR_SHARE,
  LIMESTONE,
  NOMINAL_GAS,
  PRIMARY_AIR,
} from "./constants.ts";
import type { Conditions } from "./conditions.ts";
import { calcinationAt } from "./reactions.ts";

export interface Streams {
  /** Meal that reaches the kiln; the rest leaves as filter dust, uncalcined. */
  readonly reacting: number;
  readonly dust: number;
  readonly water: number;
  readonly carbonDioxide: number;
  /** Both burners. */
  readonly coal: number;
  readonly phGas: number;
  readonly falseAir: number;
  readonly kilnAir: number;
  readonly secondaryAir: number;
  readonly tertiaryAir: number;
  /** 0 to 1. */
  readonly calcination: number;
  /** Meal that enters the kiln, partly calcined. */
  readonly kilnMeal: number;
  readonly kilnGas: number;
  readonly calcinerGas: number;
  /** %. */
  readonly kilnOxygen: number;
  readonly calcinerOxygen: number;
}

/** Streams at given calciner coal (kg/s) and exhaust temperature (degC). */
export function streamsAt(
  conditions: Conditions,
  { coal: calcinerCoal, exhaust }: { readonly coal: number; readonly exhaust: number },
): Streams {
  const { d, meal, clinker, kilnCoal } = conditions;
  const reacting = clinker / (1 - LIMESTONE * CO2_OF_LIMESTONE);
  const water = meal * d.moisture;
  const carbonDioxide = reacting * LIMESTONE * CO2_OF_LIMESTONE;

  // Preheater fan: affinity law, volume ~ speed, at the density of its gas (ideal gas).
  const phGas = NOMINAL_GAS * (conditions.phFan / 1200) * (653 / (273 + exhaust));
  const coal = kilnCoal + calcinerCoal;
  const air = phGas - GAS_FROM_COAL * coal - carbonDioxide - water;
  const falseAir = d.falseAir * air;
  const kilnAir = KILN_AIR_SHARE * (air - falseAir);
  const tertiaryAir = (1 - KILN_AIR_SHARE) * (air - falseAir);

  // Gas that leaves the kiln carries the carbon dioxide that the calciner left in the meal.
  const calcination = calcinationAt(conditions.calcinerTemperature, NOMINAL_GAS / phGas);
  const kilnGas = kilnAir + GAS_FROM_COAL * kilnCoal + (1 - calcination) * carbonDioxide;
  const calcinerGas = kilnAir + tertiaryAir + GAS_FROM_COAL * coal + carbonDioxide;

  // Least air per kg of coal, Rosin and Fehling: 1.01 H/1000 + 0.5 normal m3, H in kcal/kg.
  const leastAir = (1.01 * d.coalHeat * 1000 / 4186.8 + 0.5) * AIR_PER_NORMAL_M3;
  return {
    reacting,
    dust: meal - reacting,
    water,
    carbonDioxide,
    coal,
    phGas,
    falseAir,
    kilnAir,
    secondaryAir: (1 - PRIMARY_AIR) * kilnAir,
    tertiaryAir,
    calcination,
    kilnMeal: reacting - calcination * carbonDioxide,
    kilnGas,
    calcinerGas,
    kilnOxygen: 21 * (kilnAir - leastAir * kilnCoal) / kilnGas,
    calcinerOxygen: 21 * (kilnAir + tertiaryAir - leastAir * coal) / calcinerGas,
  };
}
