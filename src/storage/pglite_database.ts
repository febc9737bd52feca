/** Postgres in WebAssembly, in this process: the same SQL without a server. */

import { PGlite } from "@electric-sql/pglite";
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

  /** Opens or makes the database in a folder; without one, in memory. Takes some seconds. */
  static async open(folder?: string): Promise<PgliteDatabase> {
    const place = folder === undefined ? "pglite in memory" : `pglite in ${folder}`;
    try {
      if (folder !== undefined) await Deno.mkdir(folder, { recursive: true });
      return new PgliteDatabase(await PGlite.create(folder ?? "memory://"), place);
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
