/** One version of a strategy with all its files, fetched whole from an object store. */

import { parseVersionPointer, type VersionPointer } from "../version_pointer.ts";
import { Bundle, BundleError, type BundleManifest } from "./bundle.ts";
import { sha256 } from "./digest.ts";
import {
  ManifestError,
  manifestPath,
  manifestProblems,
  type ManifestRules,
  maxManifestBytes,
  maxSignatureBytes,
  readManifest,
  signaturePath,
} from "./manifest.ts";
import {
  type ObjectContent,
  ObjectNotFound,
  type ObjectStore,
  type ReadOptions,
} from "./object_store.ts";
import { isSignedBy, type TrustedKey } from "./signature.ts";

/** The object that names the version in force. */
export const pointerPath = "strategy_version.yaml";
/** The version of a folder or bucket that has no `strategy_version.yaml`. */
export const localVersion = "local";
/** What belongs to a bundle beside the strategy itself, in a flat bucket or a site's own folder. */
export const bundleFolders = ["models/", "scalers/"] as const;
// How often to start again when the pointer moves while files are fetched.
const maxAttempts = 3;
const maxPointerBytes = 64 * 1024;
// Of a bundle without a manifest; with one, each file's own size is the bound.
const maxFileBytes = 512 * 1024 * 1024;
const maxBundleBytes = 2 * 1024 * 1024 * 1024;

/** Contents that are on this box already, by sha256. */
export interface KeptContents {
  get(digest: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  put(digest: string, bytes: Uint8Array): Promise<void>;
}

/** What a bundle must satisfy to be taken; without keys, manifests are optional and unsigned. */
export interface Trust extends Pick<ManifestRules, "site" | "highest"> {
  readonly keys: readonly TrustedKey[];
  readonly now: Date;
}

/** A bundle, and the objects whose change means that there may be another one. */
export interface Fetched {
  readonly bundle: Bundle;
  /** Path to etag; undefined where the object does not exist. */
  readonly tags: ReadonlyMap<string, string | undefined>;
}

export interface FetchOptions {
  /** The strategy's path in the bundle. */
  readonly entry: string;
  readonly trust?: Trust;
  readonly kept?: KeptContents;
  /** A version to fetch in place of the one that the pointer names. */
  readonly version?: string;
}

/** Fetches the bundle in force; see `fetchWithTags`. */
export async function fetchBundle(store: ObjectStore, options: FetchOptions): Promise<Bundle> {
  return (await fetchWithTags(store, options)).bundle;
}

/**
 * Fetches the bundle in force. All of it is fetched and held against its manifest before anything
 * is returned; a pointer that moves meanwhile starts the fetch again.
 * @throws {ManifestError} where the manifest or its signature is not right for this box.
 * @throws {BundleError} where files are missing or damaged.
 */
export async function fetchWithTags(store: ObjectStore, options: FetchOptions): Promise<Fetched> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const before = await readPointer(store);
    const pointer = options.version === undefined
      ? before.pointer
      : { version: options.version, folder: `versions/${options.version}` };
    const { bundle, tags } = await fetchVersion(store, { ...options, pointer }).catch((error) => {
      if (!(error instanceof ManifestError) || pointer === undefined) throw error;
      throw new ManifestError(error.message, { cause: error, version: pointer.version });
    });
    const all = new Map([[pointerPath, before.etag], ...tags]);
    if (!await hasChanged(store, all)) return { bundle, tags: all };
  }
  throw new BundleError(
    `The bundle in ${store.place} changed ${maxAttempts} times while it was read`,
  );
}

/** Whether any of the objects is another one, has come or has gone: conditional reads only. */
export async function hasChanged(
  store: ObjectStore,
  tags: ReadonlyMap<string, string | undefined>,
): Promise<boolean> {
  for (const [path, etag] of tags) {
    try {
      const content = await store.readIfChanged(path, etag, { maxBytes: maxFileBytes });
      if (content !== undefined) return true;
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error;
      if (etag !== undefined) return true;
    }
  }
  return false;
}

/** What the pointer says now, with its etag for polling; both undefined where there is none. */
export async function readPointer(
  store: ObjectStore,
): Promise<{ pointer: VersionPointer | undefined; etag: string | undefined }> {
  const found = await readIfThere(store, pointerPath, { maxBytes: maxPointerBytes });
  if (found === undefined) return { pointer: undefined, etag: undefined };
  const text = new TextDecoder().decode(found.bytes);
  return { pointer: parseVersionPointer(text, pointerPath), etag: found.etag };
}

/** An object's content, or undefined where there is none. */
async function readIfThere(
  store: ObjectStore,
  path: string,
  options: ReadOptions,
): Promise<ObjectContent | undefined> {
  try {
    return await store.read(path, options);
  } catch (error) {
    if (!(error instanceof ObjectNotFound)) throw error;
    return undefined;
  }
}

interface VersionOptions extends FetchOptions {
  readonly pointer: VersionPointer | undefined;
}

