import path from "node:path";
import { Construct } from "constructs";
import type { z } from "zod";
import type { EnvironmentConfig } from "../config/schema";
import { NodeFunction } from "../../../constructs/functions/node-function";
import { grantReadOf } from "../../../constructs/storage/private-bucket";
import { NEXT_RUN_REPAIRS, type AsynchronousEvents } from "../../../kit/function/asynchronous-events";
import { BATCHES_PREFIX } from "../contracts/state-keys";
import type { LambdaName } from "../contracts/names";
import type { EnvironmentOf } from "../../../kit/lib/env";
import { orchestrateEnv } from "../../../lambdas/batch/orchestrate/env";
import { planEnv } from "../../../lambdas/batch/plan/env";
import { processChunkEnv } from "../../../lambdas/batch/process-chunk/env";
import { reduceEnv } from "../../../lambdas/batch/reduce/env";
import { reportEnv } from "../../../lambdas/batch/report/env";
import { sealEnv } from "../../../lambdas/batch/seal/env";
import type { Data } from "./data";
import type { DeployedNames } from "./names";

export interface FunctionsProps {
  readonly config: EnvironmentConfig;
  readonly names: DeployedNames;
  readonly data: Data;
  /** Holds lambdas/batch/<name>.zip. */
  readonly buildDirectory: string;
}

export type FunctionDescription<S extends z.ZodObject> = {
  readonly name: LambdaName;
  readonly description: string;
  readonly schema: S;
  readonly environment: EnvironmentOf<S>;
  readonly reservedConcurrency?: number;
  readonly asynchronousEvents?: AsynchronousEvents;
};

/** One of the project's Lambdas, with what the environment says of its size. */
export function makeFunction<S extends z.ZodObject>(
  scope: Construct,
  id: string,
  { config, names, buildDirectory }: Pick<FunctionsProps, "config" | "names" | "buildDirectory">,
  { name, ...description }: FunctionDescription<S>,
): NodeFunction<S> {
  return new NodeFunction(scope, id, {
    ...config.functions[name],
    ...description,
    functionName: names.lambda(name),
    zipFile: path.join(buildDirectory, "lambdas", "batch", `${name}.zip`),
    logRetentionDays: config.logRetentionDays,
  });
}

/** The Lambdas that the machine calls, and the orchestrator; each with just the permissions of the calls it makes. */
export class Functions extends Construct {
  public readonly plan: NodeFunction<typeof planEnv>;
  public readonly processChunk: NodeFunction<typeof processChunkEnv>;
  public readonly seal: NodeFunction<typeof sealEnv>;
  public readonly reduce: NodeFunction<typeof reduceEnv>;
  public readonly report: NodeFunction<typeof reportEnv>;
  public readonly orchestrate: NodeFunction<typeof orchestrateEnv>;

