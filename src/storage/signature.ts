/** Ed25519 signatures (RFC 8032) over the exact bytes of a manifest. */

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { Buffer } from "node:buffer";
import { z } from "zod";
import { sha256 } from "./digest.ts";

/** A key that is not one, or not of this kind. */
export class KeyError extends Error {
  override readonly name = "KeyError";
}

/** A public key that bundles may be signed with. */
export interface TrustedKey {
  /** The first 16 digits of the sha256 over its SPKI form (RFC 8410). */
  readonly id: string;
  readonly key: KeyObject;
}

const signaturesSchema = z.strictObject({
  signatures: z.array(z.strictObject({
    key: z.string().max(64),
    ed25519: z.string().regex(/^[A-Za-z0-9+/]{86}==$/, "Expected 64 bytes in base64"),
  })).min(1).max(16),
});

/** A new pair as PEM texts: PKCS #8 and SPKI. */
export function newKeyPair(): { readonly privatePem: string; readonly publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    privatePem: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    publicPem: String(publicKey.export({ type: "spki", format: "pem" })),
  };
}

/** Reads a public key in PEM; `place` names it in messages. */
export function readTrustedKey(pem: string, place: string): TrustedKey {
  // A private key would be accepted too, and must not lie on the box.
  if (!pem.includes("BEGIN PUBLIC KEY")) throw new KeyError(`${place} is not a public key in PEM`);
  try {
    return trustedKey(createPublicKey(pem), place);
  } catch (cause) {
    if (cause instanceof KeyError) throw cause;
    throw new KeyError(`${place} is not a public key in PEM`, { cause });
  }
}

/** Reads PEM files; throws `KeyError` or what the file system says. */
export async function readTrustedKeys(files: readonly string[]): Promise<TrustedKey[]> {
  return await Promise.all(
    files.map(async (file) => readTrustedKey(await Deno.readTextFile(file), file)),
  );
}

/** The content of the signature file for `bytes`. */
export function signBytes(bytes: Uint8Array, privatePem: string): Uint8Array<ArrayBuffer> {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(privatePem);
  } catch (cause) {
    throw new KeyError("The signing key is not a private key in PEM (PKCS #8)", { cause });
  }
  const { id } = trustedKey(createPublicKey(privatePem), "The signing key");
  const ed25519 = sign(null, bytes, privateKey).toString("base64");
  const text = JSON.stringify({ signatures: [{ key: id, ed25519 }] }, null, 2);
  return new TextEncoder().encode(text + "\n");
}

/** Whether one of the signatures is right and by a trusted key. Never throws for what the file holds. */
export function isSignedBy(
  keys: readonly TrustedKey[],
  { bytes, signature }: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
): boolean {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(signature));
  } catch {
    return false;
  }
  const parsed = signaturesSchema.safeParse(json);
  if (!parsed.success) return false;
  return parsed.data.signatures.some(({ key: id, ed25519 }) => {
    const trusted = keys.find((key) => key.id === id);
    return trusted !== undefined &&
      verify(null, bytes, trusted.key, Buffer.from(ed25519, "base64"));
  });
}

function trustedKey(key: KeyObject, place: string): TrustedKey {
  if (key.asymmetricKeyType !== "ed25519") {
    throw new KeyError(`${place} is of type ${key.asymmetricKeyType}, expected ed25519`);
  }
  const der = key.export({ type: "spki", format: "der" });
  return { id: sha256(new Uint8Array(der)).slice(0, 16), key };
}
