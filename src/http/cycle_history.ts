/**
 * What past cycles measured, recommended and expected, by variable: filled from the stored records
 * when somebody looks, then kept up to date. A box that nobody looks at pays nothing for it.
 */

import type { CycleRecord, CycleStatus } from "../cycle/recommendation.ts";

/** What a number of a past cycle was. */
export type SeriesKind =
  /** As the snapshot read it. */
  | "measured"
  /** A setting as it was recommended. */
  | "recommended"
  /** A calculated or predicted variable at the settings as they were. */
  | "predicted"
  /** The same at the recommended settings. */
  | "expected";

/** Where the objective stands among the variables: no variable may have this name. */
export const OBJECTIVE = "(objective)";

export interface PastCycle {
  readonly cycleId: string;
  readonly timeMs: number;
  readonly status: CycleStatus;
}

interface Row extends PastCycle {
  /** By the places of `#places`; NaN where the cycle had no such number. */
  readonly values: Float64Array;
}

export interface Series {
  /** UTC milliseconds, oldest first. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export interface CycleHistoryParts {
  /** Newest first. */
  readonly records: (page: { limit: number; before?: string }) => readonly CycleRecord[];
  readonly latest: () => CycleRecord | undefined;
  /** Whether a request's cycle is part of the plant's history. */
  readonly requestsCount: boolean;
}

/** Numbers that are kept, 8 bytes each: ten days of five-minute cycles with 1,400 numbers. */
const MOST_NUMBERS = 4_000_000;
/** Records read in one go; each is parsed, which takes a fraction of a millisecond to some. */
const PAGE = 20;
/** The same where some are known already: one new one is usual. */
const PAGE_OF_NEWS = 4;
/** How far back a caller may want to look without waiting. */
const FIRST_RECORDS = 72;

export class CycleHistory {
  readonly #parts: CycleHistoryParts;
  readonly #places = new Map<string, number>();
  /** Oldest first. */
  #rows: Row[] = [];
  #numbers = 0;
  #filling: Promise<void> | undefined;
  #isFull = false;

  constructor(parts: CycleHistoryParts) {
    this.#parts = parts;
  }

  /** True: every stored cycle is here, or as many as are kept. */
  get isComplete(): boolean {
    return this.#isFull;
  }

  /** Reads what has come since the last call, and on the first one the last hours. */
  refresh(): void {
    const newest = this.#rows.at(-1);
    if (newest !== undefined && newest.cycleId === this.#parts.latest()?.recommendation.cycle_id) {
      return;
    }
    const fresh: CycleRecord[] = [];
    let before: string | undefined;
    do {
      const page = this.#parts.records({
        limit: newest === undefined ? FIRST_RECORDS : PAGE_OF_NEWS,
        ...(before === undefined ? {} : { before }),
      });
      const unknown = page.filter(({ recommendation }) =>
        newest === undefined || recommendation.cycle_id > newest.cycleId
      );
      fresh.push(...unknown);
      const isMet = newest === undefined || unknown.length < page.length;
      before = isMet ? undefined : page.at(-1)?.recommendation.time;
    } while (before !== undefined && fresh.length < FIRST_RECORDS);
    // Nobody has looked for long: rather from the start than with a hole in between.
    if (before !== undefined) this.#forget();
    this.#rows.push(...fresh.toReversed().flatMap((record) => this.#rowOf(record)));
    this.#tidy();
  }

  /** Reads older records in small pages between other work, until all are here. */
  fill(): Promise<void> {
    this.refresh();
    return this.#filling ??= this.#fill();
  }

  /** The cycles from an instant on, oldest first. */
  cycles(fromMs: number): readonly PastCycle[] {
    return this.#rows.slice(this.#firstFrom(fromMs));
  }

  /** One kind of number of one variable; cycles without it are left out. */
  series(
    variable: string,
    { kind, fromMs, toMs = Infinity }: {
      readonly kind: SeriesKind;
      readonly fromMs: number;
      readonly toMs?: number;
    },
  ): Series {
    const place = this.#places.get(`${kind} ${variable}`);
    const times: number[] = [];
    const values: number[] = [];
    if (place === undefined) return { times, values };
    for (let i = this.#firstFrom(fromMs); i < this.#rows.length; i++) {
      const { timeMs, values: numbers } = this.#rows[i]!;
      if (timeMs >= toMs) break;
      const value = numbers[place];
      if (value === undefined || Number.isNaN(value)) continue;
      times.push(timeMs);
      values.push(value);
    }
    return { times, values };
  }

  async #fill(): Promise<void> {
    let before = this.#rows[0] && new Date(this.#rows[0].timeMs).toISOString();
    while (before !== undefined && this.#numbers < MOST_NUMBERS) {
      const page = this.#parts.records({ limit: PAGE, before });
      this.#rows = [
        ...page.toReversed().flatMap((record) => this.#rowOf(record)),
        ...this.#rows,
      ];
      before = page.at(-1)?.recommendation.time;
      await new Promise((turn) => setTimeout(turn, 0));
    }
    this.#isFull = true;
  }

  #rowOf({ recommendation, snapshot }: CycleRecord): Row[] {
    if (recommendation.trigger === "request" && !this.#parts.requestsCount) return [];
    const { cycle_id, time, status, settings, expectations, objective } = recommendation;
    const found: [SeriesKind, string, number | null][] = [
      ...snapshot.map(({ variable, value }) => ["measured", variable, value] as const),
      ...settings.map(({ variable, recommended }) =>
        ["recommended", variable, recommended] as const
      ),
      ...expectations.flatMap(({ variable, now, expected }) => [
        ["predicted", variable, now] as const,
        ["expected", variable, expected] as const,
      ]),
      ...(objective === null ? [] : [
        ["predicted", OBJECTIVE, objective.now] as const,
        ["expected", OBJECTIVE, objective.expected] as const,
      ]),
    ].map(([kind, variable, value]) => [kind, variable, value]);
    const places = found.map(([kind, variable]) => this.#placeOf(`${kind} ${variable}`));
    const values = new Float64Array(this.#places.size).fill(NaN);
    // JSON has no NaN: a number that could not be told is null in a stored record.
    for (const [i, [, , value]] of found.entries()) values[places[i]!] = value ?? NaN;
    this.#numbers += values.length;
    return [{ cycleId: cycle_id, timeMs: Date.parse(time), status, values }];
  }

  #placeOf(key: string): number {
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.#places.size);
    return this.#places.size - 1;
  }

  #forget(): void {
    this.#rows = [];
    this.#numbers = 0;
    this.#filling = undefined;
    this.#isFull = false;
  }

  #tidy(): void {
    while (this.#numbers > MOST_NUMBERS && this.#rows.length > FIRST_RECORDS) {
      this.#numbers -= this.#rows.shift()!.values.length;
    }
  }

  /** The first row at or after an instant, by halving. */
  #firstFrom(fromMs: number): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#rows[middle]!.timeMs < fromMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
