import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { checkForPublishing, publishVersion } from "../../src/cycle/publish.ts";
import { rehearseInChild } from "../../src/cycle/rehearsal.ts";
import { decodeRehearsal, encodeRehearsal } from "../../src/cycle/rehearsal_message.ts";
import { Bundle } from "../../src/storage/bundle.ts";
import { fetchBundle } from "../../src/storage/bundle_files.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import { readManifest, writeManifest } from "../../src/storage/manifest.ts";
import { writeModel } from "../model/onnx_writer.ts";
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
  const given = { bundle, entry, snapshots: [{ TIT: 1080.5, TAT: 545 }, {}], memoryBytes: 7e8 };
  const read = decodeRehearsal(encodeRehearsal(given));
  assert.equal(read.bundle.digest, bundle.digest);
  assert.deepEqual(read.bundle.manifest, bundle.manifest);
  assert.deepEqual(
    [read.entry, read.snapshots, read.memoryBytes],
    [entry, given.snapshots, given.memoryBytes],
  );
});

Deno.test("rehearseInChild passes a good bundle, with and without snapshots to run on", async () => {
  const bundle = await turbine();
  assert.deepEqual(await rehearseInChild({ bundle, entry, snapshots: [] }), {
    kind: "passed",
    statuses: [],
    unlimited: null,
  });
  const small = new Bundle("1", smallFiles(1));
  const snapshots = [{ Valve: 30, Load: 100 }, { Load: 100 }];
  assert.deepEqual(await rehearseInChild({ bundle: small, entry: "strategy.yaml", snapshots }), {
    kind: "passed",
    statuses: ["optimised", "held"],
    unlimited: null,
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

/** A network whose answer hangs on a tensor of this many numbers, which its file does not hold. */
function hugeModel(numbers: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(writeModel({
    nodes: [
      { op: "ConstantOfShape", inputs: ["shape"], outputs: ["huge"] },
      { op: "ReduceSum", inputs: ["huge"], outputs: ["nothing"], attributes: { keepdims: 0 } },
      { op: "Add", inputs: ["x", "nothing"], outputs: ["y"] },
    ],
    inputs: [{ name: "x", type: "float32", shape: ["n", 1] }],
    outputs: [{ name: "y", type: "float32", shape: ["n", 1] }],
    initializers: { shape: { type: "int64", shape: [1], values: [numbers] } },
    opsets: { "ai.onnx": 17 },
  }));
}

Deno.test("rehearseInChild refuses a model that wants 10 GB, and its child never takes them", async () => {
  const network = `  network:
    type: model
    file: models/huge.onnx
    inputs: [Load]
    outputs: [answer]
  optimum:`;
  const text = smallStrategy(1).replace("  optimum:", network)
    .replace("  loss: {", '  answer: { type: predicted, unit: "1" }\n  loss: {')
    .replace("  - { name: estimate", "  - { name: network, skill: network }\n  - { name: estimate");
  const bundleOf = (numbers: number) =>
    new Bundle(
      "1",
      new Map([
        ["strategy.yaml", new TextEncoder().encode(text)],
        ["models/huge.onnx", hugeModel(numbers)],
      ]),
    );
  const rehearsal = { entry: "strategy.yaml", snapshots: [{ Valve: 30, Load: 100 }] };
  const small = await rehearseInChild({ bundle: bundleOf(10), ...rehearsal });
  assert.equal(small.kind, "passed", JSON.stringify(small));
  const watch = watchChildren();
  const huge = await rehearseInChild({ bundle: bundleOf(2_500_000_000), ...rehearsal });
  const mostBytes = await watch.end();
  assert.equal(huge.kind, "refused", JSON.stringify(huge));
  assert.match(huge.kind === "refused" ? huge.reason : "", /memory/i);
  assert.ok(mostBytes > 50e6 && mostBytes < 2.5e9, `${mostBytes} bytes`);
});

/** The most that any child of this process had resident meanwhile, in bytes. */
function watchChildren(): { end(): Promise<number> } {
  let most = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      for await (const { name } of Deno.readDir("/proc")) {
        if (!/^\d+$/.test(name)) continue;
        const status = await Deno.readTextFile(`/proc/${name}/status`).catch(() => "");
        if (!new RegExp(`^PPid:\\s+${Deno.pid}$`, "m").test(status)) continue;
        most = Math.max(most, 1024 * Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    async end() {
      isOver = true;
      await watching;
      return most;
    },
  };
}
