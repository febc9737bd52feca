/** How the box takes and keeps bundles: the section `bundles`. */

import type { ConfigFile } from "./config_schema.ts";

export interface BundlesConfig {
  /** PEM files of Ed25519 public keys; with any, only bundles signed by one of them are taken. */
  readonly trustedKeyFiles: readonly string[];
  /** The site that manifests must name; undefined: signed ones must name that of the one before. */
  readonly site: string | undefined;
  /** How often the store is asked. */
  readonly pollSeconds: number;
  /** How long a version from the store stays at least before the store replaces it. */
  readonly dwellSeconds: number;
  /** Of files whose objects stay in memory. */
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Generations that stay on disk. */
  readonly keep: number;
}

const MEGABYTE = 1024 * 1024;

/** `place` resolves paths against the configuration file's folder. */
export function toBundles(
  section: ConfigFile["bundles"],
  place: (path: string) => string,
): BundlesConfig {
  return {
    trustedKeyFiles: section.trusted_keys.map(place),
    site: section.site,
    pollSeconds: section.poll_seconds,
    dwellSeconds: section.dwell_seconds,
    memoryBytes: section.memory_megabytes * MEGABYTE,
    diskBytes: section.disk_megabytes * MEGABYTE,
    keep: section.keep,
  };
}
