import type { FaultPlan } from "../../../../kit/simulator/kernel/faults";
import type { SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import type { MessageSink } from "../../../../kit/ports/job-queue";
import type { Row, RowChange, RowCondition, RowKey, RowStore, RowUpdateResult } from "../../../../kit/ports/row-store";
import { ObjectMissingError } from "../../../../kit/ports/object-store";
import { uploadRowSchema } from "../../contracts/upload";
import type { Route } from "../../contracts/media-types";
import type { UploadReader } from "../../ports/upload-reader";
import type { Facts } from "./facts";

// Services as one process reaches them, watched where calls are carried out.

/** The input bucket's versions. */
export const readerOf = (process: SimProcess, facts: Facts): UploadReader => ({
  look: ({ bucket, key, versionId }, bytes) =>
    process.call("s3", "GetObject", () => {
      const upload = facts.uploads.get(versionId);
      if (upload?.object.key !== key) return Promise.reject(new ObjectMissingError(bucket, key));
      const { contentType, metadata, bytes: content } = upload.object;
      return Promise.resolve({
        ...(contentType === undefined ? {} : { contentType }),
        // as S3 keeps them
        metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value])),
        firstBytes: content.subarray(0, bytes),
      });
    }),
});

/** The queue of one route. */
export const sinkOf = (process: SimProcess, route: Route, queue: MessageSink, facts: Facts): MessageSink => ({
  send: async (bodies) => {
    const ends = bodies.map((body) => facts.sends(process, body));
    try {
      await process.call("sqs", "SendMessageBatch", () => {
        for (const body of bodies) facts.taken(process, route, body);
        return queue.send(bodies);
      });
    } catch (error) {
      for (const end of ends) end("failed");
      throw error;
    }
    for (const end of ends) end("answered");
  },
});

/** The table of uploads: says which rows there are, and that what a row says is never unsaid. */
export class WatchedUploads implements RowStore {
  public constructor(
    private readonly rows: RowStore,
    private readonly facts: Facts,
  ) {}

  public get(key: RowKey): Promise<Row | undefined> {
    return this.rows.get(key);
  }
  public async update(key: RowKey, change: RowChange, condition?: RowCondition): Promise<RowUpdateResult> {
    const before = await this.rows.get(key);
    const result = await this.rows.update(key, change, condition);
    if (result.status === "changed") this.look(key, before, result.row);
    return result;
  }
  public put(key: RowKey, row: Row): Promise<void> {
    return this.rows.put(key, row);
  }
  public createAll(rows: Parameters<RowStore["createAll"]>[0]): Promise<boolean> {
    return this.rows.createAll(rows);
  }
  public query(...asked: Parameters<RowStore["query"]>): AsyncIterable<Row> {
    return this.rows.query(...asked);
  }

  private look({ sk }: RowKey, before: Row | undefined, after: Row): void {
    this.facts.rows.add(sk);
    if (after["state"] === "sent") this.facts.sent.add(sk);
    if (before === undefined) return;
    const [earlier, later] = [before, after].map((row) => saidBy(row));
    if (earlier !== later) this.facts.violate(`the row of ${sk} said ${earlier}, and then ${later}`);
    if (before["state"] === "sent" && after["state"] !== "sent") this.facts.violate(`the row of ${sk} was sent, and is no more`);
  }
}

const saidSchema = uploadRowSchema.omit({ claim: true, claimedUntil: true, state: true });
/** All but who has it in work. */
const saidBy = (row: Row): string => JSON.stringify(saidSchema.parse(row));

/** A queue that shows messages late, as a standard queue may. */
export const late = (queue: { send(bodies: readonly string[], delaySeconds?: number): Promise<void> }, faults: FaultPlan): MessageSink => ({
  send: (bodies) => queue.send(bodies, faults.strikes("sqs-delayed") ? faults.draw(1, 300) : 0),
});
