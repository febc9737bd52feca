/** A variable by its readable name, with its tag and description for who wants them. */

import { readable } from "../overview.ts";

export function Name(
  { tag, about }: { readonly tag: string; readonly about?: string | undefined },
) {
  return (
    <>
      <a class="name" href={`/dashboard/trends?show=${encodeURIComponent(tag)}`} title={tag}>
        {readable(tag)}
      </a>
      {about !== undefined && about !== "" && <span class="about">{about}</span>}
    </>
  );
}

/** Good needs no words; anything else is told. */
export function Quality(
  { quality, word }: { readonly quality: string; readonly word: string },
) {
  return quality === "good" ? null : <span class={`mark mark-${quality}`}>{word}</span>;
}
