/** The XML in which S3 lists objects. */

import type { ObjectEntry } from "./object_store.ts";

export interface ListingPage {
  readonly entries: readonly ObjectEntry[];
  /** What to ask the next page with; undefined on the last one. */
  readonly next: string | undefined;
}

/**
 * One page of ListObjectsV2 (Amazon S3 API reference); undefined for any other text. Keys are URL-encoded by request, so that no
 * key can look like markup and the few elements needed can be found without an XML parser.
 */
export function readListing(
  xml: string,
): ListingPage | undefined {
  if (!/<ListBucketResult[\s>]/.test(xml)) return undefined;
  const entries = [...xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)].map((
    [, contents = ""],
  ) => ({
    path: decodeURIComponent((elementOf(contents, "Key") ?? "").replaceAll("+", " ")),
    size: Number(elementOf(contents, "Size")),
  })).filter((entry) => !entry.path.endsWith("/"));
  const token = elementOf(xml, "NextContinuationToken");
  const isCut = elementOf(xml, "IsTruncated") === "true" && token !== undefined;
  return { entries, next: isCut ? withoutEntities(token) : undefined };
}

function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

function withoutEntities(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll("&#34;", '"')
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
