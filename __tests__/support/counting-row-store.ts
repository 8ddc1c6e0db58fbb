import type { Row, RowChange, RowCondition, RowKey, RowQuery, RowStore, RowUpdateResult } from "../../kit/ports/row-store";

/** Notes the calls to a table, such as `update CHUNK#00000000`. */
export class CountingRowStore implements RowStore {
  public calls: string[] = [];

  public constructor(private readonly rows: RowStore) {}

  public get(key: RowKey): Promise<Row | undefined> {
    this.calls.push(`get ${key.sk}`);
    return this.rows.get(key);
  }
  public update(key: RowKey, change: RowChange, condition?: RowCondition): Promise<RowUpdateResult> {
    this.calls.push(`update ${key.sk}`);
    return this.rows.update(key, change, condition);
  }
  public put(key: RowKey, row: Row): Promise<void> {
    this.calls.push(`put ${key.sk}`);
    return this.rows.put(key, row);
  }
  public createAll(rows: readonly { readonly key: RowKey; readonly row: Row }[]): Promise<boolean> {
    this.calls.push(`createAll ${rows.map(({ key }) => key.sk).join(" ")}`);
    return this.rows.createAll(rows);
  }
  public query(pk: string, options?: RowQuery): AsyncIterable<Row> {
    this.calls.push(`query ${pk}`);
    return this.rows.query(pk, options);
  }
}
