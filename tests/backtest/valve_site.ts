/**
 * A site whose best settings are known without a solver, for tests of backtests: money is lost with
 * the square of the valve's distance from half the load, and the valve may go 5 in a cycle. Its cycles
 * take milliseconds.
 */

import { join } from "node:path";

const STRATEGY = `name: valve
description: Least loss
variables:
  Valve: { type: operative, unit: "%", bounds: [0, 100], max_move: 5, max_age: 1h, critical: true }
  Load: { type: informative, unit: t/h, valid: [0, 500], max_age: 1h, average: 10m, on_bad: { last_good: 2h } }
  Room: { type: informative, unit: degC, on_bad: { default: 20 } }
  loss: { type: calculated, unit: EUR/h }
skills:
  losses: { type: function, output: loss, formula: "1 * (Valve - 0.5 * Load) ^ 2 + 1" }
  limits:
    type: constraints
    constraints:
      valve below its knock: { expression: Valve, unit: "%", max: 60, rank: 1 }
  optimum:
    type: optimizer
    minimize: loss
    unit: EUR/h
    model: losses
    subject_to: [limits]
    solver: { tolerance: 1e-8, max_iterations: 50, time_limit: 2s, starts: 1 }
tasks:
  - { name: estimate, skill: losses }
  - { name: optimise, skill: optimum }
`;

export const ENTRY = "strategy.yaml";

export interface ValveSite {
  readonly folder: string;
  /** For results. */
  readonly out: string;
  remove(): Promise<void>;
}

/** Writes the site into a new folder; `change` makes another strategy of it. */
export async function valveSite(
  { change = (text) => text, config = "" }: {
    readonly change?: (text: string) => string;
    readonly config?: string;
  } = {},
): Promise<ValveSite> {
  const folder = await Deno.makeTempDir({ prefix: "setpoint-backtest-" });
  await Deno.writeTextFile(join(folder, ENTRY), change(STRATEGY));
  await Deno.writeTextFile(
    join(folder, "config.yaml"),
    `optimization: { interval_seconds: 300, config_file: ${ENTRY} }
state: { folder: state }
${config}`,
  );
  return {
    folder,
    out: join(folder, "out"),
    remove: () => Deno.remove(folder, { recursive: true }),
  };
}

export const RECORD_START = Date.parse("2026-03-01T00:00:00Z");

/** Rows of five minutes: the load wanders, the valve follows it late; now and then a value lacks. */
export function valveRows(
  count: number,
): { time: Date; Valve: number; Load: number | undefined }[] {
  return Array.from({ length: count }, (_, i) => {
    const load = 100 + 30 * Math.sin(i / 7);
    return {
      time: new Date(RECORD_START + i * 300_000),
      Valve: 50 + 12 * Math.sin(i / 7 - 1) + (i % 5),
      Load: i % 11 === 10 ? undefined : load,
    };
  });
}

/** The same as a CSV file, and what it holds beside. */
export async function writeValveRecord(path: string, count: number): Promise<void> {
  const lines = valveRows(count).map(({ time, Valve, Load }) =>
    `${time.toISOString()},${Valve},${Load ?? ""}`
  );
  await Deno.writeTextFile(path, `time,Valve,Load\n${lines.join("\n")}\n`);
}
