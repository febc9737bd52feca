/** Versions of a small site without models: version N has N as its least loss, so that an answer tells its version. */

import { publishVersion } from "../../src/cycle/publish.ts";
import type { Manifest } from "../../src/storage/manifest.ts";
import type { ObjectStore } from "../../src/storage/object_store.ts";

export const ENTRY = "strategy.yaml";
export const SITE = "small-site";

/** The strategy's text; its optimum is Valve = Load / 2, where loss is `version`. */
export function smallStrategy(version: number): string {
  return `name: small site
variables:
  Valve: { type: operative, unit: "1", bounds: [0, 100], on_bad: last_good }
  Load: { type: informative, unit: "1", on_bad: last_good }
  loss: { type: calculated, unit: "1" }
skills:
  losses: { type: function, output: loss, formula: "(Valve - 0.5 * Load) ^ 2 + ${version}" }
  optimum:
    type: optimizer
    minimize: loss
    unit: "1"
    model: losses
    solver: { tolerance: 1e-8, max_iterations: 50, time_limit: 2s, starts: 1 }
tasks:
  - { name: estimate, skill: losses }
  - { name: optimise, skill: optimum }
`;
}

/** Its files: the strategy, and ballast that changes with every version so that there is something to transfer. */
export function smallFiles(
  version: number,
  { ballastBytes = 40_000 } = {},
): Map<string, Uint8Array<ArrayBuffer>> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const ballast = new Uint8Array(ballastBytes).map((_, i) => (i * 7 + version * 13) % 251);
  return new Map([
    [ENTRY, encode(smallStrategy(version))],
    ["scalers/ballast.json", ballast],
    ["scalers/same.json", encode("{}")],
  ]);
}

export interface SmallPublish {
  readonly privatePem?: string;
  readonly expires?: Date;
  readonly now?: Date;
  readonly site?: string;
  readonly ballastBytes?: number;
}

/** Publishes version `version` as the command does. */
export function publishSmall(
  store: ObjectStore,
  version: number,
  options: SmallPublish = {},
): Promise<Manifest> {
  const { ballastBytes = 40_000 } = options;
  return publishVersion(store, { files: smallFiles(version, { ballastBytes }), golden: {} }, {
    version,
    entry: ENTRY,
    site: options.site ?? SITE,
    privatePem: options.privatePem,
    expires: options.expires,
    now: options.now ?? new Date(),
    say: () => {},
  });
}

/** A temporary folder for `work`, removed afterwards. */
export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "setpoint-bundles-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
