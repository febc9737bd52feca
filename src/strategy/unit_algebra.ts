/**
 * Units as products of powers of base units, so that t/h/RPM and kg·min/h can be compared.
 *
 * Made never to raise a false alarm: a unit with any symbol that the table does not hold is not
 * known, and what is not known agrees with everything. So does "": where no unit is declared,
 * nothing is checked. Degrees Celsius and kelvins count as one, since a difference of temperatures
 * is the same in both and a formula does not tell which of the two a value is.
 *
 * Own and small rather than a library: those know thousands of spellings, of which plants use forty,
 * and read RPM, EUR or Nm3 either not at all or as something else.
 */

/** A unit in base units: value in base units = factor · value. */
export interface Unit {
  readonly factor: number;
  /** Exponents of base units other than 0. */
  readonly powers: ReadonlyMap<string, number>;
  /** As people write it, for messages. */
  readonly text: string;
}

/** Spelling, size in the base unit, base unit and its power. */
type Row = readonly [spelling: string, factor: number, ...powers: (readonly [string, number])[]];

const mass = ["kg", 1] as const;
const length = ["m", 1] as const;
const time = ["s", 1] as const;
const perTime = ["s", -1] as const;
const temperature = ["K", 1] as const;
const amount = ["mol", 1] as const;
const current = ["A", 1] as const;
const volume = ["m", 3] as const;
const pressure = [["kg", 1], ["m", -1], ["s", -2]] as const;
const energy = [["kg", 1], ["m", 2], ["s", -2]] as const;
const power = [["kg", 1], ["m", 2], ["s", -3]] as const;
const voltage = [["kg", 1], ["m", 2], ["s", -3], ["A", -1]] as const;

/** BIPM, The International System of Units, 9th edition, tables 2 to 8; calories as in ISO 31-4. */
const rows: readonly Row[] = [
  ["1", 1],
  ["%", 0.01],
  ["ppm", 1e-6],
  ["ppb", 1e-9],
  ["kg", 1, mass],
  ["g", 1e-3, mass],
  ["mg", 1e-6, mass],
  ["ug", 1e-9, mass],
  ["µg", 1e-9, mass],
  ["t", 1000, mass],
  ["kt", 1e6, mass],
  ["lb", 0.45359237, mass],
  ["m", 1, length],
  ["mm", 1e-3, length],
  ["cm", 1e-2, length],
  ["km", 1e3, length],
  ["l", 1e-3, volume],
  ["L", 1e-3, volume],
  ["hl", 0.1, volume],
  ["s", 1, time],
  ["ms", 1e-3, time],
  ["min", 60, time],
  ["h", 3600, time],
  ["d", 86_400, time],
  ["Hz", 1, perTime],
  ["RPM", 1 / 60, perTime],
  ["rpm", 1 / 60, perTime],
  ["degC", 1, temperature],
  ["°C", 1, temperature],
  ["K", 1, temperature],
  ["mol", 1, amount],
  ["kmol", 1000, amount],
  ["A", 1, current],
  ["mA", 1e-3, current],
  ["kA", 1e3, current],
  ["Pa", 1, ...pressure],
  ["hPa", 100, ...pressure],
  ["kPa", 1e3, ...pressure],
  ["MPa", 1e6, ...pressure],
  ["bar", 1e5, ...pressure],
  ["mbar", 100, ...pressure],
  ["psi", 6894.757293168, ...pressure],
  ["J", 1, ...energy],
  ["kJ", 1e3, ...energy],
  ["MJ", 1e6, ...energy],
  ["GJ", 1e9, ...energy],
  ["TJ", 1e12, ...energy],
  ["cal", 4.1868, ...energy],
  ["kcal", 4186.8, ...energy],
  ["Mcal", 4.1868e6, ...energy],
  ["Gcal", 4.1868e9, ...energy],
  ["Wh", 3600, ...energy],
  ["kWh", 3.6e6, ...energy],
  ["MWh", 3.6e9, ...energy],
  ["GWh", 3.6e12, ...energy],
  ["W", 1, ...power],
  ["kW", 1e3, ...power],
  ["MW", 1e6, ...power],
  ["GW", 1e9, ...power],
  ["V", 1, ...voltage],
  ["kV", 1e3, ...voltage],
  ["EUR", 1, ["EUR", 1]],
  ["€", 1, ["EUR", 1]],
  ["USD", 1, ["USD", 1]],
  ["GBP", 1, ["GBP", 1]],
  ["CHF", 1, ["CHF", 1]],
  ["CNY", 1, ["CNY", 1]],
  ["INR", 1, ["INR", 1]],
];

