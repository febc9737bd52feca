/** The two small files of the disk cache: what one kept version consists of, and which one is active. */

import { z } from "zod";
import type { Bundle } from "./bundle.ts";
import { sha256 } from "./digest.ts";

const digest = z.string().regex(/^[0-9a-f]{64}$/);

export const generationSchema = z.strictObject({
  format: z.literal(1),
  /** Grows with each generation of this box: the newest has the highest. */
  sequence: z.number().int().min(1),
  version: z.string().min(1),
  digest,
  files: z.array(z.strictObject({ path: z.string().min(1), sha256: digest })).min(1),
  /** sha256 of the manifest's bytes, which are a blob too; null for a bundle without one. */
  manifest: digest.nullable(),
  /** The manifest's number and site; null as above. */
  number: z.number().int().nullable(),
  site: z.string().nullable(),
  /** Of all files, in bytes. */
  bytes: z.number().int().min(0),
  /** The runtime on which it passed every check of an activation. */
  runtime: z.string(),
  kept: z.iso.datetime(),
});

/** A version that passed every check of an activation once, as it is kept on disk. */
export type Generation = Readonly<z.infer<typeof generationSchema>> & { readonly id: string };

export const activeSchema = z.strictObject({
  format: z.literal(1),
  /** Ids of generations. */
  active: digest.nullable(),
  previous: digest.nullable(),
  /** The generation that stays whatever the store says. */
  pinned: digest.nullable(),
  /** True once the active one has had enough good cycles. */
  proven: z.boolean(),
  /** Starts of the process with the active one, not proven yet. */
  starts: z.number().int().min(0),
  /** The highest manifest that was accepted. */
  highest: z.strictObject({ version: z.number().int(), sha256: digest }).nullable(),
  site: z.string().nullable(),
  refused: z.array(z.strictObject({
    id: digest,
    version: z.string(),
    digest,
    reason: z.string(),
    time: z.iso.datetime(),
  })),
});

/** Which generation runs, and what is remembered of others. */
export type ActiveRecord = Readonly<z.infer<typeof activeSchema>>;

export type Refusal = ActiveRecord["refused"][number];

export const FIRST_RECORD: ActiveRecord = {
  format: 1,
  active: null,
  previous: null,
  pinned: null,
  proven: false,
  starts: 0,
  highest: null,
  site: null,
  refused: [],
};

/** The same bundle always has the same id. */
export function generationId({ version, digest, manifest }: Bundle): string {
  return sha256(`${version}\n${digest}\n${manifest?.sha256 ?? ""}\n`);
}
