/**
 * Runs `work` on one item after the other; one that fails doesn't keep the others from it.
 *
 * @param what names the items in the error, such as "batches"
 * @returns for how many items `work` answered true
 * @throws AggregateError of what failed, after all were tried
 */
export async function tryEach<T>(what: string, items: readonly T[], work: (item: T) => Promise<boolean>): Promise<number> {
  const failures: unknown[] = [];
  let count = 0;
  for (const item of items) {
    try {
      if (await work(item)) count += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} of ${items.length} ${what} failed: ${messagesOf(failures)}`);
  return count;
}

const messagesOf = (failures: readonly unknown[]): string =>
  failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join("; ");
