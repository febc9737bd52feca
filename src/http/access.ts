/** Who calls and what he may do: bearer tokens with roles, known to this box by their hashes alone. */

import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";

/** Each role may do what those before it may. */
export const ROLES = ["read", "operate", "engineer", "admin"] as const;

export type Role = typeof ROLES[number];

/** A token as the configuration keeps it. */
export interface Token {
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the token's text, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly expires: Date | undefined;
}

export interface Caller {
  readonly name: string;
  readonly role: Role;
  /** Where the request came from; empty where there is no socket. */
  readonly address: string;
}

/** Why somebody is not let in, in words that do not help to guess. */
export interface Stranger {
  readonly refusal: string;
}

/** A token has 256 random bits, so a plain SHA-256 hides it: there is nothing to guess from. */
const TOKEN = /^stp_[A-Za-z0-9_-]{43}$/;

/** Without tokens only this machine can connect, and whoever is on it may do everything. */
export const LOCAL = { name: "local", role: "admin" } as const;

/** The caller behind an Authorization header (RFC 6750, section 2.1), or why he is none. */
export function callerOf(
  authorization: string | undefined,
  { tokens, now, address }: {
    readonly tokens: readonly Token[];
    readonly now: Date;
    readonly address: string;
  },
): Caller | Stranger {
  if (tokens.length === 0) return { ...LOCAL, address };
  const cure = "send the header Authorization: Bearer <token>";
  if (authorization === undefined) return { refusal: `A token is needed: ${cure}` };
  const presented = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (presented === undefined) {
    return { refusal: `The Authorization header is not understood: ${cure}` };
  }
  if (!TOKEN.test(presented)) {
    return { refusal: "This is no token of this box: deno task token makes one" };
  }
  const hash = createHash("sha256").update(presented).digest();
  // Every stored hash is compared, whichever fits: the time taken tells nothing.
  let found: Token | undefined;
  for (const token of tokens) {
    if (timingSafeEqual(hash, Buffer.from(token.sha256, "hex"))) found = token;
  }
  if (found === undefined) return { refusal: "The token is not known to this box" };
  if (found.expires !== undefined && found.expires <= now) {
    return { refusal: `The token ${found.name} has expired: deno task token makes another` };
  }
  return { name: found.name, role: found.role, address };
}

export function mayDo(caller: Caller, role: Role): boolean {
  return ROLES.indexOf(caller.role) >= ROLES.indexOf(role);
}

/** A new token: the text for its owner, shown once, and the hash for the configuration. */
export function newToken(): { readonly text: string; readonly sha256: string } {
  const random = crypto.getRandomValues(new Uint8Array(32));
  const text = `stp_${Buffer.from(random).toString("base64url")}`;
  return { text, sha256: createHash("sha256").update(text).digest("hex") };
}
