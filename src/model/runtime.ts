/**
 * ONNX Runtime: runs every model that is only predicted with, and referees those that are lowered.
 * The only file that imports it.
 */

import { InferenceSession, Tensor } from "onnxruntime-node";

/** A model that ONNX Runtime does not load, or a prediction that it does not finish. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
}

/** An input or output as ONNX Runtime sees it; a dimension is undefined where it is free. */
export interface RuntimeValue {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | undefined)[];
}

type Elements = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** How each type that an input may have is filled from float64 numbers. */
const FILLERS: Readonly<Record<string, (values: Float64Array) => Elements>> = {
  float32: (values) => Float32Array.from(values),
  float64: (values) => values,
  int32: (values) => Int32Array.from(values),
  int64: (values) => BigInt64Array.from(values, (value) => BigInt(Math.round(value))),
  bool: (values) => Uint8Array.from(values, (value) => Number(value !== 0)),
};

/** What to do about messages that do not say it themselves. */
const CURES: readonly (readonly [RegExp, string])[] = [
  [
    /Could not find an implementation/,
    "it has that operator not for opsets before 7, nor for every type: " +
    "export the model with opset 13 or newer, and with float32 inputs",
  ],
];

/** Rows of one call: enough that calls cost nothing, few enough to stay small in memory. */
const MOST_ROWS = 1024;
/** Rows that are run both ways before others share a call: two may agree by chance. */
const TRIED_ROWS = 8;
/** Rows run together and apart may differ by the order of additions, not by more. */
const SAME_ROW = 1e-4;

/**
 * Loads a model for prediction on one CPU thread.
 * @throws {RuntimeError} where ONNX Runtime refuses the file.
 */
export async function openRuntime(bytes: Uint8Array): Promise<RuntimeModel> {
  try {
    const session = await InferenceSession.create(bytes, {
      executionProviders: ["cpu"],
      executionMode: "sequential",
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      // Errors are thrown as well, so the log has nothing to add.
      logSeverityLevel: 4,
    });
    return new RuntimeModel(session);
  } catch (cause) {
    const message = messageOf(cause);
    const cure = CURES.find(([words]) => words.test(message))?.[1];
    throw new RuntimeError(
      `ONNX Runtime does not load the model: ${message}${cure === undefined ? "" : `; ${cure}`}`,
      { cause },
    );
  }
}

/** A loaded model. Rows hold all inputs, and results all numeric outputs, one after another. */
export class RuntimeModel {
  readonly inputs: readonly RuntimeValue[];
  /** Outputs that are tensors of numbers; labels in text and maps are left out. */
  readonly outputs: readonly RuntimeValue[];
  readonly #session: InferenceSession;
  /** Whether rows may share a call; undefined until the first call of several rows has shown it. */
  #batches: boolean | undefined;

  constructor(session: InferenceSession) {
    this.#session = session;
    this.inputs = session.inputMetadata.map(valueOf);
    this.outputs = session.outputMetadata.map(valueOf)
      .filter((output) => output.type !== "string" && output.type !== "none");
    const free = this.inputs.every(({ shape: [first, ...rest] }) =>
      first === undefined && !rest.includes(undefined)
    );
    this.#batches = free && this.inputs.length > 0 ? undefined : false;
  }

