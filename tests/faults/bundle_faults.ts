/** What can go wrong between a box and its store, and inside the store: the table behind bundles_test.ts. */

import { newKeyPair } from "../../src/storage/signature.ts";
import type { ObjectStore } from "../../src/storage/object_store.ts";
import type { ProxyMode } from "../storage/tcp_proxy.ts";
import { ENTRY, publishSmall, smallFiles } from "../storage/small_versions.ts";

/** The publisher's side of a store, and the version that is being spoilt. */
export interface Spoiling {
  readonly store: ObjectStore;
  readonly version: number;
  readonly privatePem: string;
}

/** The link fails while a good version waits. */
export const LINK_FAULTS: Readonly<Record<string, ProxyMode>> = {
  "refused connections": { kind: "refuse" },
  "reset connections": { kind: "reset" },
  "a black hole": { kind: "silent" },
  "an answer that drips": { kind: "drip", bytes: 20, everyMs: 20 },
  ...Object.fromEntries(
    [0, 1, 150, 700, 3_000, 20_000, 41_000].map((afterBytes): [string, ProxyMode] => [
      `a cut after ${afterBytes} bytes`,
      { kind: "cut", afterBytes },
    ]),
  ),
  ...Object.fromEntries(
    [0, 700, 3_000, 41_000].map((afterBytes): [string, ProxyMode] => [
      `a stall after ${afterBytes} bytes`,
      { kind: "stall", afterBytes },
    ]),
  ),
  ...Object.fromEntries(
    // Status line, headers, pointer, manifest, signature, the ends and the middle of a file.
    [3, 60, 300, 500, 900, 1_300, 1_900, 2_500, 3_500, 9_000, 25_000, 42_000].map(
      (atByte): [string, ProxyMode] => [`a flipped bit in byte ${atByte}`, {
        kind: "flip",
        atByte,
      }],
    ),
  ),
};

/** The store itself holds something that is not whole, not right, or not ours. */
export const CONTENT_FAULTS: Readonly<Record<string, (spoiling: Spoiling) => Promise<unknown>>> = {
  "an empty pointer": ({ store }) => store.write("strategy_version.yaml", new Uint8Array()),
  "a pointer that is no YAML": ({ store }) => put(store, "strategy_version.yaml", "version: [\n"),
  "a pointer to nothing": ({ store }) => put(store, "strategy_version.yaml", "version: 999"),
  "a pointer out of the store": ({ store }) =>
    put(store, "strategy_version.yaml", "version: ../../etc"),
  "a pointer to a version whose files never came": ({ store }) =>
    put(store, "strategy_version.yaml", "version: 998\nfolder: versions/998"),
  "an empty file": (spoiling) => putFile(spoiling, ENTRY, new Uint8Array()),
  "a file cut short": (spoiling) =>
    putFile(spoiling, "scalers/ballast.json", ballast(spoiling).slice(0, 20_000)),
  "a file that goes on": (spoiling) =>
    putFile(spoiling, "scalers/ballast.json", new Uint8Array([...ballast(spoiling), 0])),
  "a flipped bit in a file": (spoiling) => {
    const bytes = ballast(spoiling).slice();
    bytes[20_000] = bytes[20_000]! ^ 1;
    return putFile(spoiling, "scalers/ballast.json", bytes);
  },
  "a file of another version": (spoiling) =>
    putFile(spoiling, ENTRY, smallFiles(spoiling.version + 500).get(ENTRY)!),
  "a manifest cut short": async (spoiling) => {
    const { bytes } = await spoiling.store.read(at(spoiling, "manifest.json"));
    await spoiling.store.write(at(spoiling, "manifest.json"), bytes.slice(0, bytes.length / 2));
  },
  "an empty manifest": (spoiling) => putFile(spoiling, "manifest.json", new Uint8Array()),
  "the manifest of the version before": async (spoiling) => {
    for (const path of ["manifest.json", "manifest.json.sig"]) {
      const { bytes } = await spoiling.store.read(`versions/${spoiling.version - 1}/${path}`);
      await putFile(spoiling, path, bytes);
    }
  },
  "an empty signature": (spoiling) => putFile(spoiling, "manifest.json.sig", new Uint8Array()),
  "a signature of nonsense": (spoiling) =>
    putFile(spoiling, "manifest.json.sig", new TextEncoder().encode('{"signatures": [{}]}')),
  "a version signed by somebody else": ({ store, version }) =>
    publishSmall(store, version + 400, { privatePem: newKeyPair().privatePem }),
  "an unsigned version": ({ store, version }) => publishSmall(store, version + 400),
  "a version of another site": ({ store, version, privatePem }) =>
    publishSmall(store, version + 400, { privatePem, site: "another site" }),
  "an expired version": ({ store, version, privatePem }) =>
    publishSmall(store, version + 400, {
      privatePem,
      now: new Date("2026-01-01"),
      expires: new Date("2026-01-02"),
    }),
};

function ballast({ version }: Spoiling): Uint8Array<ArrayBuffer> {
  return smallFiles(version).get("scalers/ballast.json")!;
}

function at({ version }: Spoiling, path: string): string {
  return `versions/${version}/${path}`;
}

function put(store: ObjectStore, path: string, text: string): Promise<void> {
  return store.write(path, new TextEncoder().encode(text));
}

function putFile(spoiling: Spoiling, path: string, bytes: Uint8Array): Promise<void> {
  return spoiling.store.write(at(spoiling, path), bytes);
}
