/**
 * Who has signed in with a browser: bounded in number and age, and kept through restarts, so that a
 * wall screen comes back by itself.
 */

import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { z } from "zod";
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

/** A session as it is kept: what the browser holds cannot be had from it. */
export const keptSessions = z.array(z.strictObject({
  /** SHA-256 of the cookie's value. */
  key: z.string().length(64),
  /** SHA-256 of the token that it stands for. */
  token: z.string().length(64),
  until: z.iso.datetime(),
}));

export type KeptSessions = z.infer<typeof keptSessions>;

interface Session {
  readonly tokenHash: string;
  readonly until: number;
}

export interface SessionsParts {
  readonly tokens: readonly Token[];
  /** From before this start. */
  readonly kept?: KeptSessions;
  /** Is told of every change; a failure costs only the sign-ins at the next restart. */
  readonly keep?: (sessions: KeptSessions) => void;
}

export class Sessions {
  readonly #tokens: readonly Token[];
  readonly #keep: (sessions: KeptSessions) => void;
  /** By the SHA-256 of the cookie's value, the oldest first. */
  readonly #sessions: Map<string, Session>;

  constructor({ tokens, kept = [], keep = () => {} }: SessionsParts) {
    this.#tokens = tokens;
    this.#keep = keep;
    this.#sessions = new Map(
      kept.slice(-MOST_SESSIONS).map(({ key, token, until }) => [
        key,
        { tokenHash: token, until: Date.parse(until) },
      ]),
    );
  }

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
    const leftMs = token.expires === undefined ? Infinity : token.expires.getTime() - now.getTime();
    const holdsMs = Math.min(SESSION_MS[token.role], leftMs);
    const until = now.getTime() + holdsMs;
    this.#sessions.set(keyOf(value), { tokenHash: token.sha256, until });
    this.#changed();
    return { value, maxAgeSeconds: Math.floor(holdsMs / 1000) };
  }

  /** The token that a cookie stands for; undefined where either is unknown or has run out. */
  find(value: string, now: Date): Token | undefined {
    const session = this.#sessions.get(keyOf(value));
    if (session === undefined || session.until <= now.getTime()) return undefined;
    // A token that left the configuration takes its sessions with it.
    return this.#tokens.find(({ sha256, expires }) =>
      sha256 === session.tokenHash && (expires === undefined || expires > now)
    );
  }

  end(value: string): void {
    if (this.#sessions.delete(keyOf(value))) this.#changed();
  }

  #changed(): void {
    this.#keep(
      [...this.#sessions].map(([key, { tokenHash, until }]) => ({
        key,
        token: tokenHash,
        until: new Date(until).toISOString(),
      })),
    );
  }
}

/** What is kept cannot be sent: the map is keyed by the hash, which also hides it from its timing. */
function keyOf(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}