  /**
   * One result per row.
   * @throws {RuntimeError} where a row does not fit the model or the model fails.
   */
  async predict(rows: readonly Float64Array[]): Promise<Float64Array[]> {
    if (this.#batches === undefined && rows.length > 1) {
      this.#batches = await this.#mayBatch(rows.slice(0, TRIED_ROWS));
    }
    const results: Float64Array[] = [];
    const together = this.#batches === true ? MOST_ROWS : 1;
    for (let start = 0; start < rows.length; start += together) {
      const part = rows.slice(start, start + together);
      results.push(...await this.#run(part) ?? []);
    }
    return results;
  }

  /** Frees the native session; the model is of no use afterwards. */
  async release(): Promise<void> {
    await this.#session.release();
  }

  /** A free first dimension may also be a window's length: rows together must give the same. */
  async #mayBatch(rows: readonly Float64Array[]): Promise<boolean> {
    const apart: Float64Array[] = [];
    for (const row of rows) apart.push(...await this.#run([row]) ?? []);
    try {
      const together = await this.#run(rows);
      return together !== undefined && together.every((row, k) => isSame(row, apart[k]));
    } catch (error) {
      if (error instanceof RuntimeError) return false;
      throw error;
    }
  }

  /** One call; undefined where the outputs cannot be told apart by row. */
  async #run(rows: readonly Float64Array[]): Promise<Float64Array[] | undefined> {
    const feeds = this.#feeds(rows);
    const names = this.outputs.map((output) => output.name);
    let results: Readonly<Record<string, { readonly data: unknown }>>;
    try {
      results = await this.#session.run(feeds, names);
    } catch (cause) {
      throw new RuntimeError(`the model fails to predict: ${messageOf(cause)}`, { cause });
    }
    const vectors = names.map((name) => numbersOf(name, results[name]?.data));
    if (vectors.some((vector) => vector.length % rows.length !== 0)) return undefined;
    return rows.map((_, k) =>
      Float64Array.from(vectors.flatMap((vector) => {
        const size = vector.length / rows.length;
        return vector.slice(k * size, (k + 1) * size);
      }))
    );
  }

  #feeds(rows: readonly Float64Array[]): Record<string, Tensor> {
    const sizes = this.#inputSizes(rows[0]?.length ?? 0);
    const needed = sizes.reduce((sum, { size }) => sum + size, 0);
    const misfit = rows.find((row) => row.length !== needed);
    if (misfit !== undefined) {
      throw new RuntimeError(`the model takes ${needed} numbers a row, not ${misfit.length}`);
    }
    let start = 0;
    const feeds = this.inputs.map((input, k): [string, Tensor] => {
      const { size, shape } = sizes[k] as InputSize;
      const values = Float64Array.from(rows.flatMap((row) => [...row.slice(start, start + size)]));
      start += size;
      const fill = FILLERS[input.type];
      if (fill === undefined) {
        throw new RuntimeError(
          `input "${input.name}" is of type ${input.type}; ` +
            "export the model with inputs of float32 or float64",
        );
      }
      const batched = rows.length === 1 ? shape : [rows.length, ...shape.slice(1)];
      return [input.name, new Tensor(input.type as Tensor.Type, fill(values), batched)];
    });
    return Object.fromEntries(feeds);
  }

  /** A free first dimension is 1; a single other free one follows from the row's length. */
  #inputSizes(length: number): InputSize[] {
    const filled = this.inputs.map(({ shape }) =>
      shape.map((size, axis) => axis === 0 ? size ?? 1 : size)
    );
    const known = filled.map((shape) => product(shape.map((size) => size ?? 1)));
    const open = filled.flat().filter((size) => size === undefined).length;
    if (open > 1) throw new RuntimeError(`the model leaves ${open} dimensions of its inputs open`);
    const others = known.reduce(
      (sum, size, k) => filled[k]?.includes(undefined) ? sum : sum + size,
      0,
    );
    return filled.map((shape, k) => {
      const rest = (length - others) / (known[k] as number);
      const whole = shape.map((size) => size ?? rest);
      return { shape: whole, size: product(whole) };
    });
  }
}

interface InputSize {
  readonly shape: readonly number[];
  readonly size: number;
}

function valueOf(metadata: InferenceSession.ValueMetadata): RuntimeValue {
  if (!metadata.isTensor) return { name: metadata.name, type: "none", shape: [] };
  return {
    name: metadata.name,
    type: metadata.type,
    shape: metadata.shape.map((size) => typeof size === "number" && size > 0 ? size : undefined),
  };
}

function numbersOf(name: string, data: unknown): number[] {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return [...data].map(Number);
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) {
    return [...data as Float32Array];
  }
  throw new RuntimeError(`output "${name}" holds no numbers`);
}

function isSame(a: Float64Array, b: Float64Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((value, i) => {
    const other = b[i] as number;
    const size = Math.max(Math.abs(value), Math.abs(other), 1e-6);
    return Object.is(value, other) || Math.abs(value - other) <= SAME_ROW * size;
  });
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
