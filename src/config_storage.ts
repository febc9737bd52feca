/** Where bundles come from: the section `storage`. */

import type { ConfigFile } from "./config_schema.ts";
import type { Environment } from "./config_text.ts";

/** A secret's text, or the file that holds it and that is read at each use so that it can be renewed. */
export type Secret =
  | { readonly kind: "text"; readonly secret: string }
  | { readonly kind: "file"; readonly path: string };

export interface FolderStorage {
  readonly kind: "folder";
  readonly folder: string;
}

export interface MinioStorage {
  readonly kind: "minio";
  readonly host: string;
  readonly port: number;
  readonly useSsl: boolean;
  readonly region: string;
  readonly bucket: string;
  readonly accessKey: Secret;
  readonly secretKey: Secret;
  /** PEM file of a private certificate authority. */
  readonly caFile: string | undefined;
}

/** What a section needs beside its own keys. */
export interface Surroundings {
  /** Resolves a path against the configuration file's folder. */
  readonly place: (path: string) => string;
  readonly env: Environment;
}

/** Without a section, bundles come from the folder of the configuration file. */
export function toStorage(
  section: ConfigFile["storage"],
  { place, env }: Surroundings,
): FolderStorage | MinioStorage {
  return section?.minio
    ? toMinio(section.minio, { place, env })
    : { kind: "folder", folder: place(section?.folder ?? ".") };
}

type MinioSection = NonNullable<NonNullable<ConfigFile["storage"]>["minio"]>;

function toMinio(section: MinioSection, { place, env }: Surroundings): MinioStorage {
  const url = new URL(
    section.endpoint.includes("://") ? section.endpoint : `http://${section.endpoint}`,
  );
  const useSsl = section.use_ssl ?? url.protocol === "https:";
  const fallbackPort = useSsl ? 443 : 80;
  return {
    kind: "minio",
    host: url.hostname,
    port: url.port === "" ? fallbackPort : Number(url.port),
    useSsl,
    region: section.region,
    bucket: section.bucket,
    accessKey: secretOf(section.access_key_file && place(section.access_key_file), {
      text: section.access_key ?? env.MINIO_ACCESS_KEY ?? env.AWS_ACCESS_KEY_ID,
    }),
    secretKey: secretOf(section.secret_key_file && place(section.secret_key_file), {
      text: section.secret_key ?? env.MINIO_SECRET_KEY ?? env.AWS_SECRET_ACCESS_KEY,
    }),
    caFile: section.ca_file && place(section.ca_file),
  };
}

/** The file goes before the text; neither is an empty secret, as for a bucket that anybody may read. */
function secretOf(
  path: string | undefined,
  { text = "" }: { readonly text: string | undefined },
): Secret {
  return path ? { kind: "file", path } : { kind: "text", secret: text };
}
