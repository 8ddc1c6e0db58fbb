import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { BatchGetCommand, PutCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { forEachConcurrently } from "../../../kit/lib/for-each-concurrently";
import type { Clock } from "../../../kit/ports/clock";
import type { FileItem, ResultStore } from "../ports/result-store";
import { fromResultItem, resultKey, toResultItem } from "./dynamodb-result-items";
import { groupsOf } from "../../../kit/aws/sqs-groups";

/** A partition key takes 1,000 writes a second and a new table 4,000; 32 puts of about 10 ms under way are 3,200 a second. */
const PUTS_AT_A_TIME = 32;
/** Items of one BatchGetItem. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MAXIMUM_KEYS = 100;
const UNPROCESSED_ATTEMPTS = 8;
/** First pause in milliseconds before unprocessed keys are asked for again; doubles. */
const UNPROCESSED_RETRY_MILLISECONDS = 50;

/** The table `wordfreq` (requirement S1.33), key `Filename`. */
export class DynamoDbResultStore implements ResultStore {
  public constructor(
    private readonly client: DynamoDBDocumentClient,
    private readonly tableName: string,
    private readonly clock: Clock,
  ) {}

  public async put(items: readonly FileItem[]): Promise<("stored" | "outdated")[]> {
    const results = new Array<"stored" | "outdated">(items.length);
    await forEachConcurrently(items.entries(), PUTS_AT_A_TIME, async ([index, item]) => {
      results[index] = await this.putOne(item);
    });
    return results;
  }

  public async get(filenames: readonly string[]): Promise<FileItem[]> {
    const items: FileItem[] = [];
    // BatchGetItem refuses a key that is named twice
    for (const group of groupsOf([...new Set(filenames)], MAXIMUM_KEYS)) items.push(...(await this.getGroup(group)));
    return items;
  }

  private async putOne(item: FileItem): Promise<"stored" | "outdated"> {
    const stored = toResultItem(item);
    try {
      await this.client.send(
        new PutCommand({
          TableName: this.tableName,
          Item: Object.fromEntries(Object.entries(stored).map(([name, value]) => [name, asMaps(value)])),
          ConditionExpression: "attribute_not_exists(#filename) OR #version <= :version",
          ExpressionAttributeNames: { "#filename": "Filename", "#version": "Version" },
          ExpressionAttributeValues: { ":version": stored.Version },
        }),
      );
      return "stored";
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return "outdated";
      throw error;
    }
  }

  private async getGroup(filenames: readonly string[]): Promise<FileItem[]> {
    const items: FileItem[] = [];
    let keys: Record<string, unknown>[] = filenames.map(resultKey);
    for (let attempt = 1; ; attempt += 1) {
      const { Responses = {}, UnprocessedKeys = {} } = await this.client.send(
        new BatchGetCommand({ RequestItems: { [this.tableName]: { Keys: keys, ConsistentRead: true } } }),
      );
      items.push(...(Responses[this.tableName] ?? []).map(fromResultItem));
      keys = UnprocessedKeys[this.tableName]?.Keys ?? [];
      if (keys.length === 0) return items;
      if (attempt === UNPROCESSED_ATTEMPTS) {
        throw new Error(
          `BatchGetItem left ${keys.length} of ${filenames.length} keys of table ${this.tableName} unprocessed ${attempt} times; the table is throttled`,
        );
      }
      await this.clock.sleep(UNPROCESSED_RETRY_MILLISECONDS * 2 ** (attempt - 1));
    }
  }
}

/** Objects as Maps: the SDK takes one with a key "constructor" for an instance of some class and refuses it. */
function asMaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asMaps);
  if (typeof value !== "object" || value === null) return value;
  return new Map(Object.entries(value).map(([key, inner]) => [key, asMaps(inner)]));
}
