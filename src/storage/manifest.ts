/**
 * The manifest of one version: every file with size and sha256, golden vectors of every model, the
 * runtime that it is for, its number, when it was made and until when it may be taken. Who has a
 * trusted manifest can hold everything else against it (the "targets" role of The Update Framework,
 * specification 1.0.33, section 4.5, with the version and expiry of its "snapshot" role).
 */

import { z } from "zod";
import { compareVersions, RUNTIME_VERSION } from "../version.ts";
import { checkObjectPath } from "./object_store.ts";

/** The manifest's path in a version's folder; its signature lies beside it. */
export const manifestPath = "manifest.json";
export const signaturePath = "manifest.json.sig";
/** Larger than any manifest of a bundle within the limits below. */
export const maxManifestBytes = 8 * 1024 * 1024;
/** Larger than any list of signatures that is meant. */
export const maxSignatureBytes = 64 * 1024;

const maxFiles = 2_000;
// ONNX stops at 2 GiB, and a box's memory long before.
const maxFileBytes = 512 * 1024 * 1024;
const maxTotalBytes = 2 * 1024 * 1024 * 1024;

/** There is a version, and this box may not run it. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
  /** The version whose manifest it is, where it is known. */
  readonly version: string | undefined;

  constructor(message: string, options: { cause?: unknown; version?: string } = {}) {
    super(message, { cause: options.cause });
    this.version = options.version;
  }
}

const semantic = z.string().regex(/^\d+\.\d+\.\d+$/, "Expected a version such as 1.0.0");
const path = z.string().max(500).refine((text) => {
  try {
    checkObjectPath(text);
    return !text.split("/").some((part) => part.startsWith("."));
  } catch {
    return false;
  }
}, "Expected a relative path with / between its parts");
const numbers = z.array(z.number()).min(1).max(100_000);

const manifestSchema = z.strictObject({
  format: z.literal(1),
  site: z.string().min(1).max(200),
  version: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  created: z.iso.datetime(),
  expires: z.iso.datetime().optional(),
  runtime: z.strictObject({ from: semantic, below: semantic }),
  entry: path,
  files: z.array(z.strictObject({
    path,
    size: z.number().int().min(0).max(maxFileBytes),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, "Expected 64 hexadecimal digits"),
  })).min(1).max(maxFiles),
  golden: z.record(
    path,
    z.array(z.strictObject({ inputs: numbers, outputs: numbers })).min(1).max(100),
  ),
});

/** Checked: paths are relative, unique and not hidden; `entry` and every golden model is a file. */
export type Manifest = Readonly<z.infer<typeof manifestSchema>>;

/** Inputs of a network as ONNX Runtime gets them, and what it must answer. */
export type GoldenVector = Readonly<Manifest["golden"][string][number]>;

/** The exact bytes that are stored and signed. */
export function writeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(manifest, null, 2) + "\n");
}

/** Reads a manifest; throws `ManifestError` with everything that is wrong in it. */
export function readManifest(bytes: Uint8Array): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ManifestError(`${manifestPath} is not JSON`, { cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 20)
      .map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`);
    throw new ManifestError(`${manifestPath} is not a manifest: ${issues.join("; ")}`);
  }
  const problems = contradictions(parsed.data);
  if (problems.length > 0) throw new ManifestError(`${manifestPath}: ${problems.join("; ")}`);
  return parsed.data;
}

function contradictions({ files, entry, golden, created, expires, runtime }: Manifest): string[] {
  const paths = new Set(files.map((file) => file.path));
  const total = files.reduce((sum, { size }) => sum + size, 0);
  return [
    ...(paths.size < files.length ? ["a path stands twice in files"] : []),
    ...(total > maxTotalBytes ? [`${total} bytes in all, ${maxTotalBytes} are allowed`] : []),
    ...(paths.has(entry) ? [] : [`entry "${entry}" is not among its files`]),
    ...(paths.has(manifestPath) || paths.has(signaturePath) ? ["it lists itself"] : []),
    ...Object.keys(golden).filter((model) => !paths.has(model))
      .map((model) => `golden vectors for "${model}", which is not among its files`),
    ...[...paths].filter((model) => model.endsWith(".onnx") && golden[model] === undefined)
      .map((model) => `no golden vectors for "${model}"`),
    ...(expires !== undefined && Date.parse(expires) <= Date.parse(created)
      ? ["it expires before it was made"]
      : []),
    ...(compareVersions(runtime.from, runtime.below) >= 0 ? ["its runtime range is empty"] : []),
  ];
}

/** What a box holds a new manifest against. */
export interface ManifestRules {
  /** What the version pointer called it; undefined in a flat bucket. */
  readonly pointed: string | undefined;
  readonly entry: string;
  /** True where trusted keys are configured and the signature was right. */
  readonly isSigned: boolean;
  /** The site that this box is of; undefined where it takes any. */
  readonly site: string | undefined;
  /** The highest version number accepted so far, with the sha256 of its manifest. */
  readonly highest: { readonly version: number; readonly sha256: string } | undefined;
  /** sha256 of this manifest's bytes. */
  readonly sha256: string;
  readonly now: Date;
}

/**
 * Why this box may not take the manifest, all reasons at once. What only a signature makes worth
 * asking (rollback, freeze, another site's software) is asked of signed manifests alone: without
 * keys, whoever can write the store can write any number.
 */
export function manifestProblems(manifest: Manifest, rules: ManifestRules): string[] {
  const { version, runtime, site, expires } = manifest;
  const { pointed, highest, isSigned, now } = rules;
  const problems: string[] = [];
  if (pointed !== undefined && pointed !== String(version)) {
    problems.push(`the pointer says version ${pointed}, the manifest ${version}`);
  }
  if (manifest.entry !== rules.entry) {
    problems.push(
      `its strategy is "${manifest.entry}", this box reads "${rules.entry}" (optimization.config_file)`,
    );
  }
  const fits = compareVersions(RUNTIME_VERSION, runtime.from) >= 0 &&
    compareVersions(RUNTIME_VERSION, runtime.below) < 0;
  if (!fits) {
    problems.push(
      `it is for Setpoint from ${runtime.from} and below ${runtime.below}, this is ${RUNTIME_VERSION}`,
    );
  }
  if (expires !== undefined && Date.parse(expires) <= now.getTime()) {
    problems.push(`it expired at ${expires}: publish it again, or set the box's clock`);
  }
  if (rules.site !== undefined && rules.site !== site) {
    problems.push(`it is for the site "${site}", this box is of "${rules.site}" (bundles.site)`);
  }
  if (!isSigned || highest === undefined) return problems;
  if (version < highest.version) {
    problems.push(
      `it is older than version ${highest.version}, which was accepted before; ` +
        "to go back, publish the old content under a new number",
    );
  } else if (version === highest.version && rules.sha256 !== highest.sha256) {
    problems.push(`version ${version} was accepted before with another content`);
  }
  return problems;
}
