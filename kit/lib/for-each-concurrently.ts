/**
 * Runs `work` on every item, at most `concurrency` at a time, pulling items only as slots come free. The first failure stops new
 * work, is waited out and rethrown, so that nothing runs on behind the caller's back.
 *
 * @throws what `work` threw first, or the signal's reason when aborted
 */
export async function forEachConcurrently<T>(
  items: Iterable<T> | AsyncIterable<T>,
  concurrency: number,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  const slot = async (): Promise<void> => {
    try {
      while (failure === undefined) {
        signal?.throwIfAborted();
        const next = await iterator.next();
        if (next.done === true) return;
        await work(next.value);
      }
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(Array.from({ length: concurrency }, slot));
  if (failure !== undefined) throw failure.error;
}
