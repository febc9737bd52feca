/** A plant with a sensor, and a laboratory that gives a value only as each full 30 s goes by. */

import type { Plant } from "../../src/feed/simulated_plant.ts";

export function createPlant(): Plant {
  let seconds = 0;
  return {
    tags: ["sensor", "lab"],
    step(elapsed) {
      const before = Math.floor(seconds / 30);
      seconds += elapsed;
      const sample = Math.floor(seconds / 30);
      return new Map([
        ["sensor", seconds],
        ...(sample > before ? [["lab", sample] as const] : []),
      ]);
    },
  };
}
