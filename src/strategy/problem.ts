/** A problem as people see it: file, line, column, an excerpt with a caret, and the cure. */

export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** Where in the strategy, such as `skills.heat.formula`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly expected: string | undefined;
  readonly suggestion: string | undefined;
  /** The line and, under it, carets below the words that are meant. */
  readonly excerpt: string;
}

/** A stretch of a text, in UTF-16 units. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Longest line that an excerpt shows; longer ones are cut around the place. */
const excerptWidth = 100;

/** A problem at a place of a text. */
export function problemIn(
  source: { readonly file: string; readonly text: string },
  what: {
    readonly place: Place;
    readonly path: string;
    readonly message: string;
    readonly expected?: string | undefined;
    readonly suggestion?: string | undefined;
  },
): Problem {
  const offset = Math.min(Math.max(what.place.offset, 0), source.text.length);
  const lineStart = source.text.lastIndexOf("\n", offset - 1) + 1;
  const end = source.text.indexOf("\n", offset);
  const lineText = source.text.slice(lineStart, end === -1 ? source.text.length : end);
  const line = countLines(source.text, lineStart);
  const column = offset - lineStart + 1;
  return {
    file: source.file,
    line,
    column,
    path: what.path,
    message: what.message,
    expected: what.expected,
    suggestion: what.suggestion,
    excerpt: excerpt(lineText, { line, column, length: what.place.length }),
  };
}

/** The problem as a few lines for a terminal or a log. */
export function printProblem(problem: Problem): string {
  const where = problem.path === "" ? "" : `${problem.path}: `;
  const lines = [
    `${problem.file}:${problem.line}:${problem.column} ${where}${problem.message}`,
    problem.excerpt,
  ];
  if (problem.expected !== undefined) lines.push(`  expected: ${problem.expected}`);
  if (problem.suggestion !== undefined) lines.push(`  hint: ${problem.suggestion}`);
  return lines.join("\n");
}

function countLines(text: string, end: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i !== -1 && i < end; i = text.indexOf("\n", i + 1)) line += 1;
  return line;
}

function excerpt(
  lineText: string,
  at: { readonly line: number; readonly column: number; readonly length: number },
): string {
  // Control characters would move a terminal's cursor, and a tab would move the caret.
  const clean = lineText.replace(/\p{Cc}/gu, " ").trimEnd();
  const index = at.column - 1;
  const start = Math.max(0, Math.min(index - 30, clean.length - excerptWidth));
  const shown = clean.slice(start, start + excerptWidth);
  const margin = `${at.line} | `;
  const carets = Math.max(1, Math.min(at.length, shown.length - (index - start)));
  return `  ${margin}${shown}\n  ${" ".repeat(String(at.line).length)} | ${
    " ".repeat(index - start)
  }${"^".repeat(carets)}`;
}
