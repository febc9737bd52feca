/**
 * Recorded values in memory, a column per tag, and what a cycle would have read from them at any
 * moment. 17 bytes a value: a month of 30 tags every minute is 22 MB.
 */

import { createHash } from "node:crypto";
import type { Reading } from "../cycle/judge_reading.ts";
import type { Average } from "../storage/measurements.ts";
import type { Quality } from "../storage/quality.ts";

/** One value as it was recorded; NaN where it is no number. */
export interface RecordedValue {
  readonly tag: string;
  readonly time: Date;
  readonly value: number;
  readonly quality: Quality;
}

const QUALITIES: readonly Quality[] = ["good", "uncertain", "bad"];
const FIRST_SIZE = 1024;

export class Recording {
  readonly #columns = new Map<string, Column>();

  /** Takes values in any order; two of one tag and time leave the later one. */
  add({ tag, time, value, quality }: RecordedValue): void {
    const column = this.#columns.get(tag) ?? new Column();
    this.#columns.set(tag, column);
    column.add(time.getTime(), { value, quality: QUALITIES.indexOf(quality) });
  }

  /** The tags that have values. */
  get tags(): string[] {
    return [...this.#columns.keys()].toSorted();
  }

  /** How many values there are. */
  get size(): number {
    return this.#all((column) => column.size).reduce((sum, size) => sum + size, 0);
  }

  /** The first and the last time, in milliseconds since 1970; undefined for an empty recording. */
  get span(): readonly [number, number] | undefined {
    if (this.#columns.size === 0) return undefined;
    return [
      Math.min(...this.#all((column) => column.times[0]!)),
      Math.max(...this.#all((column) => column.times[column.size - 1]!)),
    ];
  }

  /** SHA-256 over every tag, time, value and quality. */
  get digest(): string {
    const hash = createHash("sha256");
    for (const tag of this.tags) {
      const column = this.#columns.get(tag)!;
      column.sort();
      const { size } = column;
      hash.update(`${tag} ${size}\n`);
      hash.update(column.times.subarray(0, size));
      hash.update(column.values.subarray(0, size));
      hash.update(column.qualities.subarray(0, size));
    }
    return hash.digest("hex");
  }

  /** Every time at which something was recorded, by column; times may repeat between columns. */
  *times(): Iterable<Float64Array> {
    for (const column of this.#columns.values()) {
      column.sort();
      yield column.times.subarray(0, column.size);
    }
  }

  /**
   * The newest reading of each tag up to a moment, or the average of the good values of the window
   * that ends with it, as a cycle reads them from the database. Nothing later is looked at.
   */
  readingsAt(
    moment: number,
    { averages }: { readonly averages: ReadonlyMap<string, Average> },
  ): Map<string, Reading> {
    const readings = new Map<string, Reading>();
    for (const [tag, column] of this.#columns) {
      const at = column.newestUpTo(moment);
      if (at < 0) continue;
      const average = averages.get(tag);
      const value = average === undefined
        ? column.values[at]!
        : averageOf(column.window(at, average.ms), average.by);
      readings.set(tag, {
        value: value === undefined || Number.isNaN(value) ? null : value,
        time: new Date(column.times[at]!),
        quality: QUALITIES[column.qualities[at]!]!,
      });
    }
    return readings;
  }

  #all<Value>(of: (column: Column) => Value): Value[] {
    return [...this.#columns.values()].map((column) => {
      column.sort();
      return of(column);
    });
  }
}

/** The values of one tag; sorted by time when first read. */
class Column {
  times = new Float64Array(FIRST_SIZE);
  values = new Float64Array(FIRST_SIZE);
  qualities = new Uint8Array(FIRST_SIZE);
  size = 0;
  #sorted = true;

  add(time: number, { value, quality }: { readonly value: number; readonly quality: number }) {
    if (this.size > 0) {
      const last = this.times[this.size - 1]!;
      if (time === last) this.size--;
      else if (time < last) this.#sorted = false;
    }
    if (this.size === this.times.length) this.#grow();
    this.times[this.size] = time;
    this.values[this.size] = value;
    this.qualities[this.size] = quality;
    this.size++;
  }

  sort(): void {
    if (this.#sorted) return;
    this.#sorted = true;
    // Stable: of equal times the one that was added last comes last, and stays.
    const order = Array.from({ length: this.size }, (_, i) => i)
      .toSorted((a, b) => this.times[a]! - this.times[b]!);
    const before = { times: this.times, values: this.values, qualities: this.qualities };
    const kept = order.filter((i, k) => before.times[i] !== before.times[order[k + 1] ?? -1]);
    this.size = kept.length;
    this.times = Float64Array.from(kept, (i) => before.times[i]!);
    this.values = Float64Array.from(kept, (i) => before.values[i]!);
    this.qualities = Uint8Array.from(kept, (i) => before.qualities[i]!);
  }

  /** Where the newest value up to a time stands; −1 where there is none. */
  newestUpTo(time: number): number {
    this.sort();
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle]! <= time) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Good, finite values of the window that ends with the value at `at`; its start is outside. */
  window(at: number, ms: number): number[] {
    const since = this.times[at]! - ms;
    const found: number[] = [];
    for (let i = at; i >= 0 && this.times[i]! > since; i--) {
      if (QUALITIES[this.qualities[i]!] === "good" && Number.isFinite(this.values[i])) {
        found.push(this.values[i]!);
      }
    }
    return found;
  }

  #grow(): void {
    const size = 2 * this.times.length;
    const larger = <Of extends Float64Array | Uint8Array>(old: Of, fresh: Of): Of => {
      fresh.set(old);
      return fresh;
    };
    this.times = larger(this.times, new Float64Array(size));
    this.values = larger(this.values, new Float64Array(size));
    this.qualities = larger(this.qualities, new Uint8Array(size));
  }
}

/** Undefined for an empty window. */
function averageOf(window: readonly number[], by: Average["by"]): number | undefined {
  if (window.length === 0) return undefined;
  if (by === "mean") return window.reduce((sum, value) => sum + value, 0) / window.length;
  const sorted = window.toSorted((a, b) => a - b);
  return (sorted[sorted.length >> 1]! + sorted[(sorted.length - 1) >> 1]!) / 2;
}
