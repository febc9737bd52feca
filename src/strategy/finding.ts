/** One thing wrong with a strategy, placed by its path: rules know keys, not lines. */

/** Keys and list positions from the file's top, such as skills, heat, formula. */
export type Path = readonly (string | number)[];

export interface Finding {
  readonly path: Path;
  /** True: the key itself is meant, not its value. */
  readonly onKey?: boolean;
  /** Offset and length inside the text at `path`, for formulas. */
  readonly within?: { readonly at: number; readonly length: number };
  /** What is wrong, with the value found. */
  readonly message: string;
  readonly expected?: string | undefined;
  readonly suggestion?: string | undefined;
}

/** A path as people write it: `skills.heat.outputs.flow`, `tasks[2].skill`. */
export function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += (text === "" ? "" : ".") + (/[.\s[\]]/.test(step) ? JSON.stringify(step) : step);
  }
  return text;
}
