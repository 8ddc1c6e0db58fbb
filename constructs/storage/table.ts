import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { encryptionKeyOf } from "../encryption/encryption-key";
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
 * An on-demand table, encrypted, that can be set back to any second of the last 35 days. Where the stack has no key the key is DynamoDB's
 * own and free: the block `server_side_encryption` switches to one in the account's KMS, whose requests cost money.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
export class Table extends Construct {
  public readonly tableName: string;
  public readonly tableArn: string;

  public constructor(scope: Construct, id: string, props: TableProps) {
    super(scope, id);
    const { tableName, partitionKey, sortKey, timeToLiveAttribute, deletionProtection } = props;
    const key = encryptionKeyOf(this);
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
      ...(key === undefined ? {} : { serverSideEncryption: { enabled: true, kmsKeyArn: key.keyArn } }),
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

  /**
   * Copies it into a vault of AWS Backup; `StartAwsBackupJob` where the account has opted in to Backup's own way, `CreateBackup` where not.
   *
   * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
   */
  public grantBackUp(grantee: Grantee): void {
    this.#grant(grantee, "BackUp", [
      "dynamodb:DescribeTable",
      "dynamodb:CreateBackup",
      "dynamodb:StartAwsBackupJob",
      "dynamodb:ListTagsOfResource",
    ]);
    grantee.addStatement({
      sid: `KeepBackups${this.node.id}`,
      actions: ["dynamodb:DescribeBackup", "dynamodb:DeleteBackup"],
      resources: [`${this.tableArn}/backup/*`],
    });
  }

  #grant(grantee: Grantee, verb: string, actions: readonly string[]): void {
    grantee.addStatement({ sid: `${verb}${this.node.id}`, actions, resources: [this.tableArn] });
    grantee.useKey("dynamodb", "read");
  }
}
