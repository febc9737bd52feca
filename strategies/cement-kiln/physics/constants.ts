/**
 * Properties of the simulated plant. Enthalpies count from 0 degC with one mean heat capacity per
 * stream, so every balance closes exactly; gases have similar molar mass, so volume shares are
 * taken equal to mass shares.
 */

/** kg of clinker per kg of raw meal: what is left after filter dust and carbon dioxide. */
export const CLINKER_FACTOR = 0.62;
/** kg CaCO3 per kg of meal. */
export const LIMESTONE = 0.78;
/** kg CO2 per kg CaCO3: the ratio of molar masses 44.01/100.09. */
export const CO2_OF_LIMESTONE = 0.4397;
/** kJ per kg CaCO3 at 0 degC reference: 178 kJ/mol. */
export const CALCINATION_HEAT = 1780;
/** kJ per kg clinker, net of clay decomposition, belite and alite formation, melting: exothermic. */
export const CLINKERING_HEAT = -250;
/** kJ per kg of water. */
export const EVAPORATION_HEAT = 2500;
/** kJ per normal cubic metre of CO. */
export const CO_HEAT = 12_630;

/** Mean heat capacities, kJ/(kg K). */
export const CP = {
  air: 1.04,
  gas: 1.16,
  meal: 1.04,
  clinker: 1.08,
  water: 4.19,
  vapour: 1.95,
} as const;

export const AIR_PER_NORMAL_M3 = 1.293;
/** Combustible and moisture of the coal: what becomes gas; the rest is ash. */
export const GAS_FROM_COAL = 0.7;
/** kg/s through the preheater fan at 1200 RPM and 380 degC. */
export const NOMINAL_GAS = 66;
/** Share of combustion air that the kiln draws; the tertiary air damper is fixed. */
export const KILN_AIR_SHARE = 0.4;
/** Share of the kiln's air that comes cold through the burner. */
export const PRIMARY_AIR = 0.12;
/** Raw meal comes from its silo, degC. */
export const MEAL_TEMPERATURE = 60;
/** Clinker leaves the kiln this much below the burning zone, kelvin. */
export const CLINKER_DROP = 90;
