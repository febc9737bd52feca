/** Who has signed in with a browser: sessions of this process, bounded in number and age. */

import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import type { Role, Token } from "./access.ts";

const HOUR_MS = 3_600_000;

/**
 * How long a sign-in holds. A wall screen that can only read stays; who can act signs in each shift.
 */
const SESSION_MS: Readonly<Record<Role, number>> = {
  read: 30 * 24 * HOUR_MS,
  operate: 12 * HOUR_MS,
  engineer: 8 * HOUR_MS,
  admin: 8 * HOUR_MS,
};
/** At once; beyond, the oldest is signed out. */
const MOST_SESSIONS = 256;

interface Session {
  readonly token: Token;
  readonly until: number;
}

export class Sessions {
  /** By the SHA-256 of the cookie's value, the oldest first. */
  readonly #sessions = new Map<string, Session>();

  get size(): number {
    return this.#sessions.size;
  }

  /** Begins a session of the token's owner: the cookie's value, and how many seconds it holds. */
  begin(token: Token, now: Date): { readonly value: string; readonly maxAgeSeconds: number } {
    for (const [key, { until }] of this.#sessions) {
      if (until <= now.getTime()) this.#sessions.delete(key);
    }
    while (this.#sessions.size >= MOST_SESSIONS) {
      const [oldest] = this.#sessions.keys();
      this.#sessions.delete(oldest!);
    }
    const value = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
    const longest = token.expires === undefined ? Infinity : token.expires.getTime() -
      now.getTime();
    const holdsMs = Math.min(SESSION_MS[token.role], longest);
    this.#sessions.set(keyOf(value), { token, until: now.getTime() + holdsMs });
    return { value, maxAgeSeconds: Math.floor(holdsMs / 1000) };
  }

  /** The token that a cookie stands for; undefined where it is unknown or has run out. */
  find(value: string, now: Date): Token | undefined {
    const key = keyOf(value);
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    if (session.until > now.getTime()) return session.token;
    this.#sessions.delete(key);
    return undefined;
  }

  end(value: string): void {
    this.#sessions.delete(keyOf(value));
  }
}

/** What is kept cannot be sent: the map is keyed by the hash, which also hides it from its timing. */
function keyOf(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}
