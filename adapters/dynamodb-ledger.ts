import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  GetCommand,
  paginateQuery,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
  type UpdateCommandInput,
} from "@aws-sdk/lib-dynamodb";
import type { GenerationRef } from "../core/contracts/batch";
import {
  batchRecordSchema,
  uploadExceptionSchema,
  type BatchRecord,
  type ChunkRow,
  type GenerationRecord,
  type PlanSummary,
  type UploadException,
} from "../core/contracts/ledger-rows";
import type { Clock } from "../core/ports/clock";
import type { ClaimResult, CommitGroup, Ledger } from "../core/ports/ledger";
import { isOwnLostReply } from "../core/ledger/commit-rules";
import {
  BATCHES_PARTITION,
  batchKey,
  chunkKey,
  DEMAND_PARTITION,
  demandKey,
  demandRowSchema,
  generationKey,
  parseChunkRow,
  parseGeneration,
  requestKey,
  requestRowSchema,
  shardPartition,
  uploadExceptionKey,
  type LedgerKey,
} from "./dynamodb-ledger-rows";

/**
 * How long ledger rows are kept, in seconds: 400 days, a year of receipts and a month to look at them. DynamoDB deletes them some
 * days later. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
export const LEDGER_RETENTION_SECONDS = 400 * 86_400;

/** Attributes of a chunk row that doesn't exist yet. */
const NEW_ROW =
  "#index = :index, #progress = if_not_exists(#progress, :zero), #outcomes = if_not_exists(#outcomes, :none), #partials = if_not_exists(#partials, :empty), #expiresAt = :expiresAt";
const ROW_NAMES = {
  "#index": "index",
  "#progress": "progress",
  "#outcomes": "outcomes",
  "#partials": "partials",
  "#expiresAt": "expiresAt",
  "#claim": "claim",
  "#state": "state",
};

/**
 * The ledger on one DynamoDB table with string keys `pk` and `sk` (docs/adr/0002-ledger.md). Every change is one conditional write;
 * what a refused condition means is read from the row afterwards, with a consistent read.
 */
export class DynamoDbLedger implements Ledger {
  public constructor(
    private readonly client: DynamoDBDocumentClient,
    private readonly tableName: string,
    private readonly clock: Clock,
  ) {}

  public async createBatch(batch: BatchRecord): Promise<{ created: boolean; batch: BatchRecord }> {
    const ref = { batchId: batch.batchId, generation: 1 };
    const put = (key: LedgerKey, item: object) => ({
      Put: {
        TableName: this.tableName,
        Item: { ...key, ...item, expiresAt: this.expiresAt() },
        ConditionExpression: "attribute_not_exists(pk)",
      },
    });
    try {
      await this.client.send(
        new TransactWriteCommand({
          TransactItems: [
            put(requestKey(batch.requestId), { batchId: batch.batchId }),
            put(batchKey(batch.batchId), batch),
            put(generationKey(ref), { ...ref, status: "open" }),
          ],
        }),
      );
      return { created: true, batch };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const stored = await this.batchOfRequest(batch.requestId);
      if (stored === undefined) throw error;
      return { created: false, batch: stored };
    }
  }

  private async batchOfRequest(requestId: string): Promise<BatchRecord | undefined> {
    const item = await this.read(requestKey(requestId));
    return item === undefined ? undefined : this.getBatch(requestRowSchema.parse(item).batchId);
  }

  public async getBatch(batchId: string): Promise<BatchRecord | undefined> {
    const item = await this.read(batchKey(batchId));
    return item === undefined ? undefined : batchRecordSchema.parse(item);
  }

  public async listBatches(limit: number): Promise<BatchRecord[]> {
    const { Items = [] } = await this.client.send(
      new QueryCommand({
        TableName: this.tableName,
        KeyConditionExpression: "#pk = :pk",
        ExpressionAttributeNames: { "#pk": "pk" },
        ExpressionAttributeValues: { ":pk": BATCHES_PARTITION },
        ScanIndexForward: false,
        Limit: limit,
      }),
    );
    return Items.map((item) => batchRecordSchema.parse(item));
  }

  public async getGeneration(ref: GenerationRef): Promise<GenerationRecord | undefined> {
    const item = await this.read(generationKey(ref));
    return item === undefined ? undefined : parseGeneration(item);
  }

