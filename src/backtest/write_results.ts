/** What a finished backtest leaves: a report for people, a CSV per strategy for everything else. */

import { join } from "node:path";
import type { Plan } from "../cycle/plan.ts";
import { writeDurably } from "../storage/durable_file.ts";
import type { Fingerprint, KeptResults } from "../storage/kept_results.ts";
import { RUNTIME_VERSION } from "../version.ts";
import type { Layout } from "./layout.ts";
import type { MomentResult } from "./moment_result.ts";
import { reportPage } from "./report/page.ts";
import type { ReportSide } from "./report/page.ts";
import { resultsCsv } from "./results_csv.ts";
import { summaryOf } from "./summary.ts";

/** A strategy of a backtest. */
export interface Side {
  /** `a`, and `b` for the one it is compared with. */
  readonly side: string;
  /** As the reader knows it. */
  readonly name: string;
  readonly plan: Plan;
  readonly layout: Layout;
}

/** Rises with every change of what is kept of a moment. */
const FORM = "1";

/** What every result depends on. */
export function fingerprintOf(
  sides: readonly Side[],
  { record, options, solver }: {
    readonly record: string;
    readonly options: string;
    /** The build of the native library. */
    readonly solver: string;
  },
): Fingerprint {
  return {
    ...Object.fromEntries(sides.map(({ side, name, plan }) => [
      side === "a" ? "strategy" : "compared with",
      `${name}, version ${plan.version}, digest ${plan.digest}`,
    ])),
    "record's digest": record,
    "moments": options,
    "Setpoint": `${RUNTIME_VERSION}, results of form ${FORM}`,
    "solver's digest": solver,
  };
}

/** Writes report and CSV files into the folder and returns their paths. */
export async function writeResults(
  folder: string,
  { sides, kept, fingerprint, notes, now }: {
    readonly sides: readonly Side[];
    readonly kept: KeptResults;
    readonly fingerprint: Fingerprint;
    readonly notes: readonly string[];
    readonly now: Date;
  },
): Promise<string[]> {
  const files: string[] = [];
  const write = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeDurably(path, new TextEncoder().encode(text));
    files.push(path);
  };
  const shown: ReportSide[] = [];
  const slimmer = new Slimmer();
  for (const { side, name, layout } of sides) {
    const resultAt = (time: number) => parsed(kept.get(side, time));
    const results = Array.from(kept.all(side), ({ json }) => slimmer.slim(parsed(json)));
    await write(side === "a" ? "backtest.csv" : "compared.csv", resultsCsv(layout, results));
    shown.push({ side, name, resultAt, summary: summaryOf(layout, results) });
  }
  const [first, ...others] = shown;
  if (first === undefined) throw new RangeError("A backtest has at least one strategy");
  const origin = { fingerprint, runs: kept.runs(), notes, madeAt: now };
  await write("report.html", reportPage([first, ...others], origin));
  return files;
}

/**
 * A year of moments must fit into memory: what was read stays on disk, and texts that recur from
 * moment to moment are there once.
 */
class Slimmer {
  readonly #texts = new Map<string, string>();

  slim(result: MomentResult): MomentResult {
    const { settings, binding, relaxed, warnings } = result;
    return {
      ...result,
      inputs: [],
      warnings: warnings.map((warning) => this.#one(warning)),
      settings: settings.map((setting) =>
        setting && { ...setting, limitedBy: this.#one(setting.limitedBy) }
      ),
      binding: binding.map((one) => ({
        ...one,
        limit: this.#one(one.limit),
        priceUnit: this.#one(one.priceUnit),
      })),
      relaxed: relaxed.map((one) => ({ ...one, limit: this.#one(one.limit) })),
    };
  }

  #one<Text extends string>(text: Text): Text {
    const known = this.#texts.get(text);
    if (known !== undefined) return known as Text;
    this.#texts.set(text, text);
    return text;
  }
}

function parsed(json: string): MomentResult {
  return JSON.parse(json) as MomentResult;
}
