/**
 * Runs `work` on items, up to `ahead` of them at a time, and yields the results in the items' order.
 *
 * @throws what the source threw, or the first item in order whose work failed
 */
export async function* lookAhead<T, R>(items: AsyncIterable<T>, ahead: number, work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    // a failure is thrown when its turn comes; until then it is not an unhandled one
    result.catch(() => undefined);
    pending.push(result);
    const [first] = pending.length < ahead ? [] : pending.splice(0, 1);
    if (first !== undefined) yield await first;
  }
  for (const result of pending) yield await result;
}
