import type { Construct } from "constructs";
import { quotaNeeds } from "../config/quota-needs";
import type { EnvironmentConfig } from "../config/schema";
import { protectStores } from "../../../constructs/protection";
import { SystemStack, type SystemStackProps } from "../../../constructs/system-stack";
import { SYSTEM_NAME } from "../contracts/names";
import type { StackOutputs } from "../contracts/stack-outputs";
import { Data } from "./data";
import { Fleet } from "./fleet";
import { Functions } from "./functions";
import { Ingest } from "./ingest";
import { deployedNames } from "./names";
import { addAlertRoutes, addQueueAlarms, Observability } from "./observability";
import { Repairs } from "./repairs";
import { UNRESTRICTED_ACTIONS } from "./unrestricted-actions";
import { Workflow } from "./workflow";

/** The batch system: files in, counts out (docs/architecture.md). */
export class BatchStack extends SystemStack<EnvironmentConfig, StackOutputs> {
  public constructor(scope: Construct, { config, buildDirectory }: SystemStackProps<EnvironmentConfig>) {
    super(scope, SYSTEM_NAME, config, UNRESTRICTED_ACTIONS);
    const { accountId, tags } = this;
    if (config.protectData) protectStores(this);
    const names = deployedNames(config);
    const data = new Data(this, "Data", { config, names, accountId });
    const ingest = new Ingest(this, "Ingest", { config, names, data, accountId, buildDirectory });
    const fleet = new Fleet(this, "Fleet", { config, names, data, accountId, buildDirectory, tags });
    const functions = new Functions(this, "Functions", { config, names, data, fleet, buildDirectory });
    const workflow = new Workflow(this, "Workflow", { config, names, data, functions, accountId, buildDirectory });
    const { machine } = workflow;
    machine.grantAnswer(fleet.template.role);
    const topics = addAlertRoutes(this, { accountId, config, names });
    const repairs = new Repairs(this, "Repairs", { config, names, data, machine, fleet, ingest, buildDirectory, topics });
    addQueueAlarms(this, { config, data, names }, topics);
    if (topics !== undefined)
      new Observability(this, "Observability", {
        config,
        names,
        data,
        fleet,
        functions,
        ingest,
        workflow,
        repairs,
        topics,
        stackName: this.node.id,
      });
    this.addOutputs({
      region: config.region,
      uploading_bucket: data.uploading.bucketName,
      processing_bucket: data.processing.bucketName,
      state_bucket: data.state.bucketName,
      source_buckets: [...data.sourceBucketNames],
      jobs_queue_url: data.jobs.queueUrl,
      chunks_queue_url: data.chunks.queueUrl,
      ...(data.onDemandChunks === undefined ? {} : { on_demand_chunks_queue_url: data.onDemandChunks.queueUrl }),
      results_queue_url: data.results.queueUrl,
      jobs_dead_letters_url: data.jobs.deadLetterQueueUrl,
      chunks_dead_letters_url: data.chunks.deadLetterQueueUrl,
      results_dead_letters_url: data.results.deadLetterQueueUrl,
      results_table: data.resultTable.tableName,
      ledger_table: data.ledger.tableName,
      state_machine_arn: machine.machineArn,
      worker_log_group: names.workerLogGroup,
      worker_role_arn: fleet.template.role.roleArn,
      auto_scaling_group: fleet.group.groupName,
      ingest: config.ingest,
      configured: quotaNeeds(config),
    });
  }
}
