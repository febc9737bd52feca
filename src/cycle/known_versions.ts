/** Every version that this box could run or has refused, for an engineer to choose from. */

import type { Generations } from "../storage/generations.ts";
import type { ObjectStore } from "../storage/object_store.ts";

export interface KnownVersion {
  readonly version: string;
  /** Null where only the store has it. */
  readonly digest: string | null;
  readonly active: boolean;
  /** It stays whatever the store says. */
  readonly pinned: boolean;
  /** When it was kept on this box; null where it is not. */
  readonly kept: string | null;
  /** Why it was refused, and when; null where it was not. */
  readonly refusal: { readonly reason: string; readonly time: string } | null;
}

/** How long the store may take: what the box knows itself does not wait for it. */
const STORE_MS = 2_000;

/** Those on the box, those in the store, and those that were refused; the newest first. */
export async function knownVersions(
  { all, record }: Pick<Generations, "all" | "record">,
  { store }: { readonly store: Pick<ObjectStore, "list"> },
): Promise<readonly KnownVersion[]> {
  const kept = all.map(({ id, version, digest, kept }): KnownVersion => ({
    ...{ version, digest, kept, refusal: null },
    active: id === record.active,
    pinned: id === record.pinned,
  }));
  const refused = record.refused.map(({ version, digest, reason, time }): KnownVersion => ({
    ...{ version, digest, kept: null, refusal: { reason, time }, active: false, pinned: false },
  }));
  const names = new Set([...kept, ...refused].map(({ version }) => version));
  const others = (await versionsInStore(store)).filter((version) => !names.has(version))
    .map((version): KnownVersion => ({
      ...{ version, digest: null, active: false, pinned: false, kept: null, refusal: null },
    }));
  return [...kept, ...refused, ...others].toSorted((a, b) =>
    Number(b.active) - Number(a.active) || (Number(b.version) || 0) - (Number(a.version) || 0) ||
    (a.version < b.version ? -1 : 1)
  );
}

/** None where the store is away or slow. */
async function versionsInStore(store: Pick<ObjectStore, "list">): Promise<string[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string[]>((done) => timer = setTimeout(() => done([]), STORE_MS));
  const listed = store.list("versions/")
    .then((found) => [...new Set(found.map(({ path }) => path.split("/")[1] ?? ""))])
    .catch(() => []);
  const found = await Promise.race([listed, late]);
  clearTimeout(timer);
  return found.filter((name) => name !== "");
}
