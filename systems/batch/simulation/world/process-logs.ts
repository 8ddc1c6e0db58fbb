import { isDelivered } from "../../../../kit/lib/delivered-lines";
import type { EventMetrics } from "../../../../kit/lib/event-metrics";
import type { LogEvent } from "../../../../kit/lib/log";
import type { FunctionDescription } from "../../../../kit/function/define-function";
import { BATCH_FUNCTIONS, type LambdaName } from "../../../../lambdas/batch/functions";
import { EVENT_METRICS } from "../../contracts/metrics";
import type { DeployedStack } from "./deployed-stack";

/** A log group, which lines of a process come there, and what they carry. */
export interface ProcessLogs {
  readonly groupName: string;
  readonly takes: (level: Parameters<LogEvent>[0], event: string) => boolean;
  readonly carried: EventMetrics;
}

function metricsOf(code: LambdaName): EventMetrics {
  const descriptions: readonly FunctionDescription<LambdaName>[] = BATCH_FUNCTIONS;
  return descriptions.find(({ name }) => name === code)?.metrics ?? {};
}

/** Lambda's own name for the group. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html */
export const functionLogs = (deployed: DeployedStack, code: LambdaName): ProcessLogs => ({
  groupName: `/aws/lambda/${deployed.functionOfCode(code).name}`,
  takes: () => true,
  carried: metricsOf(code),
});

/** What leaves a worker's host, as kit/aws/delivered-log.ts has it. */
export const workerLogs = (deployed: DeployedStack): ProcessLogs => ({
  groupName: deployed.workerLogGroup,
  takes: (level, event) => isDelivered(level, event) || event in EVENT_METRICS,
  carried: EVENT_METRICS,
});
