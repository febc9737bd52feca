/** `last_run_timestamp.yaml`: when this site's box last ran a cycle, kept in the object store too. */

import { ObjectNotFound, type ObjectStore } from "../storage/object_store.ts";

const PATH = "last_run_timestamp.yaml";

/** Writes the newest time behind the cycles' back; a store that is away costs nothing but the file. */
export class LastRun {
  readonly #store: ObjectStore;
  #newest: string | undefined;
  #writing: Promise<void> | undefined;
  #fault: string | undefined;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** Why the newest time is not in the store; undefined when it is. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * The time in the store, for a box whose state folder is new; undefined where there is none or the
   * store does not answer.
   */
  async read(): Promise<Date | undefined> {
    try {
      const { bytes } = await this.#store.read(PATH);
      const [text] = /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(new TextDecoder().decode(bytes)) ?? [];
      const time = new Date(text ?? "");
      return Number.isNaN(time.getTime()) ? undefined : time;
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) this.#fault = String(error);
      return undefined;
    }
  }

  /** Notes a cycle's time (ISO 8601); returns at once. */
  note(time: string): void {
    this.#newest = time;
    this.#writing ??= this.#write().finally(() => this.#writing = undefined);
  }

  /** Returns when no write is under way. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (let time = this.#newest; time !== undefined; time = this.#newest) {
      this.#newest = undefined;
      try {
        const text = `last_run_timestamp: "${time}"\n`;
        await this.#store.write(PATH, new TextEncoder().encode(text));
        this.#fault = undefined;
      } catch (error) {
        this.#fault = error instanceof Error ? error.message : String(error);
      }
    }
  }
}
