/**
 * Steady state of a four-stage preheater kiln with calciner and grate cooler, from mass and heat
 * balances. It is a teaching model, sized for 172 t/h of raw meal and about 107 t/h of clinker.
 *
 * Units inside: kg/s, kJ, kW, degC (kelvin where radiation and Arrhenius terms need it).
 */

import {
  CALCINATION_HEAT,
  CLINKER_DROP,
  CLINKERING_HEAT,
  CP,
  EVAPORATION_HEAT,
  LIMESTONE,
  MEAL_TEMPERATURE,
} from "./constants.ts";
import {
  type Conditions,
  conditionsOf,
  type Disturbances,
  NOMINAL_DISTURBANCES,
} from "./conditions.ts";
import { coolClinker, fanPower } from "./cooler.ts";
import { fireKiln } from "./kiln.ts";
import { driveCurrentAt, freeLimeAt, noxAt } from "./reactions.ts";
import { streamsAt } from "./streams.ts";
import { heatTower } from "./tower.ts";

/** Heat flows in kW across the plant's border; what goes in equals what goes out. */
export interface HeatBalance {
  readonly fuel: number;
  readonly meal: number;
  readonly air: number;
  readonly calcination: number;
  readonly clinkering: number;
  readonly exhaustGas: number;
  readonly exhaustDust: number;
  readonly evaporation: number;
  readonly clinker: number;
  readonly ventAir: number;
  readonly kilnShell: number;
  readonly towerShell: number;
  readonly unburntCo: number;
}

export interface SteadyState {
  /** Clinker, t/h. */
  readonly clinker: number;
  /** t/h. */
  readonly calcinerCoal: number;
  /** Share of the limestone that is calcined before the kiln, 0 to 1. */
  readonly calcination: number;
  readonly burningZoneTemperature: number;
  readonly flameTemperature: number;
  readonly kilnInletTemperature: number;
  readonly secondaryAirTemperature: number;
  readonly tertiaryAirTemperature: number;
  readonly exhaustTemperature: number;
  readonly clinkerTemperature: number;
  /** Oxygen at the kiln inlet and after the calciner, %. */
  readonly kilnOxygen: number;
  readonly calcinerOxygen: number;
  /** Carbon monoxide after the calciner, %. */
  readonly calcinerCo: number;
  /** Nitrogen oxides at the kiln inlet, ppm. */
  readonly nox: number;
  /** Free lime in the clinker, %. */
  readonly freeLime: number;
  /** A. */
  readonly driveCurrent: number;
  /** Pa. */
  readonly hoodPressure: number;
  /** Preheater fan and cooler fans together, kW. */
  readonly fanPower: number;
  /** kcal of fuel per kg of clinker. */
  readonly specificHeat: number;
  readonly heat: HeatBalance;
  /** Largest change of the last iteration, kelvin. */
  readonly residual: number;
}

/** Steady state of the plant without noise; settings by tag in the tags' units. */
export function steadyState(
  settings: ReadonlyMap<string, number>,
  disturbances: Disturbances = NOMINAL_DISTURBANCES,
): SteadyState {
  const conditions = conditionsOf(settings, disturbances);
  // Two recycles tie the units together: the cooler returns heat with the secondary and tertiary
  // air, and the preheater fan moves less mass when its gas is hotter. Plain substitution converges
  // (each pass changes the recycled temperatures by less than half of the change before).
  let guess = { secondary: 950, tertiary: 700, exhaust: 380, coal: 2.9, burningZone: 1450 };
  let pass = onePass(conditions, guess);
  let residual = Infinity;
  for (let iteration = 0; iteration < 200 && residual > 1e-10; iteration++) {
    residual = furthest(pass.next, guess);
    guess = pass.next;
    pass = onePass(conditions, guess);
  }
  return { ...pass.state, residual };
}

/** What one pass starts from and the next one takes over. */
interface Recycle {
  readonly secondary: number;
  readonly tertiary: number;
  readonly exhaust: number;
  /** Calciner coal, kg/s. */
  readonly coal: number;
  readonly burningZone: number;
}

function furthest(a: Recycle, b: Recycle): number {
  return Math.max(
    Math.abs(a.secondary - b.secondary),
    Math.abs(a.tertiary - b.tertiary),
    Math.abs(a.exhaust - b.exhaust),
    Math.abs(a.burningZone - b.burningZone),
    // 1 kg/s of coal is worth some hundred kelvin.
    300 * Math.abs(a.coal - b.coal),
  );
}

function onePass(
  conditions: Conditions,
  guess: Recycle,
): { state: Omit<SteadyState, "residual">; next: Recycle } {
  const { d, meal, clinker } = conditions;
  const streams = streamsAt(conditions, guess);
  const kiln = fireKiln(conditions, streams, guess.secondary);
  const tower = heatTower(conditions, { streams, kiln, tertiary: guess.tertiary });
  const cooler = coolClinker(conditions, kiln.burningZone - CLINKER_DROP, streams);
  const { secondary, tertiary } = cooler;
  const { exhaust, calcinerCoal } = tower;
  const { phGas, water, falseAir, reacting, dust } = streams;
  const fuel = streams.coal * d.coalHeat * 1000;
  const coldAir = cooler.air + streams.kilnAir - streams.secondaryAir + falseAir;
  return {
    next: { secondary, tertiary, exhaust, coal: calcinerCoal, burningZone: kiln.burningZone },
    state: {
      clinker: clinker * 3.6,
      calcinerCoal: calcinerCoal * 3.6,
      calcination: streams.calcination,
      burningZoneTemperature: kiln.burningZone,
      flameTemperature: kiln.flame,
      kilnInletTemperature: kiln.inlet,
      secondaryAirTemperature: secondary,
      tertiaryAirTemperature: tertiary,
      exhaustTemperature: exhaust,
      clinkerTemperature: cooler.clinker,
      kilnOxygen: streams.kilnOxygen,
      calcinerOxygen: streams.calcinerOxygen,
      calcinerCo: tower.co,
      nox: noxAt(kiln.flame, streams.kilnOxygen),
      freeLime: freeLimeAt(conditions, kiln.burningZone),
      driveCurrent: driveCurrentAt(conditions, kiln.burningZone),
      // The vent fan's controller holds -50 Pa; surplus air pushes it up a little.
      hoodPressure: -50 + 0.6 * (cooler.ventAir - 88),
      fanPower: fanPower(conditions, guess.exhaust),
      specificHeat: fuel / clinker / 4.1868,
      heat: {
        fuel,
        meal: (meal * CP.meal + water * CP.water) * MEAL_TEMPERATURE,
        air: coldAir * CP.air * d.ambientTemperature,
        calcination: reacting * LIMESTONE * CALCINATION_HEAT,
        clinkering: clinker * CLINKERING_HEAT,
        exhaustGas: ((phGas - water - falseAir) * CP.gas + falseAir * CP.air) * exhaust,
        exhaustDust: dust * CP.meal * exhaust,
        evaporation: water * (EVAPORATION_HEAT + CP.vapour * exhaust),
        clinker: clinker * CP.clinker * cooler.clinker,
        ventAir: cooler.ventHeat,
        kilnShell: kiln.shell,
        towerShell: tower.shell,
        unburntCo: tower.unburntCo,
      },
    },
  };
}
