import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  GetCommand,
  paginateQuery,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
  type DynamoDBDocumentClient,
} from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Row, RowChange, RowCondition, RowKey, RowQuery, RowStore, RowUpdateResult } from "../ports/row-store";
import { toExpressions } from "./dynamodb-expressions";

const KEY_ABSENT = "attribute_not_exists(pk)";

/**
 * Rows in one DynamoDB table with the text keys `pk` and `sk`. It knows no rule of the ledger.
 *
 * The SDK repeats a call whose reply was lost. An update that was carried out is then refused with the row it left itself, and a single
 * row that was created "exists": the rules of `systems/batch/core/ledger` expect both. A transaction carries a token, by which DynamoDB
 * tells a repetition. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export class DynamoDbRowStore implements RowStore {
  public constructor(
    private readonly client: DynamoDBDocumentClient,
    private readonly tableName: string,
  ) {}

  public async get({ pk, sk }: RowKey): Promise<Row | undefined> {
    const { Item } = await this.client.send(new GetCommand({ TableName: this.tableName, Key: { pk, sk }, ConsistentRead: true }));
    return Item;
  }

  public async update({ pk, sk }: RowKey, change: RowChange, condition?: RowCondition): Promise<RowUpdateResult> {
    try {
      const { Attributes = {} } = await this.client.send(
        new UpdateCommand({
          TableName: this.tableName,
          Key: { pk, sk },
          ...toExpressions(change, condition),
          ReturnValues: "ALL_NEW",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return { status: "changed", row: Attributes };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // the document client translates answers only, so the row in an error is in DynamoDB's own notation; an absent row gives none
      return { status: "refused", row: error.Item === undefined ? undefined : unmarshall(error.Item) };
    }
  }

  public async put({ pk, sk }: RowKey, row: Row): Promise<void> {
    await this.client.send(new PutCommand({ TableName: this.tableName, Item: { ...row, pk, sk } }));
  }

  public async createAll(rows: readonly { readonly key: RowKey; readonly row: Row }[]): Promise<boolean> {
    const puts = rows.map(({ key: { pk, sk }, row }) => ({
      TableName: this.tableName,
      Item: { ...row, pk, sk },
      ConditionExpression: KEY_ABSENT,
    }));
    const [first, ...others] = puts;
    if (first === undefined) return true;
    try {
      // a transaction costs twice the writes
      if (others.length === 0) await this.client.send(new PutCommand(first));
      else await this.client.send(new TransactWriteCommand({ TransactItems: puts.map((Put) => ({ Put })) }));
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    }
  }

  public async *query(pk: string, { descending = false, limit }: RowQuery = {}): AsyncIterable<Row> {
    if (limit === 0) return;
    const pages = paginateQuery(
      { client: this.client },
      {
        TableName: this.tableName,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": pk },
        ConsistentRead: true,
        ScanIndexForward: !descending,
        ...(limit === undefined ? {} : { Limit: limit }),
      },
    );
    let given = 0;
    for await (const { Items = [] } of pages) {
      for (const row of Items) {
        yield row;
        given += 1;
        // a page is at most `limit` rows, yet it may end before, at 1 MB
        if (given === limit) return;
      }
    }
  }
}

/** Any other reason to cancel, such as a transaction on the same rows at the same time, is no answer to whether they exist. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException ||
  (error instanceof TransactionCanceledException &&
    (error.CancellationReasons ?? []).some(({ Code }) => Code === "ConditionalCheckFailed"));
