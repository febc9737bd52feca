import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { checkForPublishing, publishVersion } from "../../src/cycle/publish.ts";
import { rehearseInChild } from "../../src/cycle/rehearsal.ts";
import { decodeRehearsal, encodeRehearsal } from "../../src/cycle/rehearsal_message.ts";
import { Bundle } from "../../src/storage/bundle.ts";
import { fetchBundle } from "../../src/storage/bundle_files.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { readManifest, writeManifest } from "../../src/storage/manifest.ts";
import { inFolder, smallFiles, smallStrategy } from "../storage/small_versions.ts";

const TURBINE = fileURLToPath(new URL("../../strategies/gas-turbine", import.meta.url));
const entry = "process-optimization-strategy-config.yaml";

/** The gas turbine with a manifest, as publishing gives it. */
async function turbine(): Promise<Bundle> {
  let bundle: Bundle | undefined;
  await inFolder(async (folder) => {
    const store = new FolderObjectStore(folder);
    const checked = await checkForPublishing(
      await fetchBundle(new FolderObjectStore(TURBINE), { entry }),
      entry,
    );
    await publishVersion(store, checked, {
      version: 1,
      entry,
      site: "gas-turbine",
      privatePem: undefined,
      expires: undefined,
      now: new Date(),
      say: () => {},
    });
    bundle = await fetchBundle(store, { entry });
  });
  assert.ok(bundle);
  return bundle;
}

/** The same bundle with other contents in some of its files. */
function withFiles(
  bundle: Bundle,
  changes: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
): Bundle {
  const paths = [...bundle.digests().keys()];
  return new Bundle(
    bundle.version,
    new Map(paths.map((path) => [path, changes[path] ?? bundle.bytes(path)])),
    { manifest: bundle.manifest },
  );
}

Deno.test("decodeRehearsal gives back what encodeRehearsal was given", async () => {
  const bundle = await turbine();
  const given = { bundle, entry, snapshots: [{ TIT: 1080.5, TAT: 545 }, {}] };
  const read = decodeRehearsal(encodeRehearsal(given));
  assert.equal(read.bundle.digest, bundle.digest);
  assert.deepEqual(read.bundle.manifest, bundle.manifest);
  assert.deepEqual([read.entry, read.snapshots], [entry, given.snapshots]);
});

Deno.test("rehearseInChild passes a good bundle, with and without snapshots to run on", async () => {
  const bundle = await turbine();
  assert.deepEqual(await rehearseInChild({ bundle, entry, snapshots: [] }), {
    kind: "passed",
    statuses: [],
  });
  const small = new Bundle("1", smallFiles(1));
  const snapshots = [{ Valve: 30, Load: 100 }, { Load: 100 }];
  assert.deepEqual(await rehearseInChild({ bundle: small, entry: "strategy.yaml", snapshots }), {
    kind: "passed",
    statuses: ["optimised", "held"],
  });
});

Deno.test("rehearseInChild refuses a strategy whose dry runs come to no answer", async () => {
  const impossible = `  impossible:
    type: constraints
    constraints:
      never: { expression: "Valve - 0.5 * Load", min: 1000 }
  optimum:`;
  const text = smallStrategy(1).replace("  optimum:", impossible)
    .replace("model: losses", "model: losses\n    subject_to: [impossible]");
  const bundle = new Bundle("1", new Map([["strategy.yaml", new TextEncoder().encode(text)]]));
  const snapshots = [{ Valve: 30, Load: 100 }, { Valve: 31, Load: 90 }];
  const verdict = await rehearseInChild({ bundle, entry: "strategy.yaml", snapshots });
  assert.equal(verdict.kind, "refused");
  assert.match(verdict.kind === "refused" ? verdict.reason : "", /dry run came to no answer/);
});

Deno.test("rehearseInChild refuses models that are cut, mixed up, or that answer differently than published", async () => {
  const bundle = await turbine();
  const model = "models/energy.onnx";
  const good = bundle.bytes(model);
  const manifest = readManifest(bundle.manifest!.bytes);
  const vectors = manifest.golden[model]!;
  const golden = {
    ...manifest.golden,
    [model]: vectors.map(({ inputs, outputs }) => ({
      inputs,
      outputs: outputs.map((output) => output * 1.001),
    })),
  };
  const content = { ...manifest, golden };
  const otherGolden = new Bundle(
    bundle.version,
    new Map([...bundle.digests().keys()].map((path) => [path, bundle.bytes(path)])),
    { manifest: { content, bytes: writeManifest(content), sha256: "0" } },
  );
  const cases: readonly (readonly [string, Bundle, RegExp])[] = [
    ["cut", withFiles(bundle, { [model]: good.slice(0, good.length / 2) }), /energy/],
    ["empty", withFiles(bundle, { [model]: new Uint8Array() }), /energy/],
    ["another model", withFiles(bundle, { [model]: bundle.bytes("models/co.onnx") }), /energy/],
    ["another golden answer", otherGolden, /golden vector 1 gives/],
  ];
  for (const [name, wrong, message] of cases) {
    const verdict = await rehearseInChild({ bundle: wrong, entry, snapshots: [] });
    assert.equal(verdict.kind, "refused", name);
    assert.match(verdict.kind === "refused" ? verdict.reason : "", message, name);
  }
});

Deno.test("rehearseInChild refuses a bundle that crashes its child, or keeps it for ever", async () => {
  const bundle = new Bundle("1", smallFiles(1));
  const rehearsal = { bundle, entry: "strategy.yaml", snapshots: [] };
  const ended = await rehearseInChild(rehearsal, {
    module: new URL("./ended_child.ts", import.meta.url),
  });
  assert.match(ended.kind === "refused" ? ended.reason : "", /ended with exit code 0/);
  const silent = await rehearseInChild(rehearsal, {
    module: new URL("./silent_child.ts", import.meta.url),
    deadlineMs: 500,
  });
  assert.match(silent.kind === "refused" ? silent.reason : "", /did not end within 500 ms/);
});
