/** Values by themselves, of those that come many at a time. */
export async function* flattened<T>(pages: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const page of pages) for (const value of page) yield value;
}

/** Values many at a time, of those that come by themselves: waiting for each costs more than most of what is done with one. */
export async function* inPages<T>(values: AsyncIterable<T>, size: number): AsyncGenerator<readonly T[]> {
  let page: T[] = [];
  for await (const value of values) {
    page.push(value);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
