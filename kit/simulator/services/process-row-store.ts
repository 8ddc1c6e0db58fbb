import type { Row, RowChange, RowCondition, RowKey, RowQuery, RowStore, RowUpdateResult } from "../../ports/row-store";
import type { Throughput } from "../kernel/throughput";
import type { SimProcess } from "../kernel/sim-process";

/** The ledger's table as one process reaches it. */
export class ProcessRowStore implements RowStore {
  public constructor(
    private readonly process: SimProcess,
    private readonly rows: RowStore,
    private readonly throughput: Throughput,
  ) {}

  public get(key: RowKey): Promise<Row | undefined> {
    return this.process.call("dynamodb", "GetItem", () => this.rows.get(key));
  }
  public update(key: RowKey, change: RowChange, condition?: RowCondition): Promise<RowUpdateResult> {
    return this.process.call("dynamodb", "UpdateItem", async () => {
      this.throughput.write(key.pk, await this.rows.get(key));
      return this.rows.update(key, change, condition);
    });
  }
  public put(key: RowKey, row: Row): Promise<void> {
    return this.process.call("dynamodb", "PutItem", () => this.rows.put(key, row));
  }
  public createAll(rows: readonly { readonly key: RowKey; readonly row: Row }[]): Promise<boolean> {
    return this.process.call("dynamodb", "TransactWriteItems", () => this.rows.createAll(rows));
  }
  public async *query(pk: string, options?: RowQuery): AsyncIterable<Row> {
    yield* await this.process.call("dynamodb", "Query", async () => {
      const found: Row[] = [];
      for await (const row of this.rows.query(pk, options)) found.push(row);
      return found;
    });
  }
}