  public async recordPlan(ref: GenerationRef, plan: PlanSummary): Promise<PlanSummary> {
    const updated = await this.update(generationKey(ref), {
      UpdateExpression: "SET #plan = :plan",
      ConditionExpression: "#status = :open AND attribute_not_exists(#plan)",
      ExpressionAttributeNames: { "#plan": "plan", "#status": "status" },
      ExpressionAttributeValues: { ":plan": plan, ":open": "open" },
    });
    const record = updated === undefined ? await this.generation(ref) : parseGeneration(updated);
    return record.plan ?? plan;
  }

  public async closeGeneration(
    ref: GenerationRef,
    cause: NonNullable<GenerationRecord["closeCause"]>,
    detail?: string,
  ): Promise<GenerationRecord> {
    const updated = await this.update(generationKey(ref), {
      UpdateExpression: `SET #status = :closed, #cause = :cause${detail === undefined ? "" : ", #detail = :detail"}`,
      ConditionExpression: "#status = :open",
      ExpressionAttributeNames: {
        "#status": "status",
        "#cause": "closeCause",
        ...(detail === undefined ? {} : { "#detail": "closeDetail" }),
      },
      ExpressionAttributeValues: {
        ":closed": "closed",
        ":open": "open",
        ":cause": cause,
        ...(detail === undefined ? {} : { ":detail": detail }),
      },
    });
    return updated === undefined ? this.generation(ref) : parseGeneration(updated);
  }

  public async sealGeneration(
    ref: GenerationRef,
    facts: Required<Pick<GenerationRecord, "files" | "sealedSha256">>,
  ): Promise<GenerationRecord> {
    const updated = await this.update(generationKey(ref), {
      UpdateExpression: "SET #status = :sealed, #files = :files, #sha = :sha",
      ConditionExpression: "#status = :closed",
      ExpressionAttributeNames: { "#status": "status", "#files": "files", "#sha": "sealedSha256" },
      ExpressionAttributeValues: { ":sealed": "sealed", ":closed": "closed", ":files": facts.files, ":sha": facts.sealedSha256 },
    });
    return updated === undefined ? this.generation(ref) : parseGeneration(updated);
  }

  public async putCompletion(ref: GenerationRef, message: string): Promise<string> {
    const updated = await this.update(generationKey(ref), {
      UpdateExpression: "SET #completion = :message",
      ConditionExpression: "#status = :sealed AND attribute_not_exists(#completion)",
      ExpressionAttributeNames: { "#completion": "completion", "#status": "status" },
      ExpressionAttributeValues: { ":message": message, ":sealed": "sealed" },
    });
    const record = updated === undefined ? await this.generation(ref) : parseGeneration(updated);
    if (record.completion === undefined) {
      throw new Error(
        `generation ${ref.generation} of batch ${ref.batchId} is ${record.status}, so it has no completion yet; seal it first`,
      );
    }
    return record.completion;
  }

  public async markCompletionSent(ref: GenerationRef, at: string): Promise<void> {
    await this.update(generationKey(ref), {
      UpdateExpression: "SET #sent = if_not_exists(#sent, :at)",
      ConditionExpression: "attribute_exists(#completion)",
      ExpressionAttributeNames: { "#sent": "completionSentAt", "#completion": "completion" },
      ExpressionAttributeValues: { ":at": at },
    });
  }

  public async claimChunk(ref: GenerationRef, index: number): Promise<ClaimResult> {
    const updated = await this.update(chunkKey(ref, index), {
      UpdateExpression: `SET ${NEW_ROW}, #claim = if_not_exists(#claim, :zero) + :one, #state = :open`,
      ConditionExpression: "attribute_not_exists(#state) OR #state = :open",
      ExpressionAttributeNames: ROW_NAMES,
      ExpressionAttributeValues: { ...this.newRowValues(index), ":one": 1, ":open": "open" },
    });
    if (updated !== undefined) return { status: "claimed", row: parseChunkRow(updated) };
    const row = await this.chunkRow(ref, index);
    if (row.state === "open") return this.claimChunk(ref, index);
    return { status: row.state, row };
  }

  public async commitGroup(ref: GenerationRef, index: number, claim: number, group: CommitGroup): Promise<"committed" | "fenced"> {
    const updated = await this.update(chunkKey(ref, index), {
      UpdateExpression: `SET #progress = :next, #outcomes = :outcomes, #state = :state, #partials = list_append(#partials, :partial)`,
      ConditionExpression: "#claim = :claim AND #progress = :group AND #state = :open",
      ExpressionAttributeNames: {
        "#progress": "progress",
        "#outcomes": "outcomes",
        "#state": "state",
        "#partials": "partials",
        "#claim": "claim",
      },
      ExpressionAttributeValues: {
        ":next": group.group + 1,
        ":group": group.group,
        ":claim": claim,
        ":outcomes": group.outcomes,
        ":open": "open",
        ":state": group.finishes ? "finished" : "open",
        ":partial": group.partial === undefined ? [] : [group.partial],
      },
    });
    if (updated !== undefined) return "committed";
    return isOwnLostReply(await this.chunkRow(ref, index), claim, group) ? "committed" : "fenced";
  }

