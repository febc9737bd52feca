/** `deno task rollback SITE`: every box goes back to an earlier version. */

import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import type { Terminal } from "./command.ts";
import { loadConfig, readEnvironment } from "./config.ts";
import { movePointer, PublishError, publishVersion } from "./cycle/publish.ts";
import { fetchBundle, readPointer } from "./storage/bundle_files.ts";
import type { ObjectStore } from "./storage/object_store.ts";
import { openTarget } from "./storage/open_storage.ts";
import { versionsIn } from "./versions_command.ts";

const HELP = `deno task rollback [SITE] [--version N] [--to FOLDER] [--config PATH] [--key FILE]

Without --key, points strategy_version.yaml at the version before the one in force, or at N.
With --key, publishes that version's content again, signed, under the next number: boxes with
trusted keys never take a lower number than they had.
`;

export async function rollbackCommand(args: readonly string[], { say }: Terminal): Promise<number> {
  const { values, positionals: [site = "strategies/cement-kiln"] } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      version: { type: "string" },
      to: { type: "string" },
      config: { type: "string" },
      key: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    say(HELP);
    return 0;
  }
  const path = values.config ?? `${site}/config.yaml`;
  const config = loadConfig({ path, env: readEnvironment() });
  const entry = config.optimization.configFile;
  const store = openTarget(config.storage, { site, to: values.to });
  try {
    const versions = await versionsIn(store);
    const inForce = (await readPointer(store)).pointer?.version;
    const wanted = values.version ?? versions[versions.indexOf(inForce ?? "") + 1];
    if (inForce === undefined || wanted === undefined || !versions.includes(wanted)) {
      throw new PublishError(
        `${store.place} has ${versions.join(", ") || "no versions"}, in force is ` +
          `${inForce ?? "none"}: there is no ${wanted ?? "version before it"} to go back to`,
      );
    }
    if (values.key !== undefined) {
      const highest = Math.max(...versions.map(Number).filter(Number.isFinite));
      await publishAgain(store, { wanted, entry, version: highest + 1, key: values.key, say });
    } else {
      if (config.bundles.trustedKeyFiles.length > 0) {
        throw new PublishError("boxes of this site take signed bundles only: give --key FILE");
      }
      // What is damaged in the store must not be put in force.
      await fetchBundle(store, { entry, version: wanted });
      await movePointer(store, { version: wanted, now: new Date() });
    }
    say(`from ${inForce} back to ${wanted}`);
    return 0;
  } finally {
    await store.close();
  }
}

async function publishAgain(
  store: ObjectStore,
  { wanted, entry, version, key, say }: {
    readonly wanted: string;
    readonly entry: string;
    readonly version: number;
    readonly key: string;
    readonly say: Terminal["say"];
  },
): Promise<void> {
  // What has expired may be published again: its files are what counts.
  const trust = { keys: [], site: undefined, highest: undefined, now: new Date(0) };
  const bundle = await fetchBundle(store, { entry, version: wanted, trust });
  if (bundle.manifest === undefined) {
    throw new PublishError(`version ${wanted} has no manifest: publish its files anew`);
  }
  const { golden, site } = bundle.manifest.content;
  const files = new Map([...bundle.digests().keys()].map((path) => [path, bundle.bytes(path)]));
  await publishVersion(store, { files, golden }, {
    version,
    entry,
    site,
    privatePem: await Deno.readTextFile(key),
    expires: undefined,
    now: new Date(),
    say,
  });
}

if (import.meta.main) {
  Deno.exit(
    await runCommand(() => rollbackCommand(Deno.args, { say: console.log }), { help: HELP }),
  );
}
