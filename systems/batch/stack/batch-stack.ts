import type { Construct } from "constructs";
import { quotaNeeds } from "../config/quota-needs";
import type { EnvironmentConfig } from "../config/schema";
import { QueueAlarms } from "../../../constructs/observability/queue-alarms";
import { protectStores } from "../../../constructs/protection";
import { SystemStack, type SystemStackProps } from "../../../constructs/system-stack";
import { SYSTEM_NAME } from "../contracts/names";
import type { StackOutputs } from "../contracts/stack-outputs";
import { Data } from "./data";
import { Fleet } from "./fleet";
import { Functions } from "./functions";
import { deployedNames } from "./names";
import { Repairs } from "./repairs";
import { UNRESTRICTED_ACTIONS } from "./unrestricted-actions";
import { Workflow } from "./workflow";

/** An upload should be taken up within minutes even from a fleet at zero. */
const OLDEST_JOB_SECONDS = 900;
/** Chunks of a large batch wait by design: half of what their task waits for. */
const OLDEST_CHUNK_SHARE = 0.5;

/** The batch system: files in, counts out (docs/architecture.md). */
export class BatchStack extends SystemStack<EnvironmentConfig, StackOutputs> {
  public constructor(scope: Construct, { config, buildDirectory }: SystemStackProps<EnvironmentConfig>) {
    super(scope, SYSTEM_NAME, config, UNRESTRICTED_ACTIONS);
    const { accountId, tags } = this;
    if (config.protectData) protectStores(this);
    const names = deployedNames(config);
    const data = new Data(this, "Data", { config, names, accountId });
    const fleet = new Fleet(this, "Fleet", { config, names, data, accountId, buildDirectory, tags });
    const functions = new Functions(this, "Functions", { config, names, data, fleet, buildDirectory });
    const { machine } = new Workflow(this, "Workflow", { config, names, data, functions, accountId, buildDirectory });
    machine.grantAnswer(fleet.template.role);
    new Repairs(this, "Repairs", { config, names, data, machine, fleet, buildDirectory });
    for (const [what, queue, oldestMessageSeconds] of [
      ["jobs", data.jobs, OLDEST_JOB_SECONDS],
      ["chunks", data.chunks, Math.round(config.workflow.fleetTaskTimeoutSeconds * OLDEST_CHUNK_SHARE)],
      ["results", data.results, config.resultsAreRead ? Math.round(config.queues.retentionSeconds * OLDEST_CHUNK_SHARE) : undefined],
    ] as const) {
      new QueueAlarms(this, `Alarms-${what}`, {
        queueName: queue.queueName,
        deadLetterQueueName: queue.deadLetterQueueName,
        ...(oldestMessageSeconds === undefined ? {} : { oldestMessageSeconds }),
        alarmPrefix: names.alarm(what),
        runbookPrefix: names.runbookSection(what),
      });
    }
    this.addOutputs({
      region: config.region,
      uploading_bucket: data.uploading.bucketName,
      processing_bucket: data.processing.bucketName,
      state_bucket: data.state.bucketName,
      source_buckets: [...data.sourceBucketNames],
      jobs_queue_url: data.jobs.queueUrl,
      chunks_queue_url: data.chunks.queueUrl,
      results_queue_url: data.results.queueUrl,
      jobs_dead_letters_url: data.jobs.deadLetterQueueUrl,
      chunks_dead_letters_url: data.chunks.deadLetterQueueUrl,
      results_dead_letters_url: data.results.deadLetterQueueUrl,
      results_table: data.resultTable.tableName,
      ledger_table: data.ledger.tableName,
      state_machine_arn: machine.machineArn,
      worker_log_group: names.workerLogGroup,
      worker_role_arn: fleet.template.role.roleArn,
      configured: quotaNeeds(config),
    });
  }
}
