/**
 * Plant data for the tutorial: a month of a column that splits isobutane from n-butane, a row every
 * 15 minutes. `deno run --allow-write strategies/tutorial/plant_data.ts FILE.csv [ROWS]`
 *
 * Separation by the short-cut of Jafarey, Douglas and McAvoy, Ind. Eng. Chem. Process Des. Dev. 18
 * (1979) 197: S = (α / √(1 + D / (L z)))^N with S = xD (1 − xB) / ((1 − xD) xB), together with the
 * balance F z = D xD + B xB. Both butanes have one molar mass, so mass fractions are mole fractions.
 */

import { seededRandom } from "../../src/model/random.ts";

const SEED = 1979;
/** Relative volatility of the butanes near 6 bar, and theoretical stages. */
const VOLATILITY = 1.35;
const STAGES = 70;
/** Tonnes of vapour that a tonne of steam boils up, and what the column loses to its surroundings. */
const BOILUP_PER_STEAM = 6.3;
const STEAM_LOST = 0.6;

const START = Date.UTC(2026, 2, 1);
const ROW_MINUTES = 15;

interface Column {
  /** t/h */
  readonly reflux: number;
  /** t/h */
  readonly distillate: number;
  /** t/h */
  readonly feed: number;
  /** Fraction of isobutane in the feed. */
  readonly light: number;
}

/** Fractions of n-butane in the distillate and of isobutane in the bottoms. */
export function separation(
  { reflux, distillate, feed, light }: Column,
): { top: number; bottom: number } {
  const bottoms = feed - distillate;
  const power = STAGES * Math.log(VOLATILITY / Math.sqrt(1 + distillate / (reflux * light)));
  let low = Math.max(0, (feed * light - bottoms) / distillate);
  let high = Math.min(1, feed * light / distillate);
  // The left side grows with xD from minus to plus infinity between the two ends.
  for (let i = 0; i < 60; i++) {
    const xD = (low + high) / 2;
    const xB = (feed * light - distillate * xD) / bottoms;
    if (Math.log(xD / (1 - xD)) - Math.log(xB / (1 - xB)) < power) low = xD;
    else high = xD;
  }
  return { top: 1 - high, bottom: (feed * light - distillate * high) / bottoms };
}

/** The table as text: operators keep the column near its balance and try things every few hours. */
export function plantData(rows: number): string {
  const random = seededRandom(SEED);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const lines = [
    "timestamp,Reflux [t/h],Distillate [t/h],Feed [t/h],Feed_isobutane [%],Steam [t/h]," +
    "Top_impurity [%],Bottom_loss [%]",
  ];
  let feed = 40;
  let light = 0.45;
  let share = 1;
  let ratio = 5;
  for (let row = 0; row < rows; row++) {
    feed += 0.03 * (40 - feed) + 0.25 * normal();
    light += 0.03 * (0.45 - light) + 0.003 * normal();
    if (row % 12 === 0) {
      share = 0.9 + 0.14 * random();
      ratio = 4.2 + 1.6 * random();
    }
    const distillate = share * feed * light;
    const reflux = ratio * distillate;
    const { top, bottom } = separation({ reflux, distillate, feed, light });
    const steam = (reflux + distillate) / BOILUP_PER_STEAM + STEAM_LOST;
    lines.push([
      new Date(START + row * ROW_MINUTES * 60_000).toISOString(),
      reflux.toFixed(2),
      distillate.toFixed(3),
      feed.toFixed(2),
      (100 * light).toFixed(2),
      (steam + 0.03 * normal()).toFixed(3),
      Math.max(0, 100 * top * (1 + 0.02 * normal())).toFixed(3),
      Math.max(0, 100 * bottom * (1 + 0.02 * normal())).toFixed(3),
    ].join(","));
  }
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) {
  const [file, rows = "2880"] = Deno.args;
  if (file === undefined || file.startsWith("--")) {
    console.log("deno run --allow-write strategies/tutorial/plant_data.ts FILE.csv [ROWS]");
    Deno.exit(file === "--help" ? 0 : 2);
  }
  await Deno.writeTextFile(file, plantData(Number(rows)));
  console.log(`${file}: ${rows} rows`);
}
