/**
 * Steady state of a four-stage preheater kiln with calciner and grate cooler, from mass and heat
 * balances. It is a teaching model, sized for 172 t/h of raw meal and about 107 t/h of clinker.
 *
 * Units inside: kg/s, kJ, kW, degC (kelvin where radiation and Arrhenius terms need it). Enthalpies
 * count from 0 degC with one mean heat capacity per stream, so every balance closes exactly.
 * Gases have similar molar mass, so volume shares are taken equal to mass shares.
 */

import {
  CALCINER_TEMPERATURE,
  COOLER_FANS,
  FEED_1,
  FEED_2,
  KILN_COAL,
  KILN_SPEED,
  PH_FAN,
  UNDER_GRATE,
} from "./tags.ts";

/** What the plant suffers; the last four are not measured by any tag. */
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
  readonly driveCurrent: number;
  readonly hoodPressure: number;
  /** Preheater fan and cooler fans together, kW. */
  readonly fanPower: number;
  /** kcal of fuel per kg of clinker. */
  readonly specificHeat: number;
  readonly heat: HeatBalance;
  /** Largest change of the last iteration, kelvin. */
  readonly residual: number;
}

/** kg of clinker per kg of raw meal: what is left after filter dust and carbon dioxide. */
const CLINKER_FACTOR = 0.62;
/** kg CaCO3 per kg of meal. */
const LIMESTONE = 0.78;
/** kg CO2 per kg CaCO3: the ratio of molar masses 44.01/100.09. */
const CO2_OF_LIMESTONE = 0.4397;
/** kJ per kg CaCO3 at 0 degC reference: 178 kJ/mol. */
const CALCINATION_HEAT = 1780;
/** kJ per kg clinker, net of clay decomposition, belite and alite formation, melting: exothermic. */
const CLINKERING_HEAT = -250;
const EVAPORATION_HEAT = 2500;
/** kJ per normal cubic metre of CO. */
const CO_HEAT = 12_630;
const GAS_CONSTANT = 8.314e-3;

/** Mean heat capacities, kJ/(kg K). */
const CP = { air: 1.04, gas: 1.16, meal: 1.04, clinker: 1.08, water: 4.19, vapour: 1.95 } as const;
const AIR_PER_NORMAL_M3 = 1.293;
/** Combustible and moisture of the coal: what becomes gas; the rest is ash. */
const GAS_FROM_COAL = 0.7;
/** Gas through the preheater fan at 1200 RPM and 380 degC. */
const NOMINAL_GAS = 66;
/** Share of combustion air that the kiln draws; the tertiary air damper is fixed. */
const KILN_AIR_SHARE = 0.4;
/** Share of the kiln's air that comes cold through the burner. */
const PRIMARY_AIR = 0.12;

/** Steady state of the plant without noise; settings by tag in the tags' units. */
export function steadyState(
  settings: ReadonlyMap<string, number>,
  disturbances: Disturbances = NOMINAL_DISTURBANCES,
): SteadyState {
  const kiln = read(settings, disturbances);
  // Two recycles tie the units together: the cooler returns heat with the secondary and tertiary
  // air, and the preheater fan moves less mass when its gas is hotter. Plain substitution converges
  // (each pass changes the recycled temperature by about a third of the change before).
  let guess = { secondary: 950, tertiary: 700, exhaust: 380, coal: 2.9, burning: 1450 };
  let pass = onePass(kiln, guess);
  let residual = Infinity;
  for (let iteration = 0; iteration < 200 && residual > 1e-10; iteration++) {
    residual = Math.max(
      Math.abs(pass.next.secondary - guess.secondary),
      Math.abs(pass.next.tertiary - guess.tertiary),
      Math.abs(pass.next.exhaust - guess.exhaust),
      Math.abs(pass.next.burning - guess.burning),
      // 1 kg/s of coal is worth some hundred kelvin.
      300 * Math.abs(pass.next.coal - guess.coal),
    );
    guess = pass.next;
    pass = onePass(kiln, guess);
  }
  return { ...pass.state, residual };
}