  public constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.orchestrate = this.#makeOrchestrate(props);
    this.plan = this.#makePlan(props);
    this.processChunk = this.#makeProcessChunk(props);
    this.seal = this.#makeSeal(props);
    this.reduce = this.#makeReduce(props);
    this.report = this.#makeReport(props);
  }

  #makeOrchestrate(props: FunctionsProps): NodeFunction<typeof orchestrateEnv> {
    const { config, names, data } = props;
    const lambda = makeFunction(this, "Orchestrate", props, {
      name: "orchestrate",
      description: "Raises the fleet's capacity to what queues and plans ask for",
      schema: orchestrateEnv,
      asynchronousEvents: NEXT_RUN_REPAIRS,
      environment: {
        LEDGER_TABLE_NAME: data.ledger.tableName,
        JOBS_QUEUE_URL: data.jobs.queueUrl,
        CHUNKS_QUEUE_URL: data.chunks.queueUrl,
        AUTO_SCALING_GROUP_NAME: names.group,
        JOBS_PER_WORKER: String(config.planning.jobsPerWorker),
        SLOTS_PER_WORKER: String(config.fleet.slotsPerWorker),
      },
    });
    data.jobs.grantReadDepth(lambda.role);
    // before it wakes a fleet it looks whether all that waits is S3's test event
    data.jobs.grantConsume(lambda.role);
    data.chunks.grantReadDepth(lambda.role);
    data.ledger.grantQuery(lambda.role);
    data.ledger.grantRead(lambda.role);
    return lambda;
  }

  #makePlan(props: FunctionsProps): NodeFunction<typeof planEnv> {
    const { config, data } = props;
    const { planning, workflow, functions, fleet } = config;
    const lambda = makeFunction(this, "Plan", props, {
      name: "plan",
      description: "Freezes a batch's manifest, packs chunks, proves the plan against the limits, chooses the route",
      schema: planEnv,
      environment: {
        LEDGER_TABLE_NAME: data.ledger.tableName,
        STATE_BUCKET_NAME: data.state.bucketName,
        SOURCE_BUCKET_NAMES: data.sourceBucketNames.join(","),
        ORCHESTRATE_FUNCTION_NAME: this.orchestrate.functionName,
        TARGET_CHUNK_BYTES: String(planning.targetChunkBytes),
        MAXIMUM_FILES_PER_CHUNK: String(planning.maximumFilesPerChunk),
        FILE_OVERHEAD_BYTES: String(planning.fileOverheadBytes),
        SPLIT_BYTES: String(planning.splitBytes),
        MAXIMUM_FILES: String(planning.maximumFiles),
        FLEET_CONCURRENCY: String(workflow.fleetConcurrency),
        LAMBDA_CONCURRENCY: String(workflow.lambdaConcurrency),
        FLEET_TASK_TIMEOUT_SECONDS: String(workflow.fleetTaskTimeoutSeconds),
        LAMBDA_TIMEOUT_SECONDS: String(functions["process-chunk"].timeoutSeconds),
        BYTES_PER_SLOT_SECOND: String(planning.bytesPerSlotSecond),
        SLOTS_PER_WORKER: String(fleet.slotsPerWorker),
        MAXIMUM_WORKERS: String(fleet.maximumInstances),
        MAXIMUM_OPEN_BATCHES: String(workflow.maximumOpenBatches),
      },
    });
    grantLedgerReadWrite(data, lambda);
    data.ledger.grantPut(lambda.role);
    // a resume reads what earlier generations left
    data.state.grantReadObjects(lambda.role, BATCHES_PREFIX);
    data.state.grantList(lambda.role);
    data.state.grantWriteObjects(lambda.role, BATCHES_PREFIX);
    grantReadOf(lambda.role, "Sources", data.sourceBucketNames);
    this.orchestrate.grantInvoke(lambda.role);
    return lambda;
  }

  #makeProcessChunk(props: FunctionsProps): NodeFunction<typeof processChunkEnv> {
    const { config, data } = props;
    const { reservedLambdaConcurrency: reserved } = config.workflow;
    const lambda = makeFunction(this, "ProcessChunk", props, {
      name: "process-chunk",
      description: "Works on one chunk of the Lambda route",
      schema: processChunkEnv,
      ...(reserved === undefined ? {} : { reservedConcurrency: reserved }),
      environment: {
        ...reduceVariables(config, data),
        DECOMPRESSION_LIMIT_MIB: String(config.work.decompressionLimitMebibytes),
      },
    });
    grantLedgerReadWrite(data, lambda);
    // files that failed are counted over a batch's chunks
    data.ledger.grantQuery(lambda.role);
    data.resultTable.grantPut(lambda.role);
    data.state.grantReadObjects(lambda.role, BATCHES_PREFIX);
    data.state.grantList(lambda.role);
    data.state.grantWriteObjects(lambda.role, BATCHES_PREFIX);
    grantReadOf(lambda.role, "Sources", data.sourceBucketNames);
    data.results.grantSend(lambda.role);
    return lambda;
  }

  #makeSeal(props: FunctionsProps): NodeFunction<typeof sealEnv> {
    const { data } = props;
    const lambda = makeFunction(this, "Seal", props, {
      name: "seal",
      description: "Closes a generation and settles the state of each of its files",
      schema: sealEnv,
      environment: { LEDGER_TABLE_NAME: data.ledger.tableName, STATE_BUCKET_NAME: data.state.bucketName },
    });
    grantLedgerReadWrite(data, lambda);
    data.ledger.grantQuery(lambda.role);
    data.state.grantReadObjects(lambda.role, BATCHES_PREFIX);
    data.state.grantList(lambda.role);
    data.state.grantWriteObjects(lambda.role, BATCHES_PREFIX);
    return lambda;
  }

  #makeReduce(props: FunctionsProps): NodeFunction<typeof reduceEnv> {
    const { config, data } = props;
    const lambda = makeFunction(this, "Reduce", props, {
      name: "reduce",
      description: "Merges a sealed generation's partials into its result",
      schema: reduceEnv,
      environment: reduceVariables(config, data),
    });
    data.ledger.grantRead(lambda.role);
    data.ledger.grantQuery(lambda.role);
    data.resultTable.grantPut(lambda.role);
    data.state.grantReadObjects(lambda.role, BATCHES_PREFIX);
    data.state.grantList(lambda.role);
    data.state.grantWriteObjects(lambda.role, BATCHES_PREFIX);
    data.results.grantSend(lambda.role);
    return lambda;
  }

  #makeReport(props: FunctionsProps): NodeFunction<typeof reportEnv> {
    const { data } = props;
    const lambda = makeFunction(this, "Report", props, {
      name: "report",
      description: "Sends a generation's completion message",
      schema: reportEnv,
      environment: {
        LEDGER_TABLE_NAME: data.ledger.tableName,
        STATE_BUCKET_NAME: data.state.bucketName,
        RESULTS_QUEUE_URL: data.results.queueUrl,
      },
    });
    grantLedgerReadWrite(data, lambda);
    data.state.grantReadObjects(lambda.role, BATCHES_PREFIX);
    data.state.grantList(lambda.role);
    data.results.grantSend(lambda.role);
    return lambda;
  }
}

const reduceVariables = (config: EnvironmentConfig, data: Data) => ({
  LEDGER_TABLE_NAME: data.ledger.tableName,
  RESULT_TABLE_NAME: data.resultTable.tableName,
  STATE_BUCKET_NAME: data.state.bucketName,
  RESULTS_QUEUE_URL: data.results.queueUrl,
  COUNTER_MEMORY_MIB: String(config.work.functionCounterMemoryMebibytes),
});

function grantLedgerReadWrite({ ledger }: Data, { role }: NodeFunction<z.ZodObject>): void {
  ledger.grantRead(role);
  ledger.grantUpdate(role);
}
