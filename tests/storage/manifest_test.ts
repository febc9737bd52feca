import assert from "node:assert/strict";
import { fetchBundle, fetchWithTags, type Trust } from "../../src/storage/bundle_files.ts";
import { BundleError } from "../../src/storage/bundle.ts";
import { sha256 } from "../../src/storage/digest.ts";
import { FolderObjectStore } from "../../src/storage/folder_object_store.ts";
import {
  type Manifest,
  ManifestError,
  manifestProblems,
  readManifest,
  writeManifest,
} from "../../src/storage/manifest.ts";
import {
  KeyError,
  newKeyPair,
  readTrustedKey,
  signBytes,
  type TrustedKey,
} from "../../src/storage/signature.ts";
import { Random } from "../campaigns/random.ts";
import { ENTRY, inFolder, publishSmall, SITE, smallFiles } from "./small_versions.ts";

const { privatePem, publicPem } = newKeyPair();
const key = readTrustedKey(publicPem, "test key");

function trustOf(changes: Partial<Trust> = {}): Trust {
  return { keys: [key], site: SITE, highest: undefined, now: new Date(), ...changes };
}

const GOOD: Manifest = {
  format: 1,
  site: SITE,
  version: 12,
  created: "2026-01-01T00:00:00.000Z",
  runtime: { from: "1.0.0", below: "2.0.0" },
  entry: ENTRY,
  files: [
    { path: ENTRY, size: 3, sha256: sha256("abc") },
    { path: "models/m.onnx", size: 0, sha256: sha256("") },
  ],
  golden: { "models/m.onnx": [{ inputs: [1, 2], outputs: [3] }] },
};

Deno.test("readManifest gives back what writeManifest wrote", () => {
  assert.deepEqual(readManifest(writeManifest(GOOD)), GOOD);
});

