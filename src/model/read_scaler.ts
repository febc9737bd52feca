/** The JSON of a scaler file to a Scaler, with every problem at once. */

import { type Distribution, type Scaler, ScalerError, type Scaling } from "./scaler.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** Which two vectors each kind has, and how they become a centre and a scale. */
const KINDS: Readonly<
  Record<Scaling["kind"], {
    readonly fields: readonly [string, string];
    readonly scale: (first: Float64Array, second: Float64Array) => Float64Array;
  }>
> = {
  standard: { fields: ["mean", "scale"], scale: (_, scale) => scale },
  robust: { fields: ["center", "scale"], scale: (_, scale) => scale },
  min_max: {
    fields: ["min", "max"],
    scale: (min, max) => max.map((high, i) => high - (min[i] as number)),
  },
};

/**
 * Reads a parsed scaler file.
 * @throws {ScalerError} with every problem in it.
 */
export function readScaler(json: unknown): Scaler {
  const reader = new Reader();
  const file = reader.record(json, "the file") ?? {};
  reader.onlyKeys(file, "the file", [
    "inputs",
    "outputs",
    "names",
    "trained_range",
    "distribution",
  ]);
  const scaler: Scaler = {
    inputs: reader.scaling(file["inputs"], "inputs"),
    outputs: reader.scaling(file["outputs"], "outputs"),
    names: {
      inputs: reader.names(file["names"], "inputs"),
      outputs: reader.names(file["names"], "outputs"),
    },
    trainedRange: reader.ranges(file["trained_range"], "trained_range"),
    distribution: reader.distribution(file["distribution"], "distribution"),
  };
  reader.sameLength({
    "inputs": scaler.inputs?.center.length,
    "names.inputs": scaler.names.inputs?.length,
    "trained_range.inputs": scaler.trainedRange?.length,
    "distribution.mean": scaler.distribution?.mean.length,
  });
  reader.sameLength({
    "outputs": scaler.outputs?.center.length,
    "names.outputs": scaler.names.outputs?.length,
  });
  if (reader.problems.length > 0) throw new ScalerError(reader.problems);
  return Object.freeze(scaler);
}

/**
 * The ranges in the text that a model file's metadata holds under `trained_range`, in the form of
 * the scaler file's field.
 * @throws {ScalerError} where the text is not of that form.
 */
export function readTrainedRange(text: string): Scaler["trainedRange"] {
  const reader = new Reader();
  const ranges = reader.ranges(parseJson(text), "trained_range");
  if (reader.problems.length > 0) throw new ScalerError(reader.problems);
  return ranges;
}

/** Text that is no JSON is told like any other value of a wrong form. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Reads fields of any form and collects what is wrong with them. */
class Reader {
  readonly problems: string[] = [];

  record(value: unknown, at: string): JsonObject | undefined {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as JsonObject;
    }
    this.problems.push(`${at} is ${describe(value)}, not an object`);
    return undefined;
  }

  onlyKeys(record: JsonObject, at: string, known: readonly string[]): void {
    for (const key of Object.keys(record)) {
      if (!known.includes(key)) {
        this.problems.push(`${at} has "${key}", which is none of ${known.join(", ")}`);
      }
    }
  }

  numbers(value: unknown, at: string): Float64Array {
    if (Array.isArray(value) && value.length > 0 && value.every(Number.isFinite)) {
      return Float64Array.from(value);
    }
    this.problems.push(`${at} is ${describe(value)}, not a list of finite numbers`);
    return new Float64Array(0);
  }

  scaling(value: unknown, at: string): Scaling | undefined {
    if (value === undefined) return undefined;
    const record = this.record(value, at);
    if (record === undefined || record["kind"] === "none") return undefined;
    const kind = Object.keys(KINDS).find((name) => name === record["kind"]) as
      | Scaling["kind"]
      | undefined;
    if (kind === undefined) {
      this.problems.push(
        `${at}.kind is ${describe(record["kind"])}, not one of none, ${
          Object.keys(KINDS).join(", ")
        }`,
      );
      return undefined;
    }
    const { fields, scale } = KINDS[kind];
    this.onlyKeys(record, at, ["kind", ...fields]);
    const [first, second] = fields.map((field) =>
      this.numbers(record[field], `${at}.${field}`)
    ) as [
      Float64Array,
      Float64Array,
    ];
    if (first.length === 0 || second.length === 0) return undefined;
    if (first.length !== second.length) {
      this.problems.push(
        `${at}.${fields[0]} has ${first.length} values, ${at}.${fields[1]} ${second.length}`,
      );
      return undefined;
    }
    const sizes = scale(first, second);
    sizes.forEach((size, i) => {
      if (!(size > 0)) {
        this.problems.push(`${at}: value ${i + 1} has the width ${size}, not above 0`);
      }
    });
    return { kind, center: first, scale: sizes };
  }

  names(value: unknown, side: "inputs" | "outputs"): readonly string[] | undefined {
    if (value === undefined) return undefined;
    const names = this.record(value, "names")?.[side];
    if (names === undefined) return undefined;
    const isNames = Array.isArray(names) && names.every((name) => typeof name === "string");
    if (!isNames || new Set(names).size !== names.length) {
      this.problems.push(`names.${side} is ${describe(names)}, not a list of different names`);
      return undefined;
    }
    return names;
  }

  ranges(value: unknown, at: string): Scaler["trainedRange"] {
    if (value === undefined) return undefined;
    const ranges = this.record(value, at)?.["inputs"];
    if (!Array.isArray(ranges)) {
      this.problems.push(`${at}.inputs is ${describe(ranges)}, not a list of [lower, upper]`);
      return undefined;
    }
    return ranges.map((range, i) => {
      const isRange = Array.isArray(range) && range.length === 2 &&
        range.every(Number.isFinite) && range[0] <= range[1];
      if (!isRange) {
        this.problems.push(`${at}.inputs[${i}] is ${describe(range)}, not [lower, upper]`);
      }
      return isRange ? [range[0], range[1]] as const : [0, 0] as const;
    });
  }

  distribution(value: unknown, at: string): Distribution | undefined {
    if (value === undefined) return undefined;
    const record = this.record(value, at);
    if (record === undefined) return undefined;
    this.onlyKeys(record, at, ["mean", "covariance", "radius"]);
    const mean = this.numbers(record["mean"], `${at}.mean`);
    const rows = record["covariance"];
    const covariance = Array.isArray(rows)
      ? rows.map((row, i) => this.numbers(row, `${at}.covariance[${i}]`))
      : [];
    const radius = record["radius"];
    if (covariance.length !== mean.length || covariance.some((row) => row.length !== mean.length)) {
      this.problems.push(`${at}.covariance is not of ${mean.length} × ${mean.length} numbers`);
    }
    if (typeof radius !== "number" || !(radius > 0 && Number.isFinite(radius))) {
      this.problems.push(`${at}.radius is ${describe(radius)}, not a number above 0`);
      return undefined;
    }
    return { mean, covariance: Float64Array.from(covariance.flatMap((row) => [...row])), radius };
  }

  sameLength(lengths: Readonly<Record<string, number | undefined>>): void {
    const known = Object.entries(lengths).filter(([, length]) => length !== undefined);
    if (new Set(known.map(([, length]) => length)).size > 1) {
      this.problems.push(
        `lengths differ: ${known.map(([field, length]) => `${field} ${length}`).join(", ")}`,
      );
    }
  }
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
