/**
 * Runs `work` on items, up to `ahead` of them at a time, and yields the results in the items' order. What `work` has at once, and nothing
 * before it waits for, goes on at once.
 *
 * @throws what the source threw, or the first item in order whose work failed
 */
export async function* lookAhead<T, R>(items: AsyncIterable<T>, ahead: number, work: (item: T) => R | Promise<R>): AsyncGenerator<R> {
  const pending: (R | Promise<R>)[] = [];
  for await (const item of items) {
    const result = work(item);
    // a failure is thrown when its turn comes; until then it is not an unhandled one
    if (result instanceof Promise) result.catch(() => undefined);
    else if (pending.length === 0) {
      yield result;
      continue;
    }
    pending.push(result);
    if (pending.length >= ahead) for (const first of pending.splice(0, 1)) yield await first;
  }
  for (const result of pending) yield await result;
}

/**
 * As `lookAhead`, for items that come a page at a time: the results of a page come together, and those that are there at once cost no wait
 * each. What is still under way at the end of a page comes with a later one.
 *
 * @throws as `lookAhead`; results of the same page that came before the failure are lost with it
 */
export async function* lookAheadInPages<T, R>(
  pages: AsyncIterable<readonly T[]>,
  ahead: number,
  work: (item: T) => R | Promise<R>,
): AsyncGenerator<readonly R[]> {
  const pending: (R | Promise<R>)[] = [];
  for await (const page of pages) {
    const results: R[] = [];
    for (const item of page) {
      const result = work(item);
      // a failure is thrown when its turn comes; until then it is not an unhandled one
      if (result instanceof Promise) result.catch(() => undefined);
      else if (pending.length === 0) {
        results.push(result);
        continue;
      }
      pending.push(result);
      if (pending.length >= ahead) for (const first of pending.splice(0, 1)) results.push(await first);
    }
    if (results.length > 0) yield results;
  }
  if (pending.length > 0) yield await Promise.all(pending);
}
