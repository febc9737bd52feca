/** The XML in which S3 lists objects. */

import type { ObjectEntry } from "./object_store.ts";

export interface ListingPage {
  readonly entries: readonly ObjectEntry[];
  /** What to ask the next page with; undefined on the last one. */
  readonly next: string | undefined;
}

/**
 * One page of ListObjectsV2 (Amazon S3 API reference); undefined for any other text. Keys come with
 * XML's entities, or URL-encoded where the server says so in EncodingType; either way no key can
 * look like markup, and the few elements needed can be found without an XML parser. The encoding is
 * not asked for, since not every server that confirms it does it.
 */
export function readListing(
  xml: string,
): ListingPage | undefined {
  if (!/<ListBucketResult[\s>]/.test(xml)) return undefined;
  const isEncoded = elementOf(xml, "EncodingType") === "url";
  const readKey = (key: string) =>
    isEncoded ? decodeURIComponent(key.replaceAll("+", " ")) : withoutEntities(key);
  const entries = [...xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)].map((
    [, contents = ""],
  ) => ({
    path: readKey(elementOf(contents, "Key") ?? ""),
    size: Number(elementOf(contents, "Size")),
  })).filter((entry) => !entry.path.endsWith("/"));
  const token = elementOf(xml, "NextContinuationToken");
  const isCut = elementOf(xml, "IsTruncated") === "true" && token !== undefined;
  return { entries, next: isCut ? withoutEntities(token) : undefined };
}

function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** XML 1.0, section 4.1: named and numeric references. */
function withoutEntities(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([a-z]+));/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
