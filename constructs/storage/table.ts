import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import type { Grantee } from "../iam/statement";

/** The whole window that DynamoDB offers, as required (S1.107); a shorter one costs the same. */
const RECOVERY_PERIOD_DAYS = 35;

export interface TableProps {
  readonly tableName: string;
  /** Names of text attributes. */
  readonly partitionKey: string;
  /** @default none - one item per partition key */
  readonly sortKey?: string;
  /** Attribute with the second (Unix time) after which an item may go. @default none - items stay */
  readonly timeToLiveAttribute?: string;
  readonly deletionProtection: boolean;
}

/**
 * An on-demand table, encrypted, that can be set back to any second of the last 35 days. The key is DynamoDB's own and free: the block
 * `server_side_encryption` would switch to a key in the account's KMS, whose requests cost money and which every call would depend on.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
export class Table extends Construct {
  public readonly tableName: string;
  public readonly tableArn: string;

  public constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    const { tableName, partitionKey, sortKey, timeToLiveAttribute, deletionProtection } = props;
    const table = new DynamodbTable(this, "Resource", {
      name: tableName,
      // load comes in bursts with nothing between: paying per request needs no capacity to be guessed
      billingMode: "PAY_PER_REQUEST",
      hashKey: partitionKey,
      attribute: [{ name: partitionKey, type: "S" }, ...(sortKey === undefined ? [] : [{ name: sortKey, type: "S" }])],
      ...(sortKey === undefined ? {} : { rangeKey: sortKey }),
      ...(timeToLiveAttribute === undefined ? {} : { ttl: { enabled: true, attributeName: timeToLiveAttribute } }),
      pointInTimeRecovery: { enabled: true, recoveryPeriodInDays: RECOVERY_PERIOD_DAYS },
      deletionProtectionEnabled: deletionProtection,
    });
    this.tableName = table.name;
    this.tableArn = table.arn;
  }

  public grantRead(grantee: Grantee): void {
    this.#grant(grantee, "Get", ["dynamodb:GetItem"]);
  }

  /** Many items by their keys, in one call. */
  public grantReadMany(grantee: Grantee): void {
    this.#grant(grantee, "GetMany", ["dynamodb:BatchGetItem"]);
  }

  public grantQuery(grantee: Grantee): void {
    this.#grant(grantee, "Query", ["dynamodb:Query"]);
  }

  public grantPut(grantee: Grantee): void {
    this.#grant(grantee, "Put", ["dynamodb:PutItem"]);
  }

  public grantUpdate(grantee: Grantee): void {
    this.#grant(grantee, "Update", ["dynamodb:UpdateItem"]);
  }

  #grant(grantee: Grantee, verb: string, actions: readonly string[]): void {
    grantee.addStatement({ sid: `${verb}${this.node.id}`, actions, resources: [this.tableArn] });
  }
}
