/** Postgres in WebAssembly, in this process: the same SQL without a server. */

import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { Log } from "../log.ts";
import {
  type Database,
  databaseErrorOf,
  type DatabaseParameter,
  type DatabaseRow,
  type Queries,
} from "./database.ts";

type Statements = Pick<PGlite, "query">;

/**
 * One connection; statements run one after the other and block this thread while they run, so they
 * have no deadline and must be small.
 */
export class PgliteDatabase implements Database {
  readonly place: string;
  readonly #pglite: PGlite;

  private constructor(pglite: PGlite, place: string) {
    this.#pglite = pglite;
    this.place = place;
  }

  /** A database that ends with the process; for tests and tools. */
  static async inMemory(): Promise<PgliteDatabase> {
    return new PgliteDatabase(await PGlite.create("memory://"), "pglite in memory");
  }

  /**
   * Opens or makes the database in a folder, which takes some seconds. A damaged one is set aside
   * under another name and a new one begun: the box must run, and what waits for delivery is in the
   * journal.
   */
  static async open(folder: string, options: { log: Log }): Promise<PgliteDatabase> {
    const place = `pglite in ${folder}`;
    const create = async () => {
      await Deno.mkdir(folder, { recursive: true });
      return new PgliteDatabase(await PGlite.create(folder), place);
    };
    try {
      return await create();
    } catch (cause) {
      if (cause instanceof Deno.errors.PermissionDenied || !await isDatabaseFolder(folder)) {
        throw databaseErrorOf(cause, place);
      }
      const aside = `${folder}.damaged-${Date.now()}`;
      options.log.error(
        "Database {place} cannot be opened: set aside as {aside}, a new one begins",
        {
          place,
          aside,
          error: cause,
        },
      );
      await Deno.rename(folder, aside);
    }
    try {
      return await create();
    } catch (cause) {
      throw databaseErrorOf(cause, place);
    }
  }

  query(
    text: string,
    parameters: readonly DatabaseParameter[] = [],
  ): Promise<readonly DatabaseRow[]> {
    return run(this.#pglite, { text, parameters, place: this.place });
  }

  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#pglite.transaction((statements) => {
      const query: Queries["query"] = (text, parameters = []) =>
        run(statements, { text, parameters, place: this.place });
      return work({ query });
    });
  }

  async close(): Promise<void> {
    if (!this.#pglite.closed) await this.#pglite.close();
  }
}

async function isDatabaseFolder(folder: string): Promise<boolean> {
  const version = await Deno.stat(join(folder, "PG_VERSION")).catch(() => undefined);
  return version?.isFile ?? false;
}

async function run(
  statements: Statements,
  statement: { text: string; parameters: readonly DatabaseParameter[]; place: string },
): Promise<readonly DatabaseRow[]> {
  try {
    const result = await statements.query<DatabaseRow>(statement.text, [...statement.parameters]);
    return result.rows;
  } catch (error) {
    throw databaseErrorOf(error, statement.place);
  }
}
