/** Tables: a heading per column, the first column names the row. */

import { html } from "./html.ts";
import type { Html, HtmlPart } from "./html.ts";

export interface TableColumn<Row> {
  readonly title: string;
  readonly cell: (row: Row) => HtmlPart;
  /** `text` is aligned to the left and may break. */
  readonly look?: "number" | "text";
}

/** Wide tables scroll in their own frame. */
export function table<Row>(
  rows: readonly Row[],
  { caption, columns: [first, ...others] }: {
    readonly caption: string;
    readonly columns: readonly [TableColumn<Row>, ...TableColumn<Row>[]];
  },
): Html {
  const look = ({ look = "number" }: TableColumn<Row>) => look;
  return html`
    <div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr><th scope="col" class="text">${first.title}</th>${others.map((column) =>
            html`<th scope="col" class="${look(column)}">${column.title}</th>`
          )}</tr>
        </thead>
        <tbody>${rows.map((row) =>
          html`
            <tr><th scope="row">${first.cell(row)}</th>${others.map((column) =>
              html`<td class="${look(column)}">${column.cell(row)}</td>`
            )}</tr>
          `
        )}</tbody>
      </table>
    </div>
  `;
}

/** A name with its unit, and what it means below. */
export function named(
  name: string,
  { unit = "", about = "" }: {
    readonly unit?: string;
    readonly about?: string | undefined;
  },
): Html {
  return html`${breakable(name)}${
    unit === "" ? undefined : html`
      <span class="unit">${unit}</span>
    `
  }${about === "" ? undefined : html`<span class="about">${about}</span>`}`;
}

/** A name with underscores may break behind them. */
function breakable(name: string): Html[] {
  const parts = name.split("_");
  return parts.map((part, i) => i < parts.length - 1 ? html`${part}_<wbr>` : html`${part}`);
}