async function fetchVersion(store: ObjectStore, options: VersionOptions): Promise<Fetched> {
  const { pointer, trust } = options;
  const version = pointer?.version ?? localVersion;
  const folder = `${(pointer?.folder ?? `versions/${version}`).replace(/\/+$/, "")}/`;
  // A manifest says where the version lies, and spares the listing.
  const roots = pointer === undefined
    ? [""]
    : pointer.folder === undefined
    ? [folder, ""]
    : [folder];
  for (const root of roots) {
    const found = await readIfThere(store, root + manifestPath, { maxBytes: maxManifestBytes });
    if (found !== undefined) return await fetchByManifest(store, { ...options, root, found });
  }
  if ((trust?.keys.length ?? 0) > 0) {
    throw new ManifestError(
      `version ${version} in ${store.place} has no ${manifestPath}, and this box takes signed ` +
        "bundles only (bundles.trusted_keys): publish it with deno task publish",
    );
  }
  return await fetchByListing(store, { ...options, version, folder, asked: options.version });
}

async function fetchByManifest(
  store: ObjectStore,
  { pointer, root, found, trust, kept, entry }: VersionOptions & {
    readonly root: string;
    readonly found: ObjectContent;
  },
): Promise<Fetched> {
  const signature = await readIfThere(store, root + signaturePath, { maxBytes: maxSignatureBytes });
  const tags = new Map([
    [root + manifestPath, found.etag],
    [root + signaturePath, signature?.etag],
  ]);
  const named = pointer === undefined
    ? "the manifest"
    : `the manifest of version ${pointer.version}`;
  const keys = trust?.keys ?? [];
  // Before anything in it is believed, even its form.
  if (keys.length > 0) {
    const isRight = signature !== undefined &&
      isSignedBy(keys, { bytes: found.bytes, signature: signature.bytes });
    if (!isRight) {
      const how = signature === undefined ? "is not signed" : "is not signed by a trusted key";
      throw new ManifestError(
        `${named} in ${store.place} ${how}: sign it with deno task publish --key FILE, or add the ` +
          "publisher's public key to bundles.trusted_keys",
      );
    }
  }
  const manifest: BundleManifest = {
    content: readManifest(found.bytes),
    bytes: found.bytes,
    sha256: sha256(found.bytes),
  };
  const problems = manifestProblems(manifest.content, {
    pointed: pointer?.version,
    entry,
    isSigned: keys.length > 0,
    site: trust?.site,
    highest: trust?.highest,
    sha256: manifest.sha256,
    now: trust?.now ?? new Date(),
  });
  if (problems.length > 0) throw new ManifestError(`${named}: ${problems.join("; ")}`);

  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const file of manifest.content.files) {
    const here = await kept?.get(file.sha256);
    const bytes = here ?? await fetchFile(store, { file, path: root + file.path });
    files.set(file.path, bytes);
    // So that a fetch that breaks off goes on from here. A disk that takes nothing is no reason to
    // refuse a bundle that is whole in memory.
    if (here === undefined) await kept?.put(file.sha256, bytes).catch(() => undefined);
  }
  const version = pointer?.version ?? String(manifest.content.version);
  return { bundle: new Bundle(version, files, { manifest }), tags };
}

/** One file, held against its manifest: a flipped byte passes every S3 client. */
async function fetchFile(
  store: ObjectStore,
  { file, path }: { readonly file: { size: number; sha256: string }; readonly path: string },
): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes } = await store.read(path, { maxBytes: file.size }).catch((cause) => {
    if (!(cause instanceof ObjectNotFound)) throw cause;
    throw new BundleError(`"${path}" is in the manifest and not in ${store.place}`, { cause });
  });
  const isWhole = bytes.length === file.size && sha256(bytes) === file.sha256;
  if (isWhole) return bytes;
  throw new BundleError(
    `"${path}" from ${store.place} is not what its manifest says: ${bytes.length} bytes of ` +
      `${file.size} with another sha256`,
  );
}

/** A bundle without a manifest: what a listing of its folder finds, or a flat bucket. */
async function fetchByListing(
  store: ObjectStore,
  { entry, pointer, version, folder, asked }: VersionOptions & {
    readonly version: string;
    readonly folder: string;
    /** The version that somebody asked for by its name. */
    readonly asked: string | undefined;
  },
): Promise<Fetched> {
  const listed = pointer === undefined ? [] : await store.list(folder);
  const isFlat = listed.length === 0;
  if (isFlat && pointer?.folder !== undefined) {
    if (asked !== undefined && (await store.list("versions/")).length === 0) {
      throw new BundleError(
        `There is no version ${asked} to go to: this store is flat and holds one version alone. ` +
          "deno task publish puts versions side by side",
      );
    }
    throw new BundleError(`Version ${version}: folder "${folder}" in ${store.place} is empty`);
  }
  const root = isFlat ? "" : folder;
  const found = isFlat
    ? (await Promise.all(bundleFolders.map((flat) => store.list(flat)))).flat()
    : listed;
  const total = found.reduce((sum, { size }) => sum + size, 0);
  if (total > maxBundleBytes) {
    throw new BundleError(`Version ${version} in ${store.place} has ${total} bytes, too many`);
  }
  const paths = new Set([...(isFlat ? [entry] : []), ...found.map(({ path }) => path)]);
  if (!paths.has(root + entry)) {
    throw new BundleError(`Version ${version} in ${store.place} has no "${root}${entry}"`);
  }
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  // Where a manifest appears, this bundle has become another one.
  const tags = new Map<string, string | undefined>([[root + manifestPath, undefined]]);
  for (const path of paths) {
    const { bytes, etag } = await store.read(path, { maxBytes: maxFileBytes });
    files.set(path.slice(root.length), bytes);
    tags.set(path, etag);
  }
  return { bundle: new Bundle(version, files), tags };
}
