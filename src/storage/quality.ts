/** A historian's quality codes as one of three words, in TypeScript and in SQL. */

export type Quality = "good" | "uncertain" | "bad";

/** The site's own codes, in lower case; what is not among them goes by the rule of `qualityOf`. */
export type QualityCodes = ReadonlyMap<string, Quality>;

/**
 * Words; OPC DA codes, one byte, of which the two upper bits tell (OPC DA 3.0, 6.8); OPC UA status
 * codes, 32 bits, likewise (OPC UA part 4, 7.39), which a signed column stores as negative numbers.
 * 0 is bad in the first and good in the second: it counts as bad, since a wrong "bad" is seen and
 * does no harm. `true` and `false` are good and bad. No quality at all counts as good.
 */
export function qualityOf(quality: unknown, codes: QualityCodes = new Map()): Quality {
  if (quality === null || quality === undefined) return "good";
  const word = String(quality).trim().toLowerCase();
  const named = codes.get(word);
  if (named !== undefined) return named;
  const code = Number(word);
  if (word === "" || !Number.isInteger(code)) {
    if (word.startsWith("good") || word === "true") return "good";
    return word.startsWith("uncertain") ? "uncertain" : "bad";
  }
  if (code > 255) return code < 0x4000_0000 ? "good" : code < 0x8000_0000 ? "uncertain" : "bad";
  return code >= 192 ? "good" : code >= 64 && code < 128 ? "uncertain" : "bad";
}

/**
 * The same question in SQL, whether `column` (text) is good; `good` and `other` are the parameters
 * with the site's codes. The commonest answer comes first: the rest costs twenty times as much.
 */
export function isGoodText(
  column: string,
  site: { good: string; other: string; codes: QualityCodes },
): string {
  const word = `lower(trim(${column}))`;
  const common = ["good", "192"].filter((code) => !site.codes.has(code)).map((code) => `'${code}'`);
  return `case when ${column} is null then true
    ${common.length === 0 ? "" : `when ${column} in (${common.join(", ")}) then true`}
    when ${word} = any (${site.good}::text[]) then true
    when ${word} = any (${site.other}::text[]) then false
    when ${word} ~ '^[0-9]{1,10}$' then ${word}::bigint between 192 and 1073741823
    else ${word} like 'good%' or ${word} = 'true' end`;
}

/** The parameters that `isGoodText` names. */
export function siteCodes(codes: QualityCodes): { good: string[]; other: string[] } {
  const named = [...codes];
  return {
    good: named.filter(([, quality]) => quality === "good").map(([code]) => code),
    other: named.filter(([, quality]) => quality !== "good").map(([code]) => code),
  };
}
