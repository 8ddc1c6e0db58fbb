import type { Row, RowChange, RowCondition, RowKey, RowQuery, RowStore, RowUpdateResult } from "../../ports/row-store";
import { atomically } from "./atomically";
import { changed, frozenRow, holds, RowRequestError } from "./row-rules";
import { SortedKeys } from "./sorted-keys";

/** Items of one TransactWriteItems. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const MAXIMUM_TRANSACTION_ROWS = 100;
/**
 * Rows that a query reads in one step; between two steps others may write. A page of DynamoDB has 1 MB, so 10 chunk rows of the 100 KB
 * they may have at most (docs/adr/0002-ledger.md). https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
 */
const ROWS_PER_PAGE = 10;

interface Partition {
  readonly rows: Map<string, Row>;
  readonly sortKeys: SortedKeys;
}

/** A table in memory. Each call is one atomic step; its rows are frozen, so callers share nothing that can change. */
export class MemoryRowStore implements RowStore {
  private readonly partitions = new Map<string, Partition>();

  public get(key: RowKey): Promise<Row | undefined> {
    return atomically(() => this.read(key));
  }

  public update(key: RowKey, change: RowChange, condition?: RowCondition): Promise<RowUpdateResult> {
    return atomically(() => {
      const before = this.read(key);
      if (condition !== undefined && !holds(condition, before)) return { status: "refused", row: before };
      const row = changed(key, before, change);
      this.write(key, row);
      return { status: "changed", row };
    });
  }

  public put(key: RowKey, row: Row): Promise<void> {
    return atomically(() => {
      this.write(key, frozenRow(key, row));
    });
  }

  public createAll(rows: readonly { readonly key: RowKey; readonly row: Row }[]): Promise<boolean> {
    return atomically(() => {
      checkTransaction(rows.map(({ key }) => key));
      const frozen = rows.map(({ key, row }) => ({ key, row: frozenRow(key, row) }));
      if (frozen.some(({ key }) => this.read(key) !== undefined)) return false;
      for (const { key, row } of frozen) this.write(key, row);
      return true;
    });
  }

  public async *query(pk: string, options: RowQuery = {}): AsyncIterable<Row> {
    const { descending = false, limit = Number.POSITIVE_INFINITY } = options;
    let last: string | undefined;
    for (let given = 0; given < limit;) {
      const page = await atomically(() => this.page(pk, descending, last, Math.min(ROWS_PER_PAGE, limit - given)));
      for (const { sk, row } of page) {
        yield row;
        last = sk;
      }
      given += page.length;
      if (page.length < ROWS_PER_PAGE) return;
    }
  }

  /** All rows, by partition key in the order of their creation, then by sort key: for tests and for the checks of a simulated world. */
  public *all(): Iterable<Row> {
    for (const { rows, sortKeys } of this.partitions.values())
      for (const sk of sortKeys.after(undefined, sortKeys.size)) yield present(rows, sk);
  }

  private page(pk: string, descending: boolean, last: string | undefined, rowCount: number): { sk: string; row: Row }[] {
    const partition = this.partitions.get(pk);
    if (partition === undefined) return [];
    const { rows, sortKeys } = partition;
    const keys = descending ? sortKeys.before(last, rowCount) : sortKeys.after(last, rowCount);
    return keys.map((sk) => ({ sk, row: present(rows, sk) }));
  }

  private read(key: RowKey): Row | undefined {
    return this.partitions.get(key.pk)?.rows.get(key.sk);
  }

  private write(key: RowKey, row: Row): void {
    const { rows, sortKeys } = this.partition(key.pk);
    if (!rows.has(key.sk)) sortKeys.add(key.sk);
    rows.set(key.sk, row);
  }

  private partition(pk: string): Partition {
    const known = this.partitions.get(pk);
    if (known !== undefined) return known;
    const partition = { rows: new Map<string, Row>(), sortKeys: new SortedKeys() };
    this.partitions.set(pk, partition);
    return partition;
  }
}

function checkTransaction(keys: readonly RowKey[]): void {
  const [first] = keys;
  if (first === undefined) return;
  if (keys.length > MAXIMUM_TRANSACTION_ROWS) {
    throw new RowRequestError(first, `${keys.length} rows in one transaction; it takes at most ${MAXIMUM_TRANSACTION_ROWS}`);
  }
  if (new Set(keys.map(({ pk, sk }) => JSON.stringify([pk, sk]))).size < keys.length) {
    throw new RowRequestError(first, "a transaction names one row twice");
  }
}

function present(rows: ReadonlyMap<string, Row>, sk: string): Row {
  const row = rows.get(sk);
  if (row === undefined) throw new Error(`the sort key ${sk} is listed, but has no row`);
  return row;
}