interface KilnInputs {
  readonly meal: number;
  readonly clinker: number;
  readonly kilnCoal: number;
  readonly calcinerTemperature: number;
  readonly phFan: number;
  readonly kilnSpeed: number;
  readonly underGrate: number;
  /** Cooler fans, actual m3/s. */
  readonly fans: readonly number[];
  readonly d: Disturbances;
}

interface Recycle {
  readonly secondary: number;
  readonly tertiary: number;
  readonly exhaust: number;
  /** Calciner coal, kg/s. */
  readonly coal: number;
  readonly burning: number;
}

function read(settings: ReadonlyMap<string, number>, d: Disturbances): KilnInputs {
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

function onePass(kiln: KilnInputs, guess: Recycle): { state: SteadyState; next: Recycle } {
  const { d, clinker, calcinerTemperature: calciner } = kiln;
  const ambient = d.ambientTemperature;
  const heatValue = d.coalHeat * 1000;

  // Meal that reaches the kiln; the rest leaves as filter dust, uncalcined.
  const reacting = clinker / (1 - LIMESTONE * CO2_OF_LIMESTONE);
  const dust = kiln.meal - reacting;
  const water = kiln.meal * d.moisture;
  const carbonDioxide = reacting * LIMESTONE * CO2_OF_LIMESTONE;

  // Preheater fan: affinity law, volume ~ speed, at the density of its gas (ideal gas).
  const phGas = NOMINAL_GAS * (kiln.phFan / 1200) * (653 / (273 + guess.exhaust));
  const coal = kiln.kilnCoal + guess.coal;
  const air = phGas - GAS_FROM_COAL * coal - carbonDioxide - water;
  const falseAir = d.falseAir * air;
  const kilnAir = KILN_AIR_SHARE * (air - falseAir);
  const tertiaryAir = (1 - KILN_AIR_SHARE) * (air - falseAir);
  const secondaryAir = (1 - PRIMARY_AIR) * kilnAir;

  // Least air per kg of coal, Rosin and Fehling: 1.01 H/1000 + 0.5 normal m3, H in kcal/kg.
  const leastAir = (1.01 * heatValue / 4186.8 + 0.5) * AIR_PER_NORMAL_M3;

  // Calcination in the calciner: first order, Arrhenius with 110 kJ/mol (apparent, as heat
  // transfer limits it too), 84 % at 875 degC.
  const rate = arrhenius(110, calciner, 875);
  const calcination = 1 - Math.exp(-1.83 * rate * (NOMINAL_GAS / phGas));

  // Kiln: gas that leaves it carries the carbon dioxide that the calciner left in the meal.
  const kilnGas = kilnAir + GAS_FROM_COAL * kiln.kilnCoal + (1 - calcination) * carbonDioxide;
  const kilnOxygen = 21 * (kilnAir - leastAir * kiln.kilnCoal) / kilnGas;
  const kilnMeal = reacting - calcination * carbonDioxide;
  // Gas to bed as a heat exchanger, effectiveness by transfer units: more gas, hotter kiln inlet.
  const slip = Math.exp(-0.74 * Math.pow(21.5 / kilnGas, 0.4) * Math.pow(kiln.kilnSpeed / 4, 0.1));
  const shell = 6.8 * (1 - 0.15 * d.coating);
  // What the kiln air cannot burn leaves as CO and loses heat here (smooth, none at 2 % oxygen).
  const kilnCoShare = coAt(kilnOxygen);
  const kilnCoLoss = kilnCoShare / 100 * (kilnGas / AIR_PER_NORMAL_M3) * CO_HEAT;
  const kilnHeatIn = kiln.kilnCoal * heatValue - kilnCoLoss +
    secondaryAir * CP.air * guess.secondary + (kilnAir - secondaryAir) * CP.air * ambient +
    kilnMeal * CP.meal * calciner;
  const kilnSink = (1 - calcination) * reacting * LIMESTONE * CALCINATION_HEAT +
    clinker * CLINKERING_HEAT;
  // The balance is linear in the burning zone's temperature: clinker leaves 90 K below it.
  const burning = (kilnHeatIn - kilnSink + clinker * CP.clinker * 90 -
    kilnGas * CP.gas * calciner * (1 - slip) + shell * ambient) /
    (clinker * CP.clinker + kilnGas * CP.gas * slip + shell);
  const kilnInlet = calciner + slip * (burning - calciner);
  const kilnShell = shell * (burning - ambient);

  // Calciner: fuel closes its balance at the temperature that its controller holds. The CO that
  // leaves the kiln burns here, so its heat comes in with the kiln gas.
  const calcinerGas = kilnAir + tertiaryAir + GAS_FROM_COAL * coal + carbonDioxide;
  const calcinerOxygen = 21 * (kilnAir + tertiaryAir - leastAir * coal) / calcinerGas;
  const calcinerCo = coAt(calcinerOxygen);
  const unburntCo = calcinerCo / 100 * (calcinerGas / AIR_PER_NORMAL_M3) * CO_HEAT;
  // Preheater cyclones: effectiveness of the meal side grows a little with the gas it meets.
  const toMeal = 0.89 * Math.pow((phGas / kiln.meal) / (NOMINAL_GAS / 47.8), 0.25);
  const mealIn = 60;
  const preheated = mealIn + toMeal * (calciner - mealIn);
  const towerShell = 1500 + 1.2 * (calciner - ambient);
  const calcinerNeed = calcination * reacting * LIMESTONE * CALCINATION_HEAT +
    calcinerGas * CP.gas * calciner + kilnMeal * CP.meal * calciner + towerShell + unburntCo -
    reacting * CP.meal * preheated - kilnGas * CP.gas * kilnInlet - kilnCoLoss -
    tertiaryAir * CP.air * guess.tertiary;
  const calcinerCoal = calcinerNeed / heatValue;

  // Preheater: the gas gives what the meal, its water and the dust take.
  const exhaustCapacity = (phGas - water - falseAir) * CP.gas + falseAir * CP.air +
    water * CP.vapour + dust * CP.meal;
  const exhaust = (calcinerGas * CP.gas * calciner + falseAir * CP.air * ambient +
    reacting * CP.meal * (mealIn - preheated) + dust * CP.meal * mealIn +
    water * (CP.water * mealIn - EVAPORATION_HEAT)) / exhaustCapacity;

  const cooler = coolClinker(kiln, burning - 90, { secondaryAir, tertiaryAir });

  // Flame: radiates the fuel's heat to the bed, Stefan and Boltzmann, 62 m2 effective.
  const flame = Math.pow(
    Math.pow(burning + 273, 4) + (kiln.kilnCoal * heatValue - kilnCoLoss) / (62 * 5.67e-11),
    0.25,
  ) - 273;
  // Fuel NOx plus thermal NOx: Zeldovich's rate, exp(-69090/T) sqrt(O2) (Bowman 1975).
  const thermal = Math.exp(69_090 * (1 / 2130 - 1 / (flame + 273)));
  const nox = 150 + 620 * thermal * Math.sqrt(softFloor(kilnOxygen) / 2.5);

  // Alite formation, first order in free lime, 150 kJ/mol apparent; time in the burning zone
  // ~ 1/speed (Sullivan), damped by mixing; burnability and lime saturation shift what there is.
  const residence = Math.sqrt(4 / kiln.kilnSpeed);
  const aliteRate = arrhenius(150, burning, 1450);
  const freeLime = 28 * Math.exp(0.07 * (d.limeSaturation - 96) + 0.25 * d.burnability) *
    Math.exp(-3.2 * aliteRate * residence);

  // Drive current follows torque: load of the kiln (feed over speed), lifted higher by more melt in
  // a hotter burning zone and by coating.
  const fill = (clinker / 29.62) / (kiln.kilnSpeed / 4);
  const driveCurrent = 100 + 20 * kiln.kilnSpeed +
    335 * Math.pow(fill, 0.9) * (1 + 0.0022 * (burning - 1450)) + 20 * d.coating;

  const phPower = 1250 * Math.pow(kiln.phFan / 1200, 3) * (653 / (273 + guess.exhaust));
  const coolerPower = kiln.fans.reduce(
    // Flow times pressure over efficiency; grate plates and ducts add a part that grows as flow².
    (sum, flow) => sum + flow * (kiln.underGrate + 0.012 * flow * flow) / 0.7,
    0,
  );

  return {
    next: {
      secondary: cooler.secondary,
      tertiary: cooler.tertiary,
      exhaust,
      coal: calcinerCoal,
      burning,
    },
    state: {
      clinker: clinker * 3.6,
      calcinerCoal: calcinerCoal * 3.6,
      calcination,
      burningZoneTemperature: burning,
      flameTemperature: flame,
      kilnInletTemperature: kilnInlet,
      secondaryAirTemperature: cooler.secondary,
      tertiaryAirTemperature: cooler.tertiary,
      exhaustTemperature: exhaust,
      clinkerTemperature: cooler.clinker,
      kilnOxygen,
      calcinerOxygen,
      calcinerCo,
      nox,
      freeLime,
      driveCurrent,
      // The vent fan's controller holds -50 Pa; surplus air pushes it up a little.
      hoodPressure: -50 + 0.6 * (cooler.ventAir - 88),
      fanPower: phPower + coolerPower,
      specificHeat: coal * heatValue / clinker / 4.1868,
      residual: Infinity,
      heat: {
        fuel: coal * heatValue,
        meal: kiln.meal * CP.meal * mealIn + water * CP.water * mealIn,
        air: (cooler.air + kilnAir - secondaryAir + falseAir) * CP.air * ambient,
        calcination: reacting * LIMESTONE * CALCINATION_HEAT,
        clinkering: clinker * CLINKERING_HEAT,
        exhaustGas: ((phGas - water - falseAir) * CP.gas + falseAir * CP.air) * exhaust,
        exhaustDust: dust * CP.meal * exhaust,
        evaporation: water * (EVAPORATION_HEAT + CP.vapour * exhaust),
        clinker: clinker * CP.clinker * cooler.clinker,
        ventAir: cooler.ventHeat,
        kilnShell,
        towerShell,
        unburntCo,
      },
    },
  };
}

/**
 * Grate cooler as nine compartments of cross flow. In each, dT/dx = -e (m cp)air/(m cp)clinker
 * (T - Tair), so the clinker's temperature above the air falls by exp(-e R). A deeper bed (higher
 * under-grate pressure) exchanges better. The kiln draws the hottest air, the calciner the next.
 */
function coolClinker(
  kiln: KilnInputs,
  inlet: number,
  draw: { secondaryAir: number; tertiaryAir: number },
) {
  const ambient = kiln.d.ambientTemperature;
  const density = 353 / (273 + ambient);
  const bed = Math.pow(kiln.underGrate / 5.5, 0.15) * (1 - kiln.d.coolerFouling);
  const capacity = kiln.clinker * CP.clinker;
  const secondary = { wanted: draw.secondaryAir, heat: 0 };
  const tertiary = { wanted: draw.tertiaryAir, heat: 0 };
  let temperature = inlet;
  let air = 0;
  let ventAir = 0;
  let ventHeat = 0;
  for (const [compartment, flow] of kiln.fans.entries()) {
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

/** k(T)/k(T₀) with the activation energy in kJ/mol, temperatures in degC. */
function arrhenius(energy: number, temperature: number, reference: number): number {
  return Math.exp(energy / GAS_CONSTANT * (1 / (reference + 273) - 1 / (temperature + 273)));
}

/** CO in % against oxygen in %: break-through falls exponentially with excess air. */
function coAt(oxygen: number): number {
  return 0.03 + 1.2 * Math.exp(-Math.max(oxygen, -1) / 0.75);
}

/** A positive oxygen figure for the square root, smooth where the kiln runs out of air. */
function softFloor(oxygen: number): number {
  return 0.2 * Math.log1p(Math.exp(oxygen / 0.2));
}
