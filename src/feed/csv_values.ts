/** Recorded values out of a CSV file of any size, read line by line (RFC 4180, without line breaks in cells). */

import { TextLineStream } from "./text_lines.ts";
import type { NewMeasurement } from "../storage/new_measurements.ts";
import { qualityOf } from "../storage/quality.ts";

/** The file cannot be read as values; the message names line, column and what was expected. */
export class CsvError extends Error {
  override readonly name = "CsvError";
}

export interface ReadValue {
  readonly value: NewMeasurement;
  /** How much of the file has been read. */
  readonly bytes: number;
}

/** Times of rows that carry none. */
export interface RowTimes {
  /** Of the first row below the header. */
  readonly first: Date;
  /** Between two rows, in milliseconds. */
  readonly everyMs: number;
}

/** The file has no column of times, and none were told. */
export class NoTimesError extends CsvError {}

/** Cells of a row after the header, as values. */
type RowReader = (
  cells: readonly string[],
  /** Lines count from 1, rows below the header from 0. */
  at: { readonly line: number; readonly row: number },
) => NewMeasurement[];

/**
 * Every value of a file in either form (see the help of `ingest`); `rowTimes` serve a file without a
 * column of times. Throws CsvError at the first wrong cell.
 */
export async function* readCsv(file: string, rowTimes?: RowTimes): AsyncIterable<ReadValue> {
  const lines = (await Deno.open(file)).readable.pipeThrough(new TextLineStream());
  let read: RowReader | undefined;
  let width = 0;
  let line = 0;
  let row = 0;
  for await (const { text, bytes } of lines) {
    line++;
    if (text.trim() === "") continue;
    const cells = cellsOf(text);
    if (read === undefined) {
      width = cells.length;
      read = rowReader(cells, { file, rowTimes });
      continue;
    }
    if (cells.length !== width) {
      throw new CsvError(`${file}:${line}: ${cells.length} cells, the first line has ${width}`);
    }
    for (const value of read(cells, { line, row: row++ })) yield { value, bytes };
  }
  if (read === undefined) throw new CsvError(`${file} is empty: its first line names the columns`);
}

function rowReader(
  names: readonly string[],
  { file, rowTimes }: { readonly file: string; readonly rowTimes: RowTimes | undefined },
): RowReader {
  const at = (...wanted: readonly string[]) =>
    names.findIndex((name) => wanted.includes(name.trim().toLowerCase()));
  const [time, tag, value, quality] = [
    at("time", "timestamp"),
    at("tag"),
    at("value"),
    at("quality"),
  ];
  if (time < 0 && rowTimes === undefined) {
    throw new NoTimesError(
      `${file}: no column "time" or "timestamp"; there are ${names.join(", ")}`,
    );
  }
  const timeIn = (cells: readonly string[], { line, row }: Parameters<RowReader>[1]) =>
    time < 0
      ? new Date(rowTimes!.first.getTime() + row * rowTimes!.everyMs)
      : timeOf(cells[time] ?? "", `${file}:${line}`);
  const numberIn = (cells: readonly string[], { column, line }: { column: number; line: number }) =>
    numberOf(cells[column] ?? "", `${file}:${line}, ${names[column]}`);
  if (tag >= 0 && value >= 0) {
    return (cells, place) => {
      const number = numberIn(cells, { column: value, line: place.line });
      return number === undefined ? [] : [{
        tag: cells[tag] ?? "",
        time: timeIn(cells, place),
        value: number,
        quality: quality < 0 || cells[quality] === "" ? "good" : qualityOf(cells[quality]),
      }];
    };
  }
  return (cells, place) =>
    names.flatMap((name, column) => {
      if (column === time) return [];
      const number = numberIn(cells, { column, line: place.line });
      return number === undefined
        ? []
        : [{ tag: name, time: timeIn(cells, place), value: number, quality: "good" as const }];
    });
}

function timeOf(text: string, place: string): Date {
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text.trim())
    ? text.trim()
    : `${text.trim().replace(" ", "T")}Z`;
  const time = new Date(/^\d{4}-\d\d-\d\dZ$/.test(zoned) ? zoned.slice(0, 10) : zoned);
  if (!Number.isNaN(time.getTime())) return time;
  throw new CsvError(`${place}: "${text}" is not a time, such as 2026-03-01T12:00:00Z`);
}

const SWITCHES: Readonly<Record<string, number>> = { true: 1, false: 0 };

/** Undefined for an empty cell. */
function numberOf(text: string, place: string): number | undefined {
  const word = text.trim();
  if (word === "") return undefined;
  const number = SWITCHES[word.toLowerCase()] ?? Number(word);
  if (!Number.isNaN(number) || /^nan$/i.test(word)) return number;
  throw new CsvError(`${place}: "${text}" is not a number`);
}

/** Cells between commas; a quoted one may hold commas and doubled quotes. */
function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(",");
  const cells: string[] = [];
  for (const [, quoted, plain] of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    cells.push(quoted === undefined ? plain ?? "" : quoted.replaceAll('""', '"'));
  }
  return cells;
}
