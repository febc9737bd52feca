/** Plant data out of a CSV file as historians and spreadsheets write it. */

/** A column of numbers; NaN where nothing is recorded. */
export interface PlantColumn {
  readonly name: string;
  /** What stood in brackets after the name, as in `Steam [t/h]`; "" where nothing did. */
  readonly unit: string;
  readonly values: Float64Array;
}

export interface PlantTable {
  readonly columns: readonly PlantColumn[];
  /** One text per row, as in the file; undefined where no column holds times. */
  readonly times: readonly string[] | undefined;
  /** Median time between two rows; undefined where it cannot be told. */
  readonly rowSeconds: number | undefined;
  readonly rows: number;
  /** What was left out or read in a way that the reader should know of. */
  readonly notes: readonly string[];
}

/** The text is no table of numbers; the message names the line and the cure. */
export class PlantTableError extends Error {
  override readonly name = "PlantTableError";
}

const TIME_NAME = /^(time|timestamp|datetime|date|zeit|datum|uhrzeit)\b/i;
/** A column with fewer numbers than this among its filled cells is text. */
const LEAST_NUMBERS = 0.5;

/** Reads a table under one line of names, separated by commas, semicolons or tabs. */
export function readPlantTable(text: string): PlantTable {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const header = lines[0] ?? "";
  if (header.trim() === "") {
    throw new PlantTableError("The first line is empty: it names the columns");
  }
  const separator = separatorOf(header);
  const names = cellsOf(header, separator);
  const body: string[][] = [];
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line.trim() === "") continue;
    const cells = cellsOf(line, separator);
    if (cells.length !== names.length) {
      throw new PlantTableError(
        `Line ${i + 1} has ${cells.length} cells, the first line ${names.length}`,
      );
    }
    body.push(cells);
  }
  if (body.length === 0) throw new PlantTableError("There are no rows below the names");
  const notes: string[] = [];
  const timeAt = timeColumn(names, body);
  const columns = names.flatMap((name, at) => {
    if (at === timeAt) return [];
    const column = columnOf(name, { body, at, isCommaDecimal: separator !== ",", notes });
    return column === undefined ? [] : [column];
  });
  const twice = columns.find(({ name }, i) => columns.findIndex((c) => c.name === name) < i);
  if (twice !== undefined) throw new PlantTableError(`Two columns are called "${twice.name}"`);
  const times = timeAt < 0 ? undefined : body.map((cells) => cells[timeAt] ?? "");
  return {
    columns,
    times,
    rowSeconds: times && medianStep(times),
    rows: body.length,
    notes,
  };
}

function separatorOf(header: string): string {
  const count = (separator: string) => header.split(separator).length;
  return [",", ";", "\t"].toSorted((a, b) => count(b) - count(a))[0] ?? ",";
}

/** Cells of a line; a quoted one may hold separators and doubled quotes. */
function cellsOf(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator).map((cell) => cell.trim());
  const cells = [""];
  let isQuoted = false;
  for (let i = 0; i < line.length; i++) {
    const letter = line[i] ?? "";
    if (letter === '"' && isQuoted && line[i + 1] === '"') {
      cells[cells.length - 1] += '"';
      i++;
    } else if (letter === '"') isQuoted = !isQuoted;
    else if (letter === separator && !isQuoted) cells.push("");
    else cells[cells.length - 1] += letter;
  }
  return cells.map((cell) => cell.trim());
}

/** By its name, or the first one whose first cell is a time. */
function timeColumn(names: readonly string[], body: readonly string[][]): number {
  const named = names.findIndex((name) => TIME_NAME.test(name));
  return named >= 0
    ? named
    : names.findIndex((_, at) => !Number.isNaN(timeOf(body[0]?.[at] ?? "")));
}

/** Milliseconds; NaN for what is no ISO 8601 time, or day.month.year with a time. */
export function timeOf(text: string): number {
  const local = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](\d{1,2}:\d\d(?::\d\d)?))?/.exec(text);
  const iso = local === null
    ? text
    : `${local[3]}-${pad(local[2])}-${pad(local[1])}T${(local[4] ?? "00:00").padStart(5, "0")}`;
  if (!/^\d{4}-\d\d-\d\d/.test(iso)) return Number.NaN;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(iso) || iso.length === 10 ? iso : `${iso}Z`;
  return new Date(zoned.replace(" ", "T")).getTime();
}

function pad(digits: string | undefined): string {
  return (digits ?? "").padStart(2, "0");
}

function columnOf(
  header: string,
  { body, at, isCommaDecimal, notes }: {
    readonly body: readonly string[][];
    readonly at: number;
    readonly isCommaDecimal: boolean;
    readonly notes: string[];
  },
): PlantColumn | undefined {
  const match = /^(.*?)\s*[[(]([^\])]*)[\])]$/.exec(header);
  const name = (match?.[1] ?? header).trim() || `Column_${at + 1}`;
  const values = new Float64Array(body.length);
  const wrong: string[] = [];
  let filled = 0;
  for (const [row, cells] of body.entries()) {
    const cell = cells[at] ?? "";
    const value = numberOf(cell, isCommaDecimal);
    values[row] = value;
    if (cell !== "") filled++;
    if (cell !== "" && Number.isNaN(value) && !/^nan$/i.test(cell)) {
      wrong.push(`line ${row + 2}: "${cell}"`);
    }
  }
  if (filled === 0 || wrong.length > (1 - LEAST_NUMBERS) * filled) {
    notes.push(`${name} is left out: ${filled === 0 ? "it is empty" : `${wrong[0]} is no number`}`);
    return undefined;
  }
  if (wrong.length > 0) {
    notes.push(`${name}: ${wrong.length} cells are no numbers and stay empty (${wrong[0]})`);
  }
  return { name, unit: match?.[2]?.trim() ?? "", values };
}

function numberOf(cell: string, isCommaDecimal: boolean): number {
  if (cell === "") return Number.NaN;
  const plain = isCommaDecimal && /^[+-]?\d+,\d+(e[+-]?\d+)?$/i.test(cell)
    ? cell.replace(",", ".")
    : cell;
  const value = Number(plain);
  return Number.isFinite(value) ? value : Number.NaN;
}

function medianStep(times: readonly string[]): number | undefined {
  const steps = times.slice(1, 1001)
    .map((time, i) => (timeOf(time) - timeOf(times[i] ?? "")) / 1000)
    .filter((seconds) => seconds > 0)
    .toSorted((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)];
}