  public async closeChunk(ref: GenerationRef, index: number): Promise<ChunkRow> {
    const updated = await this.update(chunkKey(ref, index), {
      UpdateExpression: `SET ${NEW_ROW}, #claim = if_not_exists(#claim, :zero), #state = :closed`,
      ConditionExpression: "attribute_not_exists(#state) OR #state <> :finished",
      ExpressionAttributeNames: ROW_NAMES,
      ExpressionAttributeValues: { ...this.newRowValues(index), ":closed": "closed", ":finished": "finished" },
    });
    return updated === undefined ? this.chunkRow(ref, index) : parseChunkRow(updated);
  }

  public async *chunkRows(ref: GenerationRef, shard: number): AsyncIterable<ChunkRow> {
    for await (const item of this.query(shardPartition(ref, shard))) yield parseChunkRow(item);
  }

  public async putDemand(id: string, demand: { capacity: number; untilEpochSeconds: number }): Promise<void> {
    const item = { ...demandKey(id), capacity: demand.capacity, until: demand.untilEpochSeconds, expiresAt: demand.untilEpochSeconds };
    await this.client.send(new PutCommand({ TableName: this.tableName, Item: item }));
  }

  public async demandedCapacity(nowEpochSeconds: number): Promise<number> {
    let capacity = 0;
    for await (const item of this.query(DEMAND_PARTITION)) {
      const demand = demandRowSchema.parse(item);
      if (demand.until > nowEpochSeconds) capacity = Math.max(capacity, demand.capacity);
    }
    return capacity;
  }

  public async putUploadException(exception: UploadException): Promise<void> {
    const key = uploadExceptionKey(`${exception.bucket}/${exception.key}`);
    await this.client.send(new PutCommand({ TableName: this.tableName, Item: { ...key, ...exception, expiresAt: this.expiresAt() } }));
  }

  public async getUploadException(filename: string): Promise<UploadException | undefined> {
    const item = await this.read(uploadExceptionKey(filename));
    return item === undefined ? undefined : uploadExceptionSchema.parse(item);
  }

  private async generation(ref: GenerationRef): Promise<GenerationRecord> {
    const record = await this.getGeneration(ref);
    if (record === undefined)
      throw new Error(`the ledger has no generation ${ref.generation} of batch ${ref.batchId}; submit the batch first`);
    return record;
  }

  private async chunkRow(ref: GenerationRef, index: number): Promise<ChunkRow> {
    return parseChunkRow(await this.read(chunkKey(ref, index)));
  }

  private newRowValues(index: number): Record<string, unknown> {
    return { ":index": index, ":zero": 0, ":none": "", ":empty": [], ":expiresAt": this.expiresAt() };
  }

  private expiresAt(): number {
    return Math.floor(this.clock.now() / 1_000) + LEDGER_RETENTION_SECONDS;
  }

  private async read(key: LedgerKey): Promise<Record<string, unknown> | undefined> {
    const { Item } = await this.client.send(new GetCommand({ TableName: this.tableName, Key: { ...key }, ConsistentRead: true }));
    return Item;
  }

  private async *query(partition: string): AsyncIterable<Record<string, unknown>> {
    const pages = paginateQuery(
      { client: this.client },
      {
        TableName: this.tableName,
        KeyConditionExpression: "#pk = :pk",
        ExpressionAttributeNames: { "#pk": "pk" },
        ExpressionAttributeValues: { ":pk": partition },
        ConsistentRead: true,
      },
    );
    for await (const page of pages) yield* page.Items ?? [];
  }

  /** @returns the row after the update, or undefined when its condition refused it */
  private async update(key: LedgerKey, input: Omit<UpdateCommandInput, "TableName" | "Key">): Promise<Record<string, unknown> | undefined> {
    try {
      const { Attributes } = await this.client.send(
        new UpdateCommand({ TableName: this.tableName, Key: { ...key }, ReturnValues: "ALL_NEW", ...input }),
      );
      return Attributes;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }
}
