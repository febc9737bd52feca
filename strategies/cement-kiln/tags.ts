/** The simulated kiln's tags: units, typical values, actuator lags and sensor noise. */

/** A setting: a set-point that an actuator follows with a first-order lag. */
export interface OperativeTag {
  readonly tag: string;
  readonly unit: string;
  /** The value the plant starts from. */
  readonly typical: number;
  /** What the equipment can do; a set-point outside is clipped, as a real actuator would. */
  readonly bounds: readonly [number, number];
  /** Largest change in one optimisation cycle. */
  readonly maxMove: number;
  /** Time constant of the actuator and its control loop. */
  readonly lagSeconds: number;
  /** Standard deviation of the sensor. */
  readonly noise: number;
}

export const FEED_1 = "Kiln_Feed_SFF_1_Feed_rate";
export const FEED_2 = "Kiln_Feed_SFF_2_Feed_rate";
export const KILN_COAL = "Kiln_Coal_PV";
export const CALCINER_TEMPERATURE = "Calciner_temperature_PV";
export const PH_FAN = "PH_Fan_Speed_PV";
export const KILN_SPEED = "Kiln_Drive_Speed_PV";
export const UNDER_GRATE = "Under_grate_Average_Pressure";

/** Cooler fans in the order in which the clinker passes them. */
export const COOLER_FANS: readonly string[] = ["A", "2", "3", "4", "5", "6", "7", "8", "9"]
  .map((fan) => `Cooler_Fan_${fan}_Flow`);

const FAN_TYPICAL = [35_000, 36_000, 40_000, 42_000, 45_000, 48_000, 47_000, 46_000, 44_000];
const FAN_MAX_MOVE = [500, 500, 1_000, 1_000, 1_000, 1_500, 1_500, 2_000, 2_000];

export const OPERATIVE_TAGS: readonly OperativeTag[] = [
  row(FEED_1, "t/h", { typical: 85, bounds: [60, 100], maxMove: 2, lagSeconds: 60, noise: 0.15 }),
  row(FEED_2, "t/h", { typical: 87, bounds: [60, 100], maxMove: 2, lagSeconds: 60, noise: 0.15 }),
  row(KILN_COAL, "t/h", {
    typical: 8.5,
    bounds: [7, 10.5],
    maxMove: 0.05,
    lagSeconds: 30,
    noise: 0.005,
  }),
  row(CALCINER_TEMPERATURE, "degC", {
    typical: 875,
    bounds: [850, 900],
    maxMove: 2.5,
    lagSeconds: 180,
    noise: 0.4,
  }),
  row(PH_FAN, "RPM", {
    typical: 1200,
    bounds: [1050, 1300],
    maxMove: 1,
    lagSeconds: 15,
    noise: 0.1,
  }),
  row(KILN_SPEED, "RPM", {
    typical: 4,
    bounds: [3.4, 4.5],
    maxMove: 0.05,
    lagSeconds: 20,
    noise: 0.002,
  }),
  row(UNDER_GRATE, "kPa", {
    typical: 5.5,
    bounds: [4, 8],
    maxMove: 2,
    lagSeconds: 120,
    noise: 0.03,
  }),
  ...COOLER_FANS.map((tag, fan) =>
    row(tag, "m3/h", {
      typical: FAN_TYPICAL[fan] ?? 0,
      bounds: [25_000, 55_000],
      maxMove: FAN_MAX_MOVE[fan] ?? 0,
      lagSeconds: 10,
      noise: 60,
    })
  ),
];

function row(tag: string, unit: string, rest: Omit<OperativeTag, "tag" | "unit">): OperativeTag {
  return { tag, unit, ...rest };
}

/** The settings that the plant starts from, by tag. */
export function typicalSettings(): Map<string, number> {
  return new Map(OPERATIVE_TAGS.map(({ tag, typical }) => [tag, typical]));
}

/** A measurement that follows the process. */
export interface MeasuredTag {
  readonly tag: string;
  readonly unit: string;
  /** Time constant from settings and disturbances to the measurement. */
  readonly lagSeconds: number;
  readonly noise: number;
  /** Time between two samples; there is a laboratory value only when one comes back. */
  readonly sampleSeconds: number | undefined;
}

export const MEASURED_TAGS = {
  nox: measured("Kiln_Inlet_NOX", "ppm", { lagSeconds: 420, noise: 9 }),
  driveCurrent: measured("Kiln_Drive_Current", "A", { lagSeconds: 900, noise: 2 }),
  clinkerTemperature: measured("Clinker_temperature", "degC", { lagSeconds: 480, noise: 0.8 }),
  calcinerCo: measured("Calciner_outlet_CO", "%", { lagSeconds: 60, noise: 0.003 }),
  kilnOxygen: measured("Kiln_Inlet_Oxygen", "%", { lagSeconds: 60, noise: 0.04 }),
  hoodPressure: measured("Hood_Pressure", "Pa", { lagSeconds: 15, noise: 2 }),
  calcinerCoal: measured("Calciner_Coal_PV", "t/h", { lagSeconds: 240, noise: 0.02 }),
  exhaustTemperature: measured("PH_Outlet_Temperature", "degC", { lagSeconds: 180, noise: 0.5 }),
  secondaryAirTemperature: measured("Secondary_Air_Temperature", "degC", {
    lagSeconds: 480,
    noise: 3,
  }),
  freeLime: measured("LAB_Free_lime", "%", { lagSeconds: 1200, noise: 0.03, sampleSeconds: 7200 }),
  limeSaturation: measured("LAB_Raw_Meal_LSF", "%", {
    lagSeconds: 1,
    noise: 0.1,
    sampleSeconds: 3600,
  }),
  coalHeat: measured("LAB_Coal_Heat_Value", "MJ/kg", {
    lagSeconds: 1,
    noise: 0.03,
    sampleSeconds: 14_400,
  }),
  ambientTemperature: measured("Ambient_temperature", "degC", { lagSeconds: 1, noise: 0.1 }),
} as const;

function measured(
  tag: string,
  unit: string,
  rest: { lagSeconds: number; noise: number; sampleSeconds?: number },
): MeasuredTag {
  return { tag, unit, ...rest, sampleSeconds: rest.sampleSeconds };
}
