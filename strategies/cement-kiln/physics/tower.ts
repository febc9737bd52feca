/** Heat balances of calciner and preheater. */

import {
  AIR_PER_NORMAL_M3,
  CALCINATION_HEAT,
  CO_HEAT,
  CP,
  EVAPORATION_HEAT,
  LIMESTONE,
  MEAL_TEMPERATURE,
  NOMINAL_GAS,
} from "./constants.ts";
import type { Conditions } from "./conditions.ts";
import type { Kiln } from "./kiln.ts";
import { coAt } from "./reactions.ts";
import type { Streams } from "./streams.ts";

export interface Tower {
  /** kg/s. */
  readonly calcinerCoal: number;
  /** %. */
  readonly co: number;
  /** kW. */
  readonly unburntCo: number;
  readonly shell: number;
  /** Gas after the preheater, degC. */
  readonly exhaust: number;
}

/** Calciner coal and exhaust at a given temperature of the tertiary air, degC. */
export function heatTower(
  conditions: Conditions,
  { streams, kiln, tertiary }: { streams: Streams; kiln: Kiln; tertiary: number },
): Tower {
  const { d, meal, calcinerTemperature: calciner } = conditions;
  const { phGas, calcinerGas, reacting, water, dust, falseAir } = streams;
  const ambient = d.ambientTemperature;
  const co = coAt(streams.calcinerOxygen);
  const unburntCo = co / 100 * (calcinerGas / AIR_PER_NORMAL_M3) * CO_HEAT;

  // Preheater cyclones: effectiveness of the meal side grows a little with the gas it meets.
  const toMeal = 0.89 * Math.pow((phGas / meal) / (NOMINAL_GAS / 47.8), 0.25);
  const preheated = MEAL_TEMPERATURE + toMeal * (calciner - MEAL_TEMPERATURE);

  // Fuel closes the calciner's balance at the temperature that its controller holds. The CO that
  // leaves the kiln burns here, so its heat comes in with the kiln's gas.
  const shell = 1500 + 1.2 * (calciner - ambient);
  const need = streams.calcination * reacting * LIMESTONE * CALCINATION_HEAT +
    calcinerGas * CP.gas * calciner + streams.kilnMeal * CP.meal * calciner + shell + unburntCo -
    reacting * CP.meal * preheated - streams.kilnGas * CP.gas * kiln.inlet - kiln.coLoss -
    streams.tertiaryAir * CP.air * tertiary;

  // The preheater's gas gives what the meal, its water and the dust take.
  const capacity = (phGas - water - falseAir) * CP.gas + falseAir * CP.air + water * CP.vapour +
    dust * CP.meal;
  const exhaust = (calcinerGas * CP.gas * calciner + falseAir * CP.air * ambient +
    reacting * CP.meal * (MEAL_TEMPERATURE - preheated) + dust * CP.meal * MEAL_TEMPERATURE +
    water * (CP.water * MEAL_TEMPERATURE - EVAPORATION_HEAT)) / capacity;
  return { calcinerCoal: need / (d.coalHeat * 1000), co, unburntCo, shell, exhaust };
}
