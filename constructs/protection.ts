import { BackupVault } from "@cdktf/provider-aws/lib/backup-vault";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { Aspects, type IAspect } from "cdktf";
import type { Construct, IConstruct } from "constructs";

/** What holds data or messages. */
const STORES = [BackupVault, CloudwatchLogGroup, DynamodbTable, S3Bucket, SqsQueue] as const;

/** Terraform then refuses every plan that would delete a store, or replace it by an empty one, as a changed name would. */
class PreventDestroy implements IAspect {
  public visit(node: IConstruct): void {
    for (const Store of STORES) if (node instanceof Store) node.lifecycle = { ...node.lifecycle, preventDestroy: true };
  }
}

/**
 * Protects every store below `scope` from Terraform. A store that is taken out of the sources may go all the same: that is a decision.
 *
 * @see https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy
 */
export function protectStores(scope: Construct): void {
  Aspects.of(scope).add(new PreventDestroy());
}
