/** What the rehearsal child is given, as bytes on its stdin, and what it answers. */

import { Bundle } from "../storage/bundle.ts";
import { sha256 } from "../storage/digest.ts";
import { readManifest } from "../storage/manifest.ts";

/** Values of one past snapshot by variable; tags of measurements under their own names. */
export type PastSnapshot = Readonly<Record<string, number>>;

export interface Rehearsal {
  readonly bundle: Bundle;
  /** The strategy's path in the bundle. */
  readonly entry: string;
  /** The newest first. */
  readonly snapshots: readonly PastSnapshot[];
  /** What it may take in memory beyond what the child has at its start, in bytes. */
  readonly memoryBytes: number;
}

/** How a bundle did. */
export type Verdict =
  | {
    readonly kind: "passed";
    readonly statuses: readonly string[];
    /** Why this machine could not hold the child to its memory; null where it did. */
    readonly unlimited: string | null;
  }
  | { readonly kind: "refused"; readonly reason: string };

interface Head {
  readonly version: string;
  readonly entry: string;
  readonly snapshots: readonly PastSnapshot[];
  readonly memoryBytes: number;
  readonly manifestLength: number;
  readonly files: readonly { readonly path: string; readonly length: number }[];
}

/** Length of the JSON head (4 bytes, little endian), the head, the manifest, every file. */
export function encodeRehearsal(
  { bundle, entry, snapshots, memoryBytes }: Rehearsal,
): Uint8Array<ArrayBuffer> {
  const paths = [...bundle.digests().keys()];
  const manifest = bundle.manifest?.bytes ?? new Uint8Array();
  const head: Head = {
    version: bundle.version,
    entry,
    snapshots,
    memoryBytes,
    manifestLength: manifest.length,
    files: paths.map((path) => ({ path, length: bundle.bytes(path).length })),
  };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length, true);
  const parts = [length, text, manifest, ...paths.map((path) => bundle.bytes(path))];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function decodeRehearsal(bytes: Uint8Array<ArrayBuffer>): Rehearsal {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  let at = 4;
  const take = (size: number) => bytes.slice(at, at += size);
  const head = JSON.parse(new TextDecoder().decode(take(length))) as Head;
  const manifest = take(head.manifestLength);
  const files = new Map(head.files.map(({ path, length }) => [path, take(length)]));
  const bundle = new Bundle(head.version, files, {
    manifest: manifest.length === 0
      ? undefined
      : { content: readManifest(manifest), bytes: manifest, sha256: sha256(manifest) },
  });
  return {
    bundle,
    entry: head.entry,
    snapshots: head.snapshots,
    memoryBytes: head.memoryBytes,
  };
}
