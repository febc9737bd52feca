/** Heat balance of the rotary kiln. */

import {
  AIR_PER_NORMAL_M3,
  CALCINATION_HEAT,
  CLINKER_DROP,
  CLINKERING_HEAT,
  CO_HEAT,
  CP,
  LIMESTONE,
} from "./constants.ts";
import type { Conditions } from "./conditions.ts";
import { coAt } from "./reactions.ts";
import type { Streams } from "./streams.ts";

export interface Kiln {
  readonly burningZone: number;
  readonly flame: number;
  /** Gas at the kiln's inlet, degC. */
  readonly inlet: number;
  readonly shell: number;
  /** Heat of the CO that leaves the kiln, kW; it burns in the calciner. */
  readonly coLoss: number;
}

/** Burning zone and flame at a given temperature of the secondary air, degC. */
export function fireKiln(conditions: Conditions, streams: Streams, secondary: number): Kiln {
  const { d, clinker, kilnSpeed, calcinerTemperature: calciner } = conditions;
  const { kilnGas, kilnMeal, kilnAir, secondaryAir } = streams;
  const ambient = d.ambientTemperature;
  const fuel = conditions.kilnCoal * d.coalHeat * 1000;
  const coLoss = coAt(streams.kilnOxygen) / 100 * (kilnGas / AIR_PER_NORMAL_M3) * CO_HEAT;

  // Gas to bed as a heat exchanger, effectiveness by transfer units: more gas, hotter kiln inlet.
  const slip = Math.exp(-0.74 * Math.pow(21.5 / kilnGas, 0.4) * Math.pow(kilnSpeed / 4, 0.1));
  // kW/K; coating insulates.
  const loss = 6.8 * (1 - 0.15 * d.coating);
  const heatIn = fuel - coLoss + secondaryAir * CP.air * secondary +
    (kilnAir - secondaryAir) * CP.air * ambient + kilnMeal * CP.meal * calciner;
  const sink = (1 - streams.calcination) * streams.reacting * LIMESTONE * CALCINATION_HEAT +
    clinker * CLINKERING_HEAT;
  // The balance is linear in the burning zone's temperature.
  const burningZone = (heatIn - sink + clinker * CP.clinker * CLINKER_DROP -
    kilnGas * CP.gas * calciner * (1 - slip) + loss * ambient) /
    (clinker * CP.clinker + kilnGas * CP.gas * slip + loss);

  // The flame radiates the fuel's heat to the bed: Stefan and Boltzmann, 62 m2 effective.
  const flame = Math.pow(
    Math.pow(burningZone + 273, 4) + (fuel - coLoss) / (62 * 5.67e-11),
    0.25,
  ) - 273;
  return {
    burningZone,
    flame,
    inlet: calciner + slip * (burningZone - calciner),
    shell: loss * (burningZone - ambient),
    coLoss,
  };
}
