/** A plant of one tank: its level follows the valve's setting; small enough to know its answers. */

import type { Plant } from "../../src/feed/simulated_plant.ts";

export function createPlant(seed: number): Plant {
  let valve = seed;
  let seconds = 0;
  return {
    tags: ["valve", "seconds"],
    step(elapsed, settings) {
      valve = settings.get("valve") ?? valve;
      seconds += elapsed;
      return new Map([["valve", valve], ["seconds", seconds]]);
    },
  };
}
