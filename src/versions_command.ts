/** `deno task versions SITE`: what the store holds, and what this box has kept. */

import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import type { Terminal } from "./command.ts";
import { loadConfig, readEnvironment } from "./config.ts";
import { logOf } from "./log.ts";
import { readPointer } from "./storage/bundle_files.ts";
import { bundlesFolder, Generations } from "./storage/generations.ts";
import {
  manifestPath,
  maxManifestBytes,
  maxSignatureBytes,
  readManifest,
  signaturePath,
} from "./storage/manifest.ts";
import type { ObjectStore } from "./storage/object_store.ts";
import { openObjectStore, openTarget } from "./storage/open_storage.ts";
import { isSignedBy, readTrustedKeys, type TrustedKey } from "./storage/signature.ts";

const HELP = `deno task versions [SITE] [--to FOLDER] [--config PATH]

Lists the versions in the object store, newest first, and the generations on this box.
SITE is strategies/cement-kiln unless told.
`;

export async function versionsCommand(args: readonly string[], { say }: Terminal): Promise<number> {
  const { values, positionals: [site = "strategies/cement-kiln"] } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      to: { type: "string" },
      config: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    say(HELP);
    return 0;
  }
  const path = values.config ?? `${site}/config.yaml`;
  const config = loadConfig({ path, env: readEnvironment() });
  // Reading does no harm in a site's own folder, whose files are its one version.
  const store = values.to === undefined
    ? openObjectStore(config.storage)
    : openTarget(config.storage, { site, to: values.to });
  try {
    const keys = await readTrustedKeys(config.bundles.trustedKeyFiles);
    const inForce = (await readPointer(store)).pointer?.version;
    say(`${store.place}`);
    const versions = await versionsIn(store);
    if (versions.length === 0) say("  no versions/: what lies there is the one version, local");
    for (const version of versions) {
      const mark = version === inForce ? "*" : " ";
      say(`${mark} ${version}  ${await describe(store, { version, keys })}`);
    }
    const kept = await Generations.open(bundlesFolder(config.state.folder), {
      log: logOf("versions"),
    });
    if (kept.all.length > 0) say(`on this box (${config.state.folder})`);
    for (const { id, version, digest, kept: at } of kept.all) {
      const { active, pinned } = kept.record;
      const marks = `${id === active ? "*" : " "}${id === pinned ? " pinned" : ""}`;
      say(`${marks} ${version}  ${digest.slice(0, 12)}  kept ${at}`);
    }
    for (const { version, reason, time } of kept.record.refused) {
      say(`! ${version}  refused ${time}: ${reason}`);
    }
    return 0;
  } finally {
    await store.close();
  }
}

/** Newest first: numbers by size, other names after them by the alphabet. */
export async function versionsIn(store: ObjectStore): Promise<string[]> {
  const names = (await store.list("versions/")).map(({ path }) => path.split("/")[1] ?? "");
  return [...new Set(names)].toSorted((a, b) =>
    (Number(b) || 0) - (Number(a) || 0) || (a < b ? -1 : 1)
  );
}

async function describe(
  store: ObjectStore,
  { version, keys }: { readonly version: string; readonly keys: readonly TrustedKey[] },
): Promise<string> {
  const read = (path: string, maxBytes: number) =>
    store.read(`versions/${version}/${path}`, { maxBytes }).catch(() => undefined);
  const found = await read(manifestPath, maxManifestBytes);
  if (found === undefined) return "no manifest";
  const signature = await read(signaturePath, maxSignatureBytes);
  const isTrusted = signature !== undefined &&
    isSignedBy(keys, { bytes: found.bytes, signature: signature.bytes });
  const signed = signature === undefined
    ? "unsigned"
    : isTrusted
    ? "signed by a trusted key"
    : "signed by a key that this box does not trust";
  try {
    const { site, created, expires, files } = readManifest(found.bytes);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    const until = expires === undefined ? "" : `, until ${expires}`;
    return `${site}, made ${created}${until}, ${files.length} files, ${bytes} bytes, ${signed}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

if (import.meta.main) {
  Deno.exit(
    await runCommand(() => versionsCommand(Deno.args, { say: console.log }), { help: HELP }),
  );
}
