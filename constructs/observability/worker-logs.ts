import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Construct } from "constructs";
import { encryptionKeyOf } from "../encryption/encryption-key";
import type { Grantee } from "../iam/statement";

export interface WorkerLogsProps {
  readonly logGroupName: string;
  readonly retentionDays: number;
}

/** Where workers tell what went wrong: it outlives their hosts. */
export class WorkerLogs extends Construct {
  /** Hosts that start before it is there could not tell. */
  public readonly group: CloudwatchLogGroup;

  public constructor(scope: Construct, id: string, { logGroupName, retentionDays }: WorkerLogsProps) {
    super(scope, id);
    const key = encryptionKeyOf(this);
    this.group = new CloudwatchLogGroup(this, "Resource", {
      name: logGroupName,
      retentionInDays: retentionDays,
      ...(key === undefined ? {} : { kmsKeyId: key.keyArn }),
    });
  }

  public grantWrite(grantee: Grantee): void {
    grantee.addStatement({
      sid: "WriteWorkerLogs",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      // the group itself, for which streams are made, and the streams in it
      resources: [this.group.arn, `${this.group.arn}:*`],
    });
  }
}
