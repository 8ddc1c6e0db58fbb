import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import type { Construct } from "constructs";
import type { LogBucket } from "../storage/log-bucket";

/**
 * Who talked to whom in a VPC, ten minutes in a line: into the log bucket, at half of what CloudWatch takes ($0.25/GB), and nothing where
 * no instance runs.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html
 */
export function addFlowLogs(
  scope: Construct,
  { networkName, vpcId, logs }: { readonly networkName: string; readonly vpcId: string; readonly logs: LogBucket },
): void {
  new FlowLog(scope, "FlowLogs", {
    vpcId,
    trafficType: "ALL",
    logDestinationType: "s3",
    logDestination: logs.acceptFlowLogs(),
    tags: { Name: networkName },
  });
}
