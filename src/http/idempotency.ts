/**
 * Repeated requests answered once: a client that lost the answer may send the same request with the
 * same Idempotency-Key again (draft-ietf-httpapi-idempotency-key-header-07). Kept in memory: after
 * a restart the optimum is computed again, which moves nothing by itself.
 */

import { createHash } from "node:crypto";

/** Keys that are remembered; the oldest goes first. */
const MAX_KEYS = 1_000;

interface Kept<T> {
  readonly fingerprint: string;
  readonly answer: Promise<T>;
}

/** Work by key: once for all that ask with the same request, at the same time too. */
export class RepeatedRequests<T> {
  readonly #kept = new Map<string, Kept<T>>();

  /** The answer to this key's first request; undefined where that request was another one. */
  once(
    key: string,
    { request, work }: { readonly request: string; readonly work: () => Promise<T> },
  ): Promise<T> | undefined {
    const fingerprint = createHash("sha256").update(request).digest("hex");
    const known = this.#kept.get(key);
    if (known !== undefined) return known.fingerprint === fingerprint ? known.answer : undefined;
    const answer = work();
    this.#kept.set(key, { fingerprint, answer });
    // A refusal is not an answer: the next try may get one.
    answer.catch(() => this.#kept.delete(key));
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > MAX_KEYS && oldest !== undefined) this.#kept.delete(oldest);
    return answer;
  }
}
