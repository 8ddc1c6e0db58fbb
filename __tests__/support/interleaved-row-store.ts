import type { Scheduler } from "fast-check";
import type { Row, RowChange, RowCondition, RowKey, RowQuery, RowStore, RowUpdateResult } from "../../kit/ports/row-store";

/** `repeated`: carried out, the reply lost, and sent again, as the SDK does. `lost`: carried out, and no reply ever. */
export type Fault = "none" | "repeated" | "lost";

/** The reply of a call that was carried out never came. */
export class LostReplyError extends Error {
  public override readonly name = "LostReplyError";
}

/** A table whose calls come in any order that the scheduler likes, and lose their replies as the list of faults says. */
export class InterleavedRowStore implements RowStore {
  private calls = 0;

  public constructor(
    private readonly rows: RowStore,
    private readonly scheduler: Scheduler,
    private readonly faults: readonly Fault[],
  ) {}

  public get(key: RowKey): Promise<Row | undefined> {
    return this.turn(() => this.rows.get(key));
  }
  public update(key: RowKey, change: RowChange, condition?: RowCondition): Promise<RowUpdateResult> {
    return this.faulty(() => this.rows.update(key, change, condition));
  }
  public put(key: RowKey, row: Row): Promise<void> {
    return this.faulty(() => this.rows.put(key, row));
  }
  public createAll(rows: readonly { readonly key: RowKey; readonly row: Row }[]): Promise<boolean> {
    return this.faulty(() => this.rows.createAll(rows));
  }
  public query(pk: string, options?: RowQuery): AsyncIterable<Row> {
    return this.rows.query(pk, options);
  }

  private async faulty<T>(call: () => Promise<T>): Promise<T> {
    const fault = this.faults[this.calls++ % this.faults.length];
    const reply = await this.turn(call);
    if (fault === "lost") throw new LostReplyError();
    return fault === "repeated" ? this.turn(call) : reply;
  }

  private async turn<T>(call: () => Promise<T>): Promise<T> {
    await this.scheduler.schedule(Promise.resolve());
    return call();
  }
}
