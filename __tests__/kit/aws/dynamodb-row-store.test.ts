import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { toExpressions } from "../../../kit/aws/dynamodb-expressions";
import { DynamoDbRowStore } from "../../../kit/aws/dynamodb-row-store";
import type { Row, RowCondition } from "../../../kit/ports/row-store";
import { json, jsonError, STUB_CLIENT, StubHandler, type StubAnswer } from "../../support/stub-handler";

// what the rows come to is proven by the contract suite on the emulator; here is what goes over the wire, and AWS's refusals

function storeWith(answer: (body: Record<string, unknown>, index: number) => StubAnswer) {
  const stub = new StubHandler(({ body }, index) => answer(JSON.parse(body) as Record<string, unknown>, index));
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ ...STUB_CLIENT, requestHandler: stub }));
  const sent = (): Record<string, unknown>[] => stub.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  return { store: new DynamoDbRowStore(client, "ledger"), sent };
}

const KEY = { pk: "P", sk: "S" };
const KEY_SENT = { pk: { S: "P" }, sk: { S: "S" } };
const refusal = (name: string, rest: object): StubAnswer =>
  json({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "refused", ...rest }, 400);

describe("expressions", () => {
  test("name every attribute and value by a placeholder", () => {
    const change = { set: { status: "x" }, setIfAbsent: { size: 1 }, add: { claim: 2 }, append: { list: ["y"] }, remove: ["a", "b"] };
    expect(toExpressions(change, { attribute: "status", equals: "open" })).toEqual({
      UpdateExpression:
        "SET #n0 = :v0, #n1 = if_not_exists(#n1, :v1), #n2 = if_not_exists(#n2, :v2) + :v3, #n3 = list_append(if_not_exists(#n3, :v4), :v5) REMOVE #n4, #n5",
      ConditionExpression: "#n0 = :v6",
      ExpressionAttributeNames: { "#n0": "status", "#n1": "size", "#n2": "claim", "#n3": "list", "#n4": "a", "#n5": "b" },
      ExpressionAttributeValues: { ":v0": "x", ":v1": 1, ":v2": 0, ":v3": 2, ":v4": [], ":v5": ["y"], ":v6": "open" },
    });
  });

  test("are left out where there is nothing to say", () => {
    expect(toExpressions({}, undefined)).toEqual({});
    expect(toExpressions({ remove: ["a"] }, { attribute: "a", is: "present" })).toEqual({
      UpdateExpression: "REMOVE #n0",
      ConditionExpression: "attribute_exists(#n0)",
      ExpressionAttributeNames: { "#n0": "a" },
    });
  });

  const a: RowCondition = { attribute: "a", is: "absent" };
  const b: RowCondition = { attribute: "b", differsFrom: 1 };
  test.each<[RowCondition, string]>([
    // DynamoDB's `<>` alone is true of an absent attribute
    [b, "attribute_exists(#n0) AND #n0 <> :v0"],
    [{ all: [a, a] }, "attribute_not_exists(#n0) AND attribute_not_exists(#n0)"],
    [{ any: [a, b] }, "attribute_not_exists(#n0) OR (attribute_exists(#n1) AND #n1 <> :v0)"],
    [{ all: [a, { any: [a, a] }] }, "attribute_not_exists(#n0) AND (attribute_not_exists(#n0) OR attribute_not_exists(#n0))"],
    // DynamoDB refuses redundant parentheses
    [{ all: [{ any: [{ all: [a] }] }] }, "attribute_not_exists(#n0)"],
  ])("%j has the parentheses it needs and no others", (condition, expected) => {
    expect(toExpressions({}, condition).ConditionExpression).toBe(expected);
  });
});

