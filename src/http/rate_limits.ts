/** How often each caller may ask: a bucket of requests that fills at a steady rate. */

interface Bucket {
  left: number;
  atMs: number;
}

/** One bucket per caller's name; names come from the configuration, so there are few. */
export class RateLimits {
  readonly #buckets = new Map<string, Bucket>();
  readonly #perSecond: number;
  readonly #burst: number;

  /** A minute's requests may come at once. */
  constructor(options: { perMinute: number }) {
    this.#perSecond = options.perMinute / 60;
    this.#burst = options.perMinute;
  }

  /** Takes one request from the caller's bucket; seconds until the next one where it is empty. */
  take(name: string, nowMs: number): number {
    const bucket = this.#buckets.get(name) ?? { left: this.#burst, atMs: nowMs };
    this.#buckets.set(name, bucket);
    const gained = Math.max(0, nowMs - bucket.atMs) / 1000 * this.#perSecond;
    bucket.left = Math.min(this.#burst, bucket.left + gained);
    bucket.atMs = nowMs;
    if (bucket.left < 1) return (1 - bucket.left) / this.#perSecond;
    bucket.left -= 1;
    return 0;
  }
}