const bySpelling: ReadonlyMap<string, Row> = new Map(rows.map((row) => [row[0], row]));
const superscripts: ReadonlyMap<string, string> = new Map([["²", "2"], ["³", "3"], ["⁻", "-"]]);

/** A unit as declared, or undefined where it is not known through and through. */
export function parseUnit(text: string): Unit | undefined {
  const plain = text.replace(/[²³⁻]/g, (sign) => superscripts.get(sign) ?? sign);
  let unit: Unit = { factor: 1, powers: new Map(), text };
  let sign = 1;
  for (const part of plain.split(/([/*·])/)) {
    if (part === "/" || part === "*" || part === "·") {
      sign = part === "/" ? -1 : 1;
      continue;
    }
    const factor = parseFactor(part.trim());
    if (factor === undefined) return undefined;
    unit = combine(unit, factor, { sign, text });
  }
  return unit;
}

/** A symbol with an exponent: m3, m^3, s-1. Longest spellings first: "1" is a unit, "m1" is m. */
function parseFactor(text: string): Unit | undefined {
  const whole = bySpelling.get(text);
  if (whole !== undefined) return unitOf(whole);
  const match = /^(\D+?)\^?(-?[1-9])$/.exec(text);
  const row = bySpelling.get(match?.[1] ?? "");
  return row === undefined ? undefined : raise(unitOf(row), Number(match?.[2]));
}

function unitOf([text, factor, ...powers]: Row): Unit {
  return { factor, powers: new Map(powers), text };
}

/** a · b, or a / b where `sign` is −1. */
export function combine(
  a: Unit,
  b: Unit,
  { sign, text }: { readonly sign: number; readonly text: string },
): Unit {
  const powers = new Map(a.powers);
  for (const [base, power] of b.powers) {
    const sum = (powers.get(base) ?? 0) + sign * power;
    if (sum === 0) powers.delete(base);
    else powers.set(base, sum);
  }
  return { factor: a.factor * b.factor ** sign, powers, text };
}

/** The unit to a power. */
export function raise(unit: Unit, exponent: number): Unit {
  const powers = [...unit.powers].map(([base, power]) => [base, power * exponent] as const);
  return {
    factor: unit.factor ** exponent,
    powers: new Map(powers.filter(([, power]) => power !== 0)),
    text: `(${unit.text})^${exponent}`,
  };
}

/** How b differs from a: in kind, by a factor, or not at all. */
export function difference(a: Unit, b: Unit): "kind" | { readonly factor: number } | undefined {
  const bases = new Set([...a.powers.keys(), ...b.powers.keys()]);
  for (const base of bases) {
    if (Math.abs((a.powers.get(base) ?? 0) - (b.powers.get(base) ?? 0)) > 1e-9) return "kind";
  }
  const factor = b.factor / a.factor;
  return Math.abs(factor - 1) > 1e-6 ? { factor } : undefined;
}

/** Whether two declared units are both known and not the same. */
export function unitsDiffer(a: string, b: string): boolean {
  const [left, right] = [parseUnit(a), parseUnit(b)];
  if (left === undefined || right === undefined) return false;
  return difference(left, right) !== undefined;
}
