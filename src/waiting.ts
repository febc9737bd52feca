/** Waiting for parts that may be slow, away, or not there yet. */

/** Waits for a part that is opening or closing, but not longer than `ms`. */
export async function within(ms: number, closing: Promise<unknown> | undefined): Promise<void> {
  const deadline = Promise.withResolvers<void>();
  const timer = setTimeout(deadline.resolve, ms);
  await Promise.race([closing, deadline.promise]);
  clearTimeout(timer);
}

/** `work` until it has worked once, and nothing from then on; callers at the same time share one try. */
export function untilItWorks(work: () => Promise<unknown>): () => Promise<unknown> {
  let done: Promise<unknown> | undefined;
  return () =>
    done ??= work().catch((error) => {
      done = undefined;
      throw error;
    });
}
