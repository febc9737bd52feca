/** The sites of this repository: the folders that hold a strategy. */

import { fileURLToPath } from "node:url";

const strategies = fileURLToPath(new URL("../../strategies/", import.meta.url));

export interface Site {
  readonly name: string;
  /** Its strategy's path. */
  readonly file: string;
}

export const sites: readonly Site[] = [...Deno.readDirSync(strategies)]
  .filter(({ isDirectory }) => isDirectory)
  .map(({ name }) => ({
    name,
    file: `${strategies}${name}/process-optimization-strategy-config.yaml`,
  }))
  .filter(({ file }) => {
    try {
      return Deno.statSync(file).isFile;
    } catch (error) {
      // A folder of lessons is no site.
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  });
