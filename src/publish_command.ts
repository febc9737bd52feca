/** `deno task publish SITE --version N`: a site's folder made a version that boxes take. */

import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "./command.ts";
import type { Terminal } from "./command.ts";
import { loadConfig, readEnvironment } from "./config.ts";
import { checkForPublishing, publishVersion } from "./cycle/publish.ts";
import { fetchBundle } from "./storage/bundle_files.ts";
import { FolderObjectStore } from "./storage/folder_object_store.ts";
import { openTarget } from "./storage/open_storage.ts";
import { newKeyPair } from "./storage/signature.ts";
import { parseDuration } from "./strategy/duration.ts";

const HELP = `deno task publish SITE --version N [options]

Checks the site's folder as a box does, writes versions/N with a manifest (sizes, sha256, golden
vectors), and moves strategy_version.yaml to it last. SITE is a folder such as strategies/cement-kiln.

  --version N      a whole number above the version in force
  --to FOLDER      into this folder; without it, into storage.minio or storage.folder of the config
  --config PATH    another configuration than SITE/config.yaml
  --key FILE       sign with this private key (PEM, Ed25519)
  --new-key FILE   make a pair: FILE for the publisher, FILE.pub for bundles.trusted_keys; then stop
  --expires 90d    boxes take it only until then; one that runs it already goes on, with a warning
  --site NAME      the name that boxes know the site by; the folder's name unless told
  --help           print this
`;

export async function publishCommand(args: readonly string[], { say }: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      version: { type: "string" },
      to: { type: "string" },
      config: { type: "string" },
      key: { type: "string" },
      "new-key": { type: "string" },
      expires: { type: "string" },
      site: { type: "string" },
      help: { type: "boolean" },
    },
  });
  const newKey = values["new-key"];
  if (newKey !== undefined) return await writeKeyPair(newKey, { say });
  const [site] = positionals;
  const version = Number(values.version);
  const isVersion = Number.isSafeInteger(version) && version > 0;
  if (values.help === true || site === undefined || !isVersion) {
    const cure = site === undefined
      ? "Name the site's folder, such as strategies/cement-kiln\n\n"
      : "Name a version by --version N, a whole number above the one in force\n\n";
    say(values.help === true ? HELP : cure + HELP);
    return values.help === true ? 0 : 2;
  }
  const now = new Date();
  const path = values.config ?? `${site}/config.yaml`;
  const config = loadConfig({ path, env: readEnvironment() });
  const store = openTarget(config.storage, { site, to: values.to });
  try {
    const entry = config.optimization.configFile;
    if (values.to !== undefined) await Deno.mkdir(values.to, { recursive: true });
    say(`checking ${site} as a box does`);
    const found = await fetchBundle(new FolderObjectStore(resolve(site)), { entry });
    const checked = await checkForPublishing(found, entry);
    say(`${checked.files.size} files are right; publishing to ${store.place}`);
    await publishVersion(store, checked, {
      version,
      entry,
      site: values.site ?? config.bundles.site ?? basename(resolve(site)),
      privatePem: values.key === undefined ? undefined : await Deno.readTextFile(values.key),
      expires: values.expires === undefined
        ? undefined
        : new Date(now.getTime() + parseDuration(values.expires)),
      now,
      say,
    });
    return 0;
  } finally {
    await store.close();
  }
}

async function writeKeyPair(file: string, { say }: Terminal): Promise<number> {
  const { privatePem, publicPem } = newKeyPair();
  // Never over a key that signed something before.
  await Deno.writeTextFile(file, privatePem, { createNew: true, mode: 0o600 });
  await Deno.writeTextFile(`${file}.pub`, publicPem, { createNew: true });
  say(`${file}: keep it with the publisher, away from boxes`);
  say(`${file}.pub: name it in bundles.trusted_keys of every box`);
  return 0;
}

if (import.meta.main) {
  Deno.exit(
    await runCommand(() => publishCommand(Deno.args, { say: console.log }), { help: HELP }),
  );
}
