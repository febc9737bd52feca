/** A site's files made a version in an object store: checked as a box checks them, the pointer last. */

import { NativeSolver } from "../solve/native_solver.ts";
import { createPredictionModel } from "../model/prediction_model.ts";
import { Bundle } from "../storage/bundle.ts";
import { fetchBundle, pointerPath, readPointer } from "../storage/bundle_files.ts";
import {
  type GoldenVector,
  type Manifest,
  manifestPath,
  signaturePath,
  writeManifest,
} from "../storage/manifest.ts";
import { MemoryCache } from "../storage/memory_cache.ts";
import type { ObjectStore } from "../storage/object_store.ts";
import { signBytes } from "../storage/signature.ts";
import { compareVersions, RUNTIME_VERSION } from "../version.ts";
import { logOf } from "../log.ts";
import { makeGolden } from "./golden.ts";
import { preparePlan } from "./plan.ts";
import type { Plan, PlanShelves } from "./plan.ts";
import type { ModelSkill } from "../strategy/strategy.ts";

/** It cannot be published; the message says what is in the way. */
export class PublishError extends Error {
  override readonly name = "PublishError";
}

export interface PublishOptions {
  readonly version: number;
  /** The strategy's path in the bundle. */
  readonly entry: string;
  /** The name by which boxes know their site. */
  readonly site: string;
  /** A private key in PEM; undefined publishes unsigned. */
  readonly privatePem: string | undefined;
  readonly expires: Date | undefined;
  readonly now: Date;
  /** One line of progress. */
  readonly say: (line: string) => void;
}

/** What one version holds: the strategy, and the files that its skills name, nothing else. */
export interface Checked {
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly golden: Readonly<Record<string, readonly GoldenVector[]>>;
}

/**
 * Checks everything that a box checks: parse, validate, lower, compare with ONNX Runtime, compile.
 * @throws {PlanError} with everything that is wrong.
 */
export async function checkForPublishing(bundle: Bundle, entry: string): Promise<Checked> {
  const solver = new NativeSolver();
  const cache = new MemoryCache({ log: logOf("publish") });
  const shelves: PlanShelves = {
    models: cache.shelf("models"),
    scalers: cache.shelf("scalers"),
    configurations: cache.shelf("configurations"),
  };
  try {
    const plan = await preparePlan(bundle, { entry, solver, shelves });
    const files = new Map([[entry, bundle.bytes(entry)]]);
    const golden: Record<string, readonly GoldenVector[]> = {};
    for (const skill of modelSkills(plan)) {
      files.set(skill.file, bundle.bytes(skill.file));
      if (skill.scaler !== undefined) files.set(skill.scaler, bundle.bytes(skill.scaler));
      golden[skill.file] ??= await goldenOf(skill, { bundle, shelves });
    }
    await plan.release();
    return { files, golden };
  } finally {
    await solver.close();
  }
}

function modelSkills({ strategy }: Plan): ModelSkill[] {
  return [...strategy.skills.values()].filter((skill) => skill.type === "model");
}

async function goldenOf(
  { file, scaler, inputs, outputs }: ModelSkill,
  { bundle, shelves }: { readonly bundle: Bundle; readonly shelves: PlanShelves },
): Promise<GoldenVector[]> {
  // Both are in the cache: the plan was just made from them.
  const make = () => Promise.reject(new Error(`"${file}" is no longer in the cache`));
  const { graph, runtime } = await bundle.load(file, { shelf: shelves.models, make });
  const scaling = scaler === undefined
    ? undefined
    : await bundle.load(scaler, { shelf: shelves.scalers, make });
  const model = createPredictionModel({ graph, scaler: scaling, inputs, outputs });
  return await makeGolden(model, runtime);
}

/**
 * Writes one version and then the pointer. Nothing that a box looks at changes before the last
 * write, so that a publish that breaks off leaves the version in force as it is.
 * @throws {PublishError} where the store has the version already, or a newer one is in force.
 */
export async function publishVersion(
  store: ObjectStore,
  { files, golden }: Checked,
  options: PublishOptions,
): Promise<Manifest> {
  const { version, entry, site, privatePem, expires, now, say } = options;
  const folder = `versions/${version}/`;
  await refuseKnown(store, { version, folder });
  const bundle = new Bundle(String(version), files);
  const manifest: Manifest = {
    format: 1,
    site,
    version,
    created: now.toISOString(),
    ...(expires === undefined ? {} : { expires: expires.toISOString() }),
    runtime: { from: RUNTIME_VERSION, below: nextMajor(RUNTIME_VERSION) },
    entry,
    files: [...bundle.digests()].map(([path, sha256]) => ({
      path,
      size: bundle.bytes(path).length,
      sha256,
    })),
    golden: Object.fromEntries(
      Object.entries(golden).map(([path, vectors]) => [
        path,
        vectors.map(({ inputs, outputs }) => ({ inputs: [...inputs], outputs: [...outputs] })),
      ]),
    ),
  };
  let written = 0;
  for (const { path, size } of manifest.files) {
    await store.write(folder + path, bundle.bytes(path));
    written++;
    say(`${written}/${manifest.files.length}  ${folder}${path}  ${size} bytes`);
  }
  const bytes = writeManifest(manifest);
  if (privatePem !== undefined) {
    await store.write(folder + signaturePath, signBytes(bytes, privatePem));
    say(`signed  ${folder}${signaturePath}`);
  }
  await store.write(folder + manifestPath, bytes);
  say(`described  ${folder}${manifestPath}`);
  const trust = { keys: [], site: undefined, highest: undefined, now };
  const readBack = await fetchBundle(store, { entry, version: String(version), trust });
  if (readBack.digest !== bundle.digest) {
    throw new PublishError(`${store.place} gives other files back than were written to ${folder}`);
  }
  say("read back and verified");
  await movePointer(store, { version, now });
  say(`in force  ${pointerPath}: version ${version}`);
  return manifest;
}

/** From now on boxes take `version`. */
export async function movePointer(
  store: ObjectStore,
  { version, now }: { readonly version: string | number; readonly now: Date },
): Promise<void> {
  const text = `version: "${version}"\npublished: "${now.toISOString()}"\n`;
  await store.write(pointerPath, new TextEncoder().encode(text));
}

async function refuseKnown(
  store: ObjectStore,
  { version, folder }: { readonly version: number; readonly folder: string },
): Promise<void> {
  if ((await store.list(folder)).some(({ path }) => path === folder + manifestPath)) {
    throw new PublishError(
      `${store.place} has version ${version} already, and a version never changes: ` +
        "publish under the next number",
    );
  }
  const inForce = Number((await readPointer(store)).pointer?.version);
  if (inForce >= version) {
    throw new PublishError(
      `version ${inForce} is in force in ${store.place}: publish under a higher number, ` +
        "or go back with deno task rollback",
    );
  }
}

function nextMajor(version: string): string {
  const next = `${Number(version.split(".")[0]) + 1}.0.0`;
  if (compareVersions(version, next) < 0) return next;
  throw new RangeError(`Not a version: ${version}`);
}