Deno.test("readManifest refuses every contradiction, and says which", () => {
  const wrong: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{ format: 2 }, /format/],
    [{ version: 0 }, /version/],
    [{ version: 1.5 }, /version/],
    [{ version: "12" }, /version/],
    [{ entry: "other.yaml" }, /entry "other.yaml" is not among/],
    [{ files: [] }, /files/],
    [{ files: [...GOOD.files, GOOD.files[0]] }, /stands twice/],
    [{ files: [{ path: "../up", size: 1, sha256: sha256("") }] }, /relative path/],
    [{ files: [{ path: "/etc/passwd", size: 1, sha256: sha256("") }] }, /relative path/],
    [{ files: [{ path: ".hidden", size: 1, sha256: sha256("") }] }, /relative path/],
    [{ files: [{ path: ENTRY, size: -1, sha256: sha256("") }] }, /size/],
    [{ files: [{ path: ENTRY, size: 1e12, sha256: sha256("") }] }, /size/],
    [{ files: [{ path: ENTRY, size: 1, sha256: "abc" }] }, /hexadecimal/],
    [{ golden: {} }, /no golden vectors for "models\/m.onnx"/],
    [{ golden: { ...GOOD.golden, "models/n.onnx": GOOD.golden["models/m.onnx"] } }, /not among/],
    [{ created: "yesterday" }, /created/],
    [{ expires: "2025-01-01T00:00:00Z" }, /expires before/],
    [{ runtime: { from: "2.0.0", below: "1.0.0" } }, /range is empty/],
    [{ surprise: 1 }, /surprise/],
  ];
  for (const [changes, message] of wrong) {
    const bytes = new TextEncoder().encode(JSON.stringify({ ...GOOD, ...changes }));
    assert.throws(() => readManifest(bytes), (error: unknown) => {
      assert.ok(error instanceof ManifestError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("readManifest never throws anything but ManifestError for 500 mutated manifests", () => {
  const random = new Random(7);
  const good = writeManifest(GOOD);
  let refused = 0;
  for (let i = 0; i < 500; i++) {
    const bytes = mutated(good, random);
    try {
      const read = readManifest(bytes);
      // What still reads is another manifest, or the same one spelled otherwise.
      assert.ok(read.format === 1);
    } catch (error) {
      assert.ok(error instanceof ManifestError, `${error}`);
      refused++;
    }
  }
  assert.ok(refused > 300, `${refused} refused`);
});

Deno.test("manifestProblems refuses what a box may not take, all reasons at once", () => {
  const rules = {
    pointed: "12",
    entry: ENTRY,
    isSigned: true,
    site: SITE,
    highest: { version: 11, sha256: "a" },
    sha256: "b",
    now: new Date("2026-06-01"),
  };
  assert.deepEqual(manifestProblems(GOOD, rules), []);
  const reasons = manifestProblems(
    { ...GOOD, expires: "2026-05-01T00:00:00Z", runtime: { from: "2.0.0", below: "3.0.0" } },
    { ...rules, pointed: "13", entry: "x", site: "y", highest: { version: 13, sha256: "a" } },
  );
  assert.equal(reasons.length, 6, reasons.join("\n"));
});

Deno.test("readTrustedKey takes public Ed25519 keys alone", () => {
  assert.match(key.id, /^[0-9a-f]{16}$/);
  for (const pem of ["", "nonsense", privatePem, publicPem.replace("MCow", "MCoX")]) {
    assert.throws(() => readTrustedKey(pem, "x"), KeyError);
  }
  assert.throws(() => signBytes(new Uint8Array(), publicPem), KeyError);
});

/**
 * Attacks of the specification of The Update Framework, section 1.5.2, on one version of a store
 * whose box trusts one key and had version 5 before.
 */
const ATTACKS: Readonly<
  Record<string, {
    readonly wrong: RegExp;
    readonly trust?: Partial<Trust>;
    readonly make: (store: FolderObjectStore) => Promise<unknown>;
  }>
> = {
  "arbitrary software: nothing is signed": {
    wrong: /not signed/,
    make: (store) => publishSmall(store, 6),
  },
  "arbitrary software: no manifest at all": {
    wrong: /has no manifest.json/,
    make: async (store) => {
      for (const [path, bytes] of smallFiles(6)) await store.write(`versions/6/${path}`, bytes);
      await store.write("strategy_version.yaml", encode("version: 6"));
    },
  },
  "wrong key: signed by somebody else": {
    wrong: /not signed by a trusted key/,
    make: (store) => publishSmall(store, 6, { privatePem: newKeyPair().privatePem }),
  },
  "wrong key: somebody else's signature under our key's name": {
    wrong: /not signed by a trusted key/,
    make: async (store) => {
      await publishSmall(store, 6, { privatePem: newKeyPair().privatePem });
      const path = "versions/6/manifest.json.sig";
      const text = new TextDecoder().decode((await store.read(path)).bytes);
      await store.write(path, encode(text.replace(/"key": "\w+"/, `"key": "${key.id}"`)));
    },
  },
  "signature of another manifest": {
    wrong: /not signed by a trusted key/,
    make: async (store) => {
      await publishSmall(store, 6, { privatePem });
      const path = "versions/6/manifest.json";
      const text = new TextDecoder().decode((await store.read(path)).bytes);
      await store.write(path, encode(text.replace(SITE, `${SITE} `)));
    },
  },
  "rollback: an older version, rightly signed": {
    wrong: /older than version 5/,
    make: (store) => publishSmall(store, 4, { privatePem }),
  },
  "rollback: the same number with another content": {
    wrong: /accepted before with another content/,
    make: (store) => publishSmall(store, 5, { privatePem }),
  },
  "freeze: a version that has expired": {
    wrong: /expired at/,
    make: (store) =>
      publishSmall(store, 6, {
        privatePem,
        now: new Date("2026-01-01"),
        expires: new Date("2026-02-01"),
      }),
  },
  "mix and match: the pointer's version is not the manifest's": {
    wrong: /pointer says version 7, the manifest 6/,
    make: async (store) => {
      await publishSmall(store, 6, { privatePem });
      await store.write("strategy_version.yaml", encode("version: 7\nfolder: versions/6"));
    },
  },
  "mix and match: one file of another version": {
    wrong: /not what its manifest says/,
    make: async (store) => {
      await publishSmall(store, 6, { privatePem });
      await store.write(`versions/6/${ENTRY}`, smallFiles(7).get(ENTRY)!);
    },
  },
  "wrong software: another site's bundle, rightly signed": {
    wrong: /for the site "other"/,
    make: (store) => publishSmall(store, 6, { privatePem, site: "other" }),
  },
  "endless data: a file that is longer than its manifest says": {
    wrong: /are allowed|Cannot use/,
    make: async (store) => {
      await publishSmall(store, 6, { privatePem });
      await store.write(`versions/6/${ENTRY}`, new Uint8Array(5_000_000));
    },
  },
  "endless data: a manifest without end": {
    wrong: /are allowed|Cannot use/,
    make: async (store) => {
      await publishSmall(store, 6, { privatePem });
      await store.write("versions/6/manifest.json", new Uint8Array(9_000_000));
    },
  },
  "a file is missing": {
    wrong: /is in the manifest and not in/,
    make: async (store) => {
      await publishSmall(store, 6, { privatePem });
      await Deno.remove(`${store.place}/versions/6/${ENTRY}`);
    },
  },
};

for (const [name, { wrong, trust, make }] of Object.entries(ATTACKS)) {
  Deno.test(`fetchBundle withstands ${name}`, () =>
    inFolder(async (folder) => {
      const store = new FolderObjectStore(folder);
      await make(store);
      const highest = { version: 5, sha256: sha256("another manifest") };
      await assert.rejects(
        fetchBundle(store, { entry: ENTRY, trust: trustOf({ highest, ...trust }) }),
        (error: unknown) => {
          assert.ok(error instanceof Error);
          assert.match(`${error.message} ${error.cause}`, wrong);
          return true;
        },
      );
    }));
}

Deno.test("fetchBundle takes a signed version, again too, and keys of several publishers", () =>
  inFolder(async (folder) => {
    const store = new FolderObjectStore(folder);
    await publishSmall(store, 6, { privatePem, expires: new Date(Date.now() + 1e6) });
    const other = readTrustedKey(newKeyPair().publicPem, "other key");
    const keys: readonly TrustedKey[] = [other, key];
    const bundle = await fetchBundle(store, { entry: ENTRY, trust: trustOf({ keys }) });
    assert.equal(bundle.version, "6");
    const highest = { version: 6, sha256: bundle.manifest?.sha256 ?? "" };
    const again = await fetchBundle(store, { entry: ENTRY, trust: trustOf({ keys, highest }) });
    assert.equal(again.digest, bundle.digest);
  }));

Deno.test("fetchWithTags refuses 500 signed versions with one byte changed somewhere", () =>
  inFolder(async (folder) => {
    const store = new FolderObjectStore(folder);
    await publishSmall(store, 6, { privatePem, ballastBytes: 500 });
    const paths = (await store.list("versions/6/")).map(({ path }) => path);
    const good = await fetchBundle(store, { entry: ENTRY, trust: trustOf() });
    const random = new Random(11);
    let refused = 0;
    for (let i = 0; i < 500; i++) {
      const path = random.pick(paths);
      const { bytes } = await store.read(path);
      const changed = bytes.slice();
      const at = random.whole(0, changed.length - 1);
      changed[at] = changed[at]! ^ (1 << random.whole(0, 7));
      // Directly, since the test need not be durable.
      await Deno.writeFile(`${folder}/${path}`, changed);
      try {
        const { bundle } = await fetchWithTags(store, { entry: ENTRY, trust: trustOf() });
        // Space in the signature file means nothing; what it vouches for is what was published.
        assert.equal(bundle.digest, good.digest);
        assert.equal(bundle.manifest?.sha256, good.manifest?.sha256);
      } catch (error) {
        assert.ok(error instanceof ManifestError || error instanceof BundleError, `${error}`);
        refused++;
      }
      await Deno.writeFile(`${folder}/${path}`, bytes);
    }
    assert.ok(refused > 450, `${refused} refused`);
  }));

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Bytes changed, left out, doubled, or the whole cut short. */
function mutated(good: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const bytes = [...good];
  for (let i = random.whole(1, 3); i > 0; i--) {
    const at = random.whole(0, bytes.length - 1);
    random.pick([
      () => bytes[at] = random.whole(0, 255),
      () => bytes.splice(at, random.whole(1, 40)),
      () => bytes.splice(at, 0, ...bytes.slice(at, at + random.whole(1, 40))),
      () => bytes.length = Math.max(1, at),
    ])();
  }
  return Uint8Array.from(bytes);
}
