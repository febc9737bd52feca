/** Recorded rows of a CSV file as live values, at the recorded or a faster pace. */

import type { ReplayFeedConfig } from "../config_feed.ts";
import type { FeedSource, FeedValue } from "./feed.ts";

/** The file cannot be replayed; the message names the line and the cure. */
export class ReplayError extends Error {
  override readonly name = "ReplayError";
}

interface Recording {
  readonly tags: readonly string[];
  /** One array per row in the order of `tags`; undefined where nothing was recorded. */
  readonly rows: readonly (readonly (number | undefined)[])[];
}

// How many earlier rows go in as history, where there are any.
const historyRows = 60;

/** Reads the whole file; after its last row the first follows. */
export async function openReplay(config: ReplayFeedConfig): Promise<FeedSource> {
  let text: string;
  try {
    text = await Deno.readTextFile(config.file);
  } catch (cause) {
    throw new ReplayError(`Cannot read ${config.file}: correct feed.replay.file`, { cause });
  }
  const { tags, rows } = readRecording(text, config);
  if (config.startRow > rows.length) {
    throw new ReplayError(
      `${config.file} has ${rows.length} rows: feed.replay.start_row is ${config.startRow}`,
    );
  }
  const periodMs = config.rowSeconds * 1000 / config.pace;
  let index = config.startRow - 1;
  const valuesOf = (row: number, time: Date): FeedValue[] =>
    tags.flatMap((tag, column) => {
      const value = rows[row % rows.length]?.[column];
      return value === undefined ? [] : [{ tag, value, time, quality: "good" as const }];
    });
  return {
    tags,
    periodMs,
    history: (now) => {
      const before = Math.min(index, historyRows);
      return Array.from({ length: before + 1 }, (_, i) => {
        const back = before - i;
        return valuesOf(index - back, new Date(now.getTime() - back * periodMs));
      }).flat();
    },
    next: (now) => {
      index = (index + 1) % rows.length;
      return valuesOf(index, now);
    },
  };
}

/** Recorded times are no values: rows are replayed at `row_seconds`. The names that `ingest` knows. */
function isTime(name: string): boolean {
  return ["time", "timestamp"].includes(name.toLowerCase());
}

/** Comma-separated numbers under one line of names. Every wrong cell is reported at once. */
function readRecording(text: string, config: ReplayFeedConfig): Recording {
  const [header = "", ...lines] = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const names = header.split(",").map(withoutQuotes);
  const columns = config.columns ??
    Object.fromEntries(names.filter((name) => !isTime(name)).map((name) => [name, name]));
  const problems: string[] = [];
  const chosen = Object.entries(columns).map(([name, tag]) => {
    const at = names.indexOf(name);
    if (at < 0) problems.push(`no column "${name}"; there are ${names.join(", ")}`);
    return { at, tag };
  });
  const rows = lines.flatMap((line, i) => {
    if (line.trim() === "") return [];
    const cells = line.split(",").map(withoutQuotes);
    if (cells.length !== names.length) {
      problems.push(`line ${i + 2} has ${cells.length} cells, the header has ${names.length}`);
      return [];
    }
    return [chosen.map(({ at, tag }) => {
      const cell = cells[at] ?? "";
      if (cell === "") return undefined;
      const value = Number(cell);
      if (Number.isFinite(value)) return value;
      problems.push(`line ${i + 2}, ${tag}: "${cell}" is not a number`);
      return undefined;
    })];
  });
  if (rows.length === 0 && problems.length === 0) problems.push("no rows below the header");
  if (problems.length > 0) {
    const more = problems.length > 20 ? [`and ${problems.length - 20} more`] : [];
    throw new ReplayError(
      `Cannot replay ${config.file}:\n  ${[...problems.slice(0, 20), ...more].join("\n  ")}`,
    );
  }
  return { tags: chosen.map(({ tag }) => tag), rows };
}

function withoutQuotes(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, "$1");
}
