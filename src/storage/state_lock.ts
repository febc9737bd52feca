/** Keeps a second process out of the state folder. */

import { join } from "node:path";

/** Another process uses the state folder. */
export class StateLockedError extends Error {
  override readonly name = "StateLockedError";
}

/** Held until released or until the process ends, however it ends: the system's own file lock. */
export class StateLock {
  readonly #file: Deno.FsFile;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** Makes the folder where needed; throws `StateLockedError` when it is in use. */
  static async take(folder: string): Promise<StateLock> {
    await Deno.mkdir(folder, { recursive: true });
    const path = join(folder, "lock");
    const file = await Deno.open(path, { read: true, write: true, create: true });
    if (!await file.tryLock(true)) {
      const owner = (await Deno.readTextFile(path).catch(() => "")).trim();
      file.close();
      throw new StateLockedError(
        `State folder ${folder} is in use by process ${owner || "unknown"}: ` +
          "stop it, or give this one another state.folder",
      );
    }
    await file.truncate(0);
    await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
    return new StateLock(file);
  }

  async release(): Promise<void> {
    await this.#file.unlock();
    this.#file.close();
  }
}
