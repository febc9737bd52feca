/** What a new site is made of, out of what was asked for and the plant data; every problem at once. */

import { nearName } from "../near_name.ts";
import { writtenName } from "../strategy/formula_tokens.ts";
import { aroundRange, type ColumnRange, rangeOf } from "./column_ranges.ts";
import { type Gains, gainsOf } from "./gains.ts";
import type { PlantColumn, PlantTable } from "./plant_table.ts";

/** A variable as it was asked for: `NAME=UNIT,LOW,HIGH`, all but the name left out at will. */
export interface Wish {
  readonly name: string;
  readonly unit: string | undefined;
  readonly range: readonly [number, number] | undefined;
}

export interface SiteRequest {
  readonly name: string;
  readonly settings: readonly Wish[];
  readonly results: readonly Wish[];
  /** Undefined: every other column of the data. */
  readonly values: readonly Wish[] | undefined;
  readonly objective:
    | { readonly sense: "minimize" | "maximize"; readonly formula: string }
    | undefined;
  readonly rowSeconds: number | undefined;
}

export interface SiteVariable {
  readonly name: string;
  readonly unit: string;
  readonly range: ColumnRange;
  /** Undefined without data. */
  readonly column: PlantColumn | undefined;
}

export interface SiteResult extends SiteVariable {
  /** The variable that holds what is expected of it. */
  readonly expected: string;
  /** By setting and value, in their order; undefined where the data do not tell. */
  readonly gains: Gains | undefined;
}

export interface SitePlan {
  readonly name: string;
  readonly settings: readonly SiteVariable[];
  readonly values: readonly SiteVariable[];
  readonly results: readonly SiteResult[];
  /** Undefined: stay in the middle of the bounds. */
  readonly objective:
    | { readonly sense: "minimize" | "maximize"; readonly formula: string }
    | undefined;
  readonly rowSeconds: number;
}

const SITE_NAME = /^[a-z][a-z0-9-]{0,62}$/;
// The rule of the strategy's schema for names, without the signs that end a YAML comment or a flag.
const VARIABLE_NAME = /^(?=.*\S)[^`=,#\p{C}]{1,100}$/u;
const DEFAULT_ROW_SECONDS = 60;

/** Reads `NAME=UNIT,LOW,HIGH`; a problem is a text. */
export function readWish(text: string): Wish | string {
  const at = text.indexOf("=");
  const name = (at < 0 ? text : text.slice(0, at)).trim();
  if (!VARIABLE_NAME.test(name)) {
    return `"${text}" has no usable name: 1 to 100 characters without backticks, commas, = and #`;
  }
  if (at < 0) return { name, unit: undefined, range: undefined };
  const [unit = "", low, high, more] = text.slice(at + 1).split(",").map((part) => part.trim());
  if (low === undefined) return { name, unit, range: undefined };
  const range = [Number(low), Number(high ?? Number.NaN)] as const;
  if (more !== undefined || !(range[0] < range[1])) {
    return `"${text}": expected NAME=UNIT,LOWEST,HIGHEST, as in Coal=t/h,7.6,9.4`;
  }
  return { name, unit, range };
}

/** The plan, or everything that stands against it. */
export function planSite(
  request: SiteRequest,
  table: PlantTable | undefined,
): SitePlan | readonly string[] {
  const problems: string[] = [];
  if (!SITE_NAME.test(request.name)) {
    problems.push(
      `"${request.name}" is no site's name: lower-case letters, digits and hyphens, a letter first`,
    );
  }
  const columns = table?.columns ?? [];
  const known = columns.map(({ name }) => name);
  const pick = (wish: Wish): SiteVariable[] => {
    const column = columns.find(({ name }) => name === wish.name);
    if (table !== undefined && column === undefined) {
      const near = nearName(wish.name, known);
      const cure = near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}?`;
      problems.push(`No column "${wish.name}"; ${cure}`);
      return [];
    }
    if (column === undefined && wish.range === undefined) {
      problems.push(
        `${wish.name} needs a range, as there are no data: ${wish.name}=UNIT,LOWEST,HIGHEST`,
      );
      return [];
    }
    return [variableOf(wish, column)];
  };
  const settings = request.settings.flatMap(pick);
  const resultVariables = request.results.flatMap(pick);
  const named = [...request.settings, ...request.results].map(({ name }) => name);
  const others = request.values ??
    known.filter((name) => !named.includes(name))
      .map((name) => ({ name, unit: undefined, range: undefined }));
  const values = others.flatMap(pick);
  const all = [...named, ...others.map(({ name }) => name)];
  for (const name of new Set(all.filter((name, i) => all.indexOf(name) < i))) {
    problems.push(`${name} is asked for twice: a variable is a setting, a value or a result`);
  }
  if (request.settings.length === 0) {
    const choice = known.length === 0 ? "" : `; there are ${known.join(", ")}`;
    problems.push(`There is no setting to move: --setting NAME=UNIT,LOWEST,HIGHEST${choice}`);
  }
  if (problems.length > 0) return problems;
  const inputs = [...settings, ...values];
  const results = resultVariables.map((result) => ({
    ...result,
    expected: `${result.name}_expected`,
    gains: result.column && gainsOf(
      result.column.values,
      inputs.flatMap(({ column }) => column === undefined ? [] : [column.values]),
    ),
  }));
  return {
    name: request.name,
    settings,
    values,
    results,
    objective: objectiveOf(request, results),
    rowSeconds: request.rowSeconds ?? table?.rowSeconds ?? DEFAULT_ROW_SECONDS,
  };
}

function variableOf(wish: Wish, column: PlantColumn | undefined): SiteVariable {
  const range = wish.range === undefined
    ? rangeOf(column?.values ?? new Float64Array())
    : aroundRange(wish.range);
  return { name: wish.name, unit: wish.unit ?? column?.unit ?? "", range, column };
}

/** A result named there stands for what is expected of it; without an objective the first one is least. */
function objectiveOf(
  { objective }: SiteRequest,
  results: readonly SiteResult[],
): SitePlan["objective"] {
  if (objective === undefined) {
    const told = results.find(({ gains }) => gains !== undefined);
    return told && { sense: "minimize", formula: writtenName(told.expected) };
  }
  const formula = results.reduce((text, { name, expected }) => {
    const word = writtenName(name);
    const pattern = word === name
      ? `(?<![\\w\`])${name}(?![\\w\`])`
      : word.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
    return text.replaceAll(new RegExp(pattern, "gu"), () => writtenName(expected));
  }, objective.formula);
  return { ...objective, formula };
}
