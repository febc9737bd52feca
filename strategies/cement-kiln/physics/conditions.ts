/** What the kiln is run with and what it suffers. */

import {
  CALCINER_TEMPERATURE,
  COOLER_FANS,
  FEED_1,
  FEED_2,
  KILN_COAL,
  KILN_SPEED,
  PH_FAN,
  UNDER_GRATE,
} from "../tags.ts";
import { CLINKER_FACTOR } from "./constants.ts";

/** What the plant suffers; the last five are not measured by any tag. */
export interface Disturbances {
  /** Lower heating value of the coal as fired, MJ/kg. */
  readonly coalHeat: number;
  /** Lime saturation factor of the raw meal, %. */
  readonly limeSaturation: number;
  readonly ambientTemperature: number;
  /** Moisture of the raw meal, kg/kg. */
  readonly moisture: number;
  /** Share of the preheater's air that leaks in cold after the calciner. */
  readonly falseAir: number;
  /** 0 normal, positive: the meal is harder to burn. */
  readonly burnability: number;
  /** 0 normal, positive: heavier coating in the kiln. */
  readonly coating: number;
  /** Loss of heat exchange in the cooler, share. */
  readonly coolerFouling: number;
}

export const NOMINAL_DISTURBANCES: Disturbances = {
  coalHeat: 17,
  limeSaturation: 96,
  ambientTemperature: 28,
  moisture: 0.006,
  falseAir: 0.08,
  burnability: 0,
  coating: 0,
  coolerFouling: 0,
};

/** Settings in the physics' units: kg/s, degC, RPM, kPa, actual m3/s. */
export interface Conditions {
  readonly meal: number;
  readonly clinker: number;
  readonly kilnCoal: number;
  readonly calcinerTemperature: number;
  readonly phFan: number;
  readonly kilnSpeed: number;
  readonly underGrate: number;
  /** Cooler fans in the order in which the clinker passes them. */
  readonly fans: readonly number[];
  readonly d: Disturbances;
}

/** Converts settings by tag; throws TypeError that names the setting that is missing. */
export function conditionsOf(settings: ReadonlyMap<string, number>, d: Disturbances): Conditions {
  const of = (tag: string): number => {
    const value = settings.get(tag);
    if (value === undefined || !Number.isFinite(value)) {
      throw new TypeError(`Cannot compute the kiln: setting "${tag}" is ${value}, give a number`);
    }
    return value;
  };
  const meal = (of(FEED_1) + of(FEED_2)) / 3.6;
  return {
    meal,
    clinker: CLINKER_FACTOR * meal,
    kilnCoal: of(KILN_COAL) / 3.6,
    calcinerTemperature: of(CALCINER_TEMPERATURE),
    phFan: of(PH_FAN),
    kilnSpeed: of(KILN_SPEED),
    underGrate: of(UNDER_GRATE),
    fans: COOLER_FANS.map((fan) => of(fan) / 3600),
    d,
  };
}
