/** The known name that a mistyped one most likely meant. */

/**
 * The name of `names` with the smallest edit distance to `name` (case counts little), or undefined
 * where none is near: more than a third of the letters would have to change. Without any, a name that
 * starts with the one given, from four letters on (subject for subject_to), or that has its words, two
 * or more of them, in their order (Kiln_Speed_PV for Kiln_Drive_Speed_PV).
 */
export function nearName(name: string, names: Iterable<string>): string | undefined {
  const known = [...names];
  const wanted = name.toLowerCase();
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 0.5;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? known.find((candidate) => isStart(wanted, candidate.toLowerCase())) ??
    known.find((candidate) => hasWords(candidate.toLowerCase(), wordsOf(wanted)));
}

function hasWords(candidate: string, wanted: readonly string[]): boolean {
  let found = 0;
  for (const word of wordsOf(candidate)) if (word === wanted[found]) found++;
  return wanted.length >= 2 && found === wanted.length;
}

function wordsOf(name: string): string[] {
  return name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
}

function isStart(start: string, of: string): boolean {
  return start.length >= 4 && of.startsWith(start);
}

/**
 * Letters to insert, delete, replace or swap with their neighbour to turn `a` into `b` (optimal
 * string alignment: F. J. Damerau, CACM 7(3), 1964; each swapped pair is touched once).
 */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        at(previous, j) + 1,
        at(row, j - 1) + 1,
        at(previous, j - 1) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(beforePrevious, j - 2) + 1);
      }
      row.push(cost);
    }
    beforePrevious = previous;
    previous = row;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
