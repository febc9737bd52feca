/** Where bundles come from, and those that the box has. */

import { checkForPublishing } from "../cycle/publish.ts";
import { logOf } from "../log.ts";
import { fetchBundle, pointerPath, readPointer } from "../storage/bundle_files.ts";
import { bundlesFolder, Generations } from "../storage/generations.ts";
import { openObjectStore } from "../storage/open_storage.ts";
import { readTrustedKeys } from "../storage/signature.ts";
import { Complaint, messageOf, type Patient, shortened } from "./patient.ts";

export async function checkKeys({ config }: Patient): Promise<string> {
  const keys = await readTrustedKeys(config.bundles.trustedKeyFiles).catch((cause) => {
    throw new Complaint(messageOf(cause), "name readable PEM files in bundles.trusted_keys", cause);
  });
  return keys.length === 0
    ? "none: bundles are taken unsigned"
    : `bundles must be signed by one of ${keys.map(({ id }) => id).join(", ")}`;
}

export async function checkStore({ config }: Patient): Promise<string> {
  const store = openObjectStore(config.storage);
  try {
    const { pointer } = await readPointer(store);
    return `${store.place}, ${
      pointer === undefined ? `no ${pointerPath}` : `version ${pointer.version} is in force`
    }`;
  } finally {
    await store.close();
  }
}

export async function checkBundle({ config, now }: Patient): Promise<string> {
  const store = openObjectStore(config.storage);
  const entry = config.optimization.configFile;
  try {
    const keys = await readTrustedKeys(config.bundles.trustedKeyFiles);
    const trust = { keys, site: config.bundles.site, highest: undefined, now };
    const bundle = await fetchBundle(store, { entry, trust });
    const { files } = await checkForPublishing(bundle, entry);
    return `version ${bundle.version}: ${files.size} files parse, lower, agree with ONNX Runtime, compile`;
  } finally {
    await store.close();
  }
}

export async function checkGenerations({ config }: Patient): Promise<string> {
  const kept = await openGenerations(config);
  for (const generation of kept.all) await kept.load(generation);
  const { pinned, refused } = kept.record;
  const last = refused.at(-1);
  if (last !== undefined && await isWanted(last.version, config)) {
    throw new Complaint(
      shortened(`version ${last.version} was refused ${last.time}: ${last.reason}`),
      "publish it mended under the next number; /strategy/activate tries this one once more",
    );
  }
  const stays = kept.all.find(({ id }) => id === pinned);
  const shown = `${kept.all.length} generations, all whole`;
  return stays === undefined
    ? shown
    : `${shown}; pinned to version ${stays.version} until it is told to take the newest`;
}

/** Whether the store still names the version; one that cannot be asked counts as if it did. */
async function isWanted(version: string, config: Patient["config"]): Promise<boolean> {
  const store = openObjectStore(config.storage);
  try {
    return (await readPointer(store)).pointer?.version === version;
  } catch {
    return true;
  } finally {
    await store.close();
  }
}

export async function checkClockOfBundles({ config, now }: Patient): Promise<string> {
  const { all } = await openGenerations(config);
  const newest = Math.max(0, ...all.map(({ kept }) => Date.parse(kept)));
  if (newest <= now.getTime()) return now.toISOString();
  throw new Complaint(
    `${now.toISOString()} is before the newest bundle was kept (${new Date(newest).toISOString()})`,
    "set the clock, and let chrony or systemd-timesyncd keep it",
  );
}

export function openGenerations({ state }: Patient["config"]): Promise<Generations> {
  return Generations.open(bundlesFolder(state.folder), { log: logOf("doctor") });
}
