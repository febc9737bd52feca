/** Live values from the site's table or query: the newest of each tag, and what its window comes to. */

import type { ValuesConfig } from "../config_values.ts";
import { DatabaseError, type Queries } from "./database.ts";
import { type HistoryBucket, type HistoryQuestion, readHistory } from "./read_history.ts";
import { readLong } from "./read_long.ts";
import { readQuery } from "./read_query.ts";
import { readWide } from "./read_wide.ts";
import type { Quality } from "./quality.ts";
import { describeTable, type ValueTable } from "./value_table.ts";

/** The newest row of a tag. */
export interface Measurement {
  readonly tag: string;
  /** In the tag's own unit; null where the historian wrote none. NaN and infinities come as they are. */
  readonly value: number | null;
  readonly time: Date;
  readonly quality: Quality;
  /** Of the good values in the window that ends with the newest; undefined where none was asked for, or none is good. */
  readonly average: number | undefined;
}

/** What stands for a window of values. */
export interface Average {
  readonly ms: number;
  readonly by: "mean" | "median";
}

export interface ReadOptions {
  readonly tags: readonly string[];
  /** Shuts out times in the future. */
  readonly until: Date;
  /** The windows of tags that want an average. */
  readonly averages?: ReadonlyMap<string, Average>;
}

/** A question in the site's own names, which the three ways of reading share. */
export interface SiteQuestion extends Required<ReadOptions> {
  readonly config: ValuesConfig;
  readonly queries: Queries;
}

/** Reads the values that one site's configuration describes. */
export class Measurements {
  readonly #config: ValuesConfig;
  readonly #place: string;
  #table: ValueTable | undefined;

  constructor(config: ValuesConfig, { place }: { readonly place: string }) {
    this.#config = config;
    this.#place = place;
  }

  /** The newest value of each tag that has one, by one query. Throws DatabaseError. */
  async newest(queries: Queries, options: ReadOptions): Promise<Map<string, Measurement>> {
    const config = this.#config;
    const siteTag = new Map(
      options.tags.map((tag) => [tag, Object.hasOwn(config.tags, tag) ? config.tags[tag]! : tag]),
    );
    const averages = new Map(
      [...options.averages ?? []].map(([tag, average]) => [siteTag.get(tag) ?? tag, average]),
    );
    const tags = [...new Set(siteTag.values())];
    const question = { config, queries, tags, until: options.until, averages };
    const found = await this.#ask(question);
    return new Map(
      [...siteTag].flatMap(([tag, site]) => {
        const measurement = found.get(site);
        return measurement === undefined ? [] : [[tag, { ...measurement, tag }] as const];
      }),
    );
  }

  /**
   * A tag's past in buckets; undefined where the site has a query of its own, which tells only the
   * newest values. Throws DatabaseError.
   */
  async history(
    queries: Queries,
    question: HistoryQuestion,
  ): Promise<readonly HistoryBucket[] | undefined> {
    const config = this.#config;
    if (config.query !== undefined) return undefined;
    const table = this.#table ??= await describeTable(queries, { config, place: this.#place });
    const { tag } = question;
    const site = Object.hasOwn(config.tags, tag) ? config.tags[tag]! : tag;
    return await readHistory({ ...question, tag: site }, { queries, config, table });
  }

  async #ask(question: SiteQuestion): Promise<ReadonlyMap<string, Measurement>> {
    if (this.#config.query !== undefined) return await readQuery(question, this.#config.query);
    const table = this.#table ??= await describeTable(question.queries, {
      config: this.#config,
      place: this.#place,
    });
    // A column may have been added since.
    if (table.form === "wide" && question.tags.some((tag) => !table.types.has(tag))) {
      this.#table = undefined;
    }
    try {
      return await (table.form === "long" ? readLong : readWide)(question, table);
    } catch (error) {
      if (error instanceof DatabaseError && error.fault === "schema") this.#table = undefined;
      throw error;
    }
  }
}
