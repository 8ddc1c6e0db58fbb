import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { Aspects, LocalBackend, S3Backend, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { quotaNeeds } from "../config/quota-needs";
import type { EnvironmentConfig } from "../config/schema";
import { listUnrestrictedActions } from "../../../constructs/iam/unrestricted-actions";
import { QueueAlarms } from "../../../constructs/observability/queue-alarms";
import { TagEverything } from "../../../constructs/tagging";
import { PROJECT_TAG, stackNameOf, TAG_KEYS } from "../contracts/names";
import type { StackOutputs } from "../contracts/stack-outputs";
import { Data } from "./data";
import { Fleet } from "./fleet";
import { Functions } from "./functions";
import { deployedNames } from "./names";
import { Repairs } from "./repairs";
import { UNRESTRICTED_ACTIONS } from "./unrestricted-actions";
import { Workflow } from "./workflow";

export interface BatchStackProps {
  readonly config: EnvironmentConfig;
  /** Absolute path of dist: the built Lambdas and the worker's archive. */
  readonly buildDirectory: string;
}

/** An upload should be taken up within minutes even from a fleet at zero. */
const OLDEST_JOB_SECONDS = 900;
/** Chunks of a large batch wait by design: half of what their task waits for. */
const OLDEST_CHUNK_SHARE = 0.5;

/** The batch system: files in, counts out (docs/architecture.md). */
export class BatchStack extends TerraformStack {
  public constructor(scope: Construct, { config, buildDirectory }: BatchStackProps) {
    super(scope, stackNameOf(config.name));
    listUnrestrictedActions(this, UNRESTRICTED_ACTIONS);
    const tags = { [TAG_KEYS.project]: PROJECT_TAG, [TAG_KEYS.environment]: config.name, [TAG_KEYS.owner]: config.owner };
    this.#addBackend(config);
    new AwsProvider(this, "aws", { region: config.region, defaultTags: [{ tags }] });
    const accountId = new DataAwsCallerIdentity(this, "account").accountId;
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
    this.#addOutputs({
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
    Aspects.of(this).add(new TagEverything(tags));
  }

  /** Always explicit: cdktf's own choice writes this checkout's absolute path. */
  #addBackend({ backend, name }: EnvironmentConfig): void {
    switch (backend.kind) {
      case "local":
        // from cdktf.out/stacks/<stack>, where Terraform runs, to the project: cdktf.out may be deleted, the state may not
        new LocalBackend(this, { path: `../../../terraform.batch-${name}.tfstate` });
        break;
      case "s3":
        new S3Backend(this, { bucket: backend.bucket, key: backend.key, region: backend.region, encrypt: true });
        // newer than cdktf's class of it: the lock is an object beside the state
        this.addOverride("terraform.backend.s3.use_lockfile", true);
        break;
    }
  }

  #addOutputs(outputs: StackOutputs): void {
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, `output-${name}`, { value }).overrideLogicalId(name);
    }
  }
}
