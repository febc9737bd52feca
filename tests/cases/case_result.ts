/** What became of one case, and all of them as a table. */

export interface CaseResult {
  readonly name: string;
  /**
   * `refused`: on purpose and for the reason that was expected. `elsewhere`: a nonlinear program
   * that ended in another optimum, where the file does not promise the published one. `near`: within
   * 1e-4 of it, not within 1e-6. `unrated`: solved, with nothing published to hold it against.
   */
  readonly verdict: "matched" | "refused" | "near" | "elsewhere" | "unrated" | "failed";
  /** The largest difference, or why the case was refused or failed. */
  readonly detail: string;
}

const WORDS: Readonly<Record<CaseResult["verdict"], string>> = {
  matched: "matched",
  refused: "refused on purpose",
  near: "within 1e-4 only",
  elsewhere: "ended in another optimum",
  unrated: "solved with nothing published",
  failed: "failed",
};

/** How many cases ran, and what became of them. */
export function countCases(results: readonly CaseResult[]): string {
  const counts = Object.entries(WORDS).flatMap(([verdict, words]) => {
    const many = results.filter((result) => result.verdict === verdict).length;
    return many > 0 || verdict === "failed" ? [`${many} ${words}`] : [];
  });
  return `${results.length} ran: ${counts.join(", ")}`;
}

/** The results as a table for people; the names `width` wide, or as wide as the longest. */
export function caseTable(
  results: readonly CaseResult[],
  width = Math.max(0, ...results.map(({ name }) => name.length)),
): string {
  return results.map(({ name, verdict, detail }) =>
    [name.padEnd(width), verdict.padEnd(9), detail].join("  ")
  ).join("\n");
}
