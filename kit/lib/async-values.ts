/** Values that are there, for who takes them one by one as they come. */
export async function* asyncValues<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* await Promise.resolve(values);
}
