/**
 * One row per moment (RFC 4180). Numbers stand in full precision, so that equal results give equal
 * bytes; what depends on the machine, such as times, is not in it.
 */

import type { Layout } from "./layout.ts";
import type { Known, MomentResult } from "./moment_result.ts";

type Cell = string | number | null | undefined;

interface Column {
  readonly name: string;
  readonly cell: (result: MomentResult) => Cell;
}

/** The whole file, with units in the names of the columns. */
export function resultsCsv(layout: Layout, results: Iterable<MomentResult>): string {
  const columns = columnsOf(layout);
  const lines = [columns.map(({ name }) => textOf(name)).join(",")];
  for (const result of results) {
    lines.push(columns.map(({ cell }) => textOf(cell(result))).join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

function columnsOf({ objective, settings, outputs, judged, limits }: Layout): Column[] {
  const unit = objective?.unit ?? "";
  const binds = (result: MomentResult, name: string) =>
    result.binding.find(({ of, limit }) => of === "constraint" && limit === name);
  return [
    column("time", (one) => new Date(one.time).toISOString()),
    column("status", ({ status }) => status),
    column("reason", ({ reason }) => reason),
    column("solver outcome", ({ outcome }) => outcome),
    column("iterations", ({ iterations }) => iterations),
    column(named("gain", unit), (one) => one.objective?.gain),
    column(named("objective as measured", unit), (one) => one.objective?.measured),
    column(named("objective now", unit), (one) => one.objective?.now),
    column(named("objective expected", unit), (one) => one.objective?.expected),
    ...settings.flatMap(({ name, unit }, i) => [
      column(named(`${name} recorded`, unit), (one) => one.settings[i]?.measured),
      column(named(`${name} recommended`, unit), (one) => one.settings[i]?.recommended),
      column(`${name} limited by`, (one) => one.settings[i]?.limitedBy),
    ]),
    ...outputs.flatMap(({ name, unit }, i) => [
      column(named(`${name} now`, unit), ({ now }) => now[i]),
      column(named(`${name} expected`, unit), ({ expected }) => expected[i]),
    ]),
    ...judged.flatMap(({ name, unit }, i) => [
      column(named(`${name} measured`, unit), ({ errors }) => errors[i]?.measured),
      column(named(`${name} without bias`, unit), ({ errors }) => errors[i]?.plain),
      column(named(`${name} with bias`, unit), ({ errors }) => errors[i]?.corrected),
    ]),
    ...limits.flatMap(({ name, unit }, i) => [
      column(named(`limit ${name} as measured`, unit), (one) => one.limits[i]?.measured),
      column(named(`limit ${name} now`, unit), (one) => one.limits[i]?.now),
      column(named(`limit ${name} expected`, unit), (one) => one.limits[i]?.expected),
      column(`limit ${name} binds`, (one) => binds(one, name)?.side),
      column(`limit ${name} shadow price`, (one) => binds(one, name)?.price),
      column(
        named(`limit ${name} relaxed by`, unit),
        ({ relaxed }) => relaxed.find(({ limit }) => limit === name)?.by,
      ),
    ]),
    column("warnings", ({ warnings }) => warnings.join("; ")),
  ];
}

function column(name: string, cell: (result: MomentResult) => Cell | Known): Column {
  return { name, cell };
}

function named(name: string, unit: string): string {
  return unit === "" ? name : `${name} (${unit})`;
}

/** A text that a spreadsheet would take for a formula begins with an apostrophe. */
function textOf(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  const safe = /^[=+\-@\t]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