describe("update", () => {
  test("asks for the row after it, or for the one that refuses it", async () => {
    const { sent, store } = storeWith((_, index) =>
      index === 0
        ? json({ Attributes: { ...KEY_SENT, claim: { N: "2" } } })
        : refusal("ConditionalCheckFailedException", index === 1 ? { Item: { ...KEY_SENT, list: { L: [{ N: "3" }] } } } : {}),
    );
    const update = () => store.update(KEY, { add: { claim: 1 } }, { attribute: "claim", equals: 1 });
    expect(await update()).toEqual({ status: "changed", row: { ...KEY, claim: 2 } });
    expect(await update()).toEqual({ status: "refused", row: { ...KEY, list: [3] } });
    expect(await update()).toEqual({ status: "refused", row: undefined });
    expect(sent()[0]).toEqual({
      TableName: "ledger",
      Key: KEY_SENT,
      UpdateExpression: "SET #n0 = if_not_exists(#n0, :v0) + :v1",
      ConditionExpression: "#n0 = :v2",
      ExpressionAttributeNames: { "#n0": "claim" },
      ExpressionAttributeValues: { ":v0": { N: "0" }, ":v1": { N: "1" }, ":v2": { N: "1" } },
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    expect(sent()).toHaveLength(3);
  });

  test("throws any other failure", async () => {
    const { store } = storeWith(() => jsonError("com.amazon.coral.service#AccessDeniedException", "dynamodb:UpdateItem"));
    await expect(store.update(KEY, {})).rejects.toThrow("dynamodb:UpdateItem");
  });
});

test("reads are consistent", async () => {
  const { sent, store } = storeWith((_, index) => (index === 0 ? json({}) : json({ Items: [KEY_SENT] })));
  expect(await store.get(KEY)).toBeUndefined();
  for await (const row of store.query("P", { descending: true, limit: 3 })) expect(row).toEqual(KEY);
  expect(sent()).toEqual([
    { TableName: "ledger", Key: KEY_SENT, ConsistentRead: true },
    {
      TableName: "ledger",
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: "P" } },
      ConsistentRead: true,
      ScanIndexForward: false,
      Limit: 3,
    },
  ]);
});

test("a query goes on after a page that ended early, and stops at its limit", async () => {
  const item = (sk: string): object => ({ pk: { S: "P" }, sk: { S: sk } });
  const { sent, store } = storeWith((_, index) =>
    json({ Items: [item(`${index}a`), item(`${index}b`)], LastEvaluatedKey: item(`${index}b`) }),
  );
  const found: Row[] = [];
  for await (const row of store.query("P", { limit: 3 })) found.push(row);
  expect(found.map(({ sk }) => sk)).toEqual(["0a", "0b", "1a"]);
  expect(sent()[1]).toMatchObject({ ExclusiveStartKey: item("0b") });
  expect(sent()).toHaveLength(2);
});

describe("createAll", () => {
  const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ key: { pk: "P", sk: `${index}` }, row: { index } }));
  const put = (index: number) => ({
    TableName: "ledger",
    Item: { pk: { S: "P" }, sk: { S: `${index}` }, index: { N: `${index}` } },
    ConditionExpression: "attribute_not_exists(pk)",
  });

  test("puts one row, and several in a transaction with a token for its repetition", async () => {
    const { sent, store } = storeWith(() => json({}));
    expect(await store.createAll(rowsOf(1))).toBe(true);
    expect(await store.createAll(rowsOf(2))).toBe(true);
    expect(await store.createAll([])).toBe(true);
    expect(sent()).toEqual([
      put(0),
      { TransactItems: [{ Put: put(0) }, { Put: put(1) }], ClientRequestToken: expect.stringMatching(/./) as string },
    ]);
  });

  test("is false when a row exists", async () => {
    const cancelled = { CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed" }] };
    const { store } = storeWith((_, index) =>
      index === 0 ? refusal("ConditionalCheckFailedException", {}) : refusal("TransactionCanceledException", cancelled),
    );
    expect(await store.createAll(rowsOf(1))).toBe(false);
    expect(await store.createAll(rowsOf(2))).toBe(false);
  });

  test.each(["TransactionConflict", "ThrottlingError"])(
    "throws when it was cancelled by %s: nobody knows whether they exist",
    async (Code) => {
      const { store } = storeWith(() => refusal("TransactionCanceledException", { CancellationReasons: [{ Code: "None" }, { Code }] }));
      await expect(store.createAll(rowsOf(2))).rejects.toMatchObject({ name: "TransactionCanceledException" });
    },
  );

  test("throws any other failure", async () => {
    const { store } = storeWith(() => jsonError("com.amazon.coral.service#AccessDeniedException", "dynamodb:PutItem"));
    await expect(store.createAll(rowsOf(1))).rejects.toThrow("dynamodb:PutItem");
  });
});
