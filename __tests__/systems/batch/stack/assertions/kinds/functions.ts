import { expect } from "expect";
import type { EnvironmentConfig } from "../../../../../../systems/batch/config/schema";
import { LAMBDA_NAMES, type LambdaName } from "../../../../../../lambdas/batch/functions";
import { ELSEWHERE, WORDS, type Expected, type Reference } from "./expected";
import { keptWhere } from "./hardening";

const PLACES: Readonly<Record<LambdaName, string>> = {
  plan: "Functions/Plan",
  "process-chunk": "Functions/ProcessChunk",
  "process-upload": "Ingest/ProcessUpload",
  seal: "Functions/Seal",
  "merge-range": "Functions/MergeRange",
  reduce: "Functions/Reduce",
  report: "Functions/Report",
  orchestrate: "Functions/Orchestrate",
  finish: "Workflow/Finish",
  reconcile: "Repairs/Reconcile",
  "spot-notices": "Repairs/SpotNotices",
};

/** Those of the functions that the environment has. */
export const deployedFunctions = ({ ingest }: Pick<EnvironmentConfig, "ingest">): readonly LambdaName[] =>
  LAMBDA_NAMES.filter((name) => name !== "process-upload" || ingest === "lambda");

/** Lambdas with roles and logs, the state machine, and policies of queues and endpoints. */
export function expectedFunctions(config: EnvironmentConfig, ref: Reference): Expected {
  const lambdas = deployedFunctions(config).map((name) => [name, PLACES[name]] as const);
  const variables = variablesOf(config, ref);
  const trust = (service: string, extra: object = {}) => ({
    Version: "2012-10-17",
    Statement: [{ Sid: "Assume", Effect: "Allow", Principal: { Service: service }, Action: ["sts:AssumeRole"], ...extra }],
  });
  const account = "${data.aws_caller_identity.account.account_id}";
  const kept = keptWhere(config);
  const waiting = config.fleet.onDemandRescue === undefined ? [] : ["Data/OnDemandChunks"];
  const backUp = config.backupDays === undefined ? [] : ["Data/Backups"];
  const roles = [...lambdas.map(([, at]) => at), "Workflow/Machine", "Fleet/Template", ...backUp];
  const named = (name: string): string => `${config.namePrefix}wordfreq-${name}`;
  const { reservedLambdaConcurrency: reserved } = config.workflow;
  const role = (name: string, trusted: object) => ({ name, description: WORDS, assume_role_policy: trusted });
  return {
    aws_lambda_function: Object.fromEntries(
      lambdas.map(([name, at]) => {
        const { memoryMebibytes, timeoutSeconds, ephemeralStorageMebibytes } = config.functions[name];
        return [
          at,
          {
            function_name: named(name),
            description: WORDS,
            role: ref("aws_iam_role", `${at}/Role`, "arn"),
            runtime: "nodejs24.x",
            architectures: ["arm64"],
            handler: "index.handler",
            filename: expect.stringMatching(new RegExp(`^assets/\\w+/\\w+/${name}\\.zip$`)),
            source_code_hash: ELSEWHERE,
            memory_size: memoryMebibytes,
            timeout: timeoutSeconds,
            ephemeral_storage: { size: ephemeralStorageMebibytes },
            ...(name === "process-chunk" && reserved !== undefined ? { reserved_concurrent_executions: reserved } : {}),
            environment: { variables: variables[name] },
            depends_on: [ref("aws_cloudwatch_log_group", `${at}/Logs`, ""), ref("aws_iam_role_policy", `${at}/Role/Policy`, "")],
          },
        ];
      }),
    ),
    aws_cloudwatch_log_group: {
      ...Object.fromEntries(
        lambdas.map(([name, at]) => [
          `${at}/Logs`,
          { name: `/aws/lambda/${named(name)}`, retention_in_days: config.logRetentionDays, ...kept },
        ]),
      ),
      "Fleet/Logs": { name: `/filemill/${named("worker")}`, retention_in_days: config.logRetentionDays, ...kept },
    },
    aws_iam_role: {
      ...Object.fromEntries(lambdas.map(([name, at]) => [`${at}/Role`, role(`${named(name)}-lambda`, trust("lambda.amazonaws.com"))])),
      "Workflow/Machine/Role": role(
        named("batch-machine"),
        trust("states.amazonaws.com", { Condition: { StringEquals: { "aws:SourceAccount": account } } }),
      ),
      "Fleet/Template/Role": role(named("worker"), trust("ec2.amazonaws.com")),
      ...Object.fromEntries(
        backUp.map((at) => [
          `${at}/Role`,
          role(named("backups"), trust("backup.amazonaws.com", { Condition: { StringEquals: { "aws:SourceAccount": account } } })),
        ]),
      ),
    },
    aws_iam_role_policy: Object.fromEntries(
      roles.map((at) => [`${at}/Role/Policy`, { name: "grants", role: ref("aws_iam_role", `${at}/Role`, "name"), policy: ELSEWHERE }]),
    ),
    aws_sfn_state_machine: {
      "Workflow/Machine": {
        name: named("batch"),
        type: "STANDARD",
        role_arn: ref("aws_iam_role", "Workflow/Machine/Role", "arn"),
        definition: ELSEWHERE,
        logging_configuration: { level: "OFF", include_execution_data: false },
        depends_on: [ref("aws_iam_role_policy", "Workflow/Machine/Role/Policy", "")],
      },
    },
    aws_sqs_queue_policy: Object.fromEntries(
      ["Data/Jobs", "Data/Chunks", "Data/Results"]
        .flatMap((at) => [
          [`${at}/Policy`, at],
          [`${at}/DeadLettersPolicy`, `${at}/DeadLetters`],
        ])
        .concat(waiting.map((at) => [`${at}/Policy`, at]))
        .map(([place = "", at = ""]) => [
          place,
          { queue_url: ref("aws_sqs_queue", at, "url"), policy: queuePolicy(config, at, ref, account) },
        ]),
    ),
    aws_sqs_queue_redrive_allow_policy: Object.fromEntries(
      ["Data/Jobs", "Data/Chunks", "Data/Results"].map((at) => [
        `${at}/RedriveAllow`,
        {
          queue_url: ref("aws_sqs_queue", `${at}/DeadLetters`, "url"),
          redrive_allow_policy: {
            redrivePermission: "byQueue",
            sourceQueueArns: [at, ...(at === "Data/Chunks" ? waiting : [])].map((source) => ref("aws_sqs_queue", source, "arn")),
          },
        },
      ]),
    ),
    aws_vpc_endpoint: endpointsOf(config, ref, account),
  };
}

function queuePolicy({ ingest }: EnvironmentConfig, at: string, ref: Reference, account: string): object {
  const resource = [ref("aws_sqs_queue", at, "arn")];
  const fromBucket = {
    Sid: "AllowBucketProcessing",
    Effect: "Allow",
    Principal: { Service: "s3.amazonaws.com" },
    Action: ["sqs:SendMessage"],
    Resource: resource,
    Condition: {
      ArnEquals: { "aws:SourceArn": ref("aws_s3_bucket", "Data/Processing", "arn") },
      StringEquals: { "aws:SourceAccount": account },
    },
  };
  const onlyTls = {
    Sid: "DenyWithoutTls",
    Effect: "Deny",
    Principal: "*",
    Action: "sqs:*",
    Resource: resource,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
  return { Version: "2012-10-17", Statement: at === "Data/Jobs" && ingest === "queue" ? [onlyTls, fromBucket] : [onlyTls] };
}

/** What the workers' role may do with S3 and DynamoDB, and nothing else. */
function endpointsOf(config: EnvironmentConfig, ref: Reference, account: string): Expected[string] {
  const sources = ["Uploading", "Processing"].map((place) => `arn:aws:s3:::${ref("aws_s3_bucket", `Data/${place}`, "bucket")}`);
  const state = ref("aws_s3_bucket", "Data/State", "arn");
  const [table, ledger] = ["ResultTable", "Ledger"].map((place) => ref("aws_dynamodb_table", `Data/${place}`, "arn"));
  const endpoint = (service: string, statements: readonly (readonly [Sid: string, actions: string, ...resources: unknown[]])[]) => ({
    vpc_id: ref("aws_vpc", "Fleet/Network", "id"),
    service_name: `com.amazonaws.${config.region}.${service}`,
    vpc_endpoint_type: "Gateway",
    route_table_ids: [ref("aws_route_table", "Fleet/Network/Routes", "id")],
    policy: {
      Version: "2012-10-17",
      Statement: statements.map(([Sid, actions, ...Resource]) => ({
        Sid,
        Effect: "Allow",
        Action: actions.split(" ").map((action) => `${service}:${action}`),
        Resource,
        Principal: "*",
        Condition: { StringEquals: { "aws:PrincipalAccount": account } },
      })),
    },
  });
  return {
    "Fleet/GatewayEndpoints/s3": endpoint("s3", [
      ["ReadSources", "GetObject", ...sources.map((bucket) => `${bucket}/*`)],
      ["ListSources", "ListBucket", ...sources],
      ["ReadStateBatches", "GetObject", `${state}/batches/*`],
      ["WriteStateBatches", "PutObject AbortMultipartUpload", `${state}/batches/*`],
      ["WriteStateUploads", "PutObject AbortMultipartUpload", `${state}/uploads/*`],
      ["ReadStateArtefacts", "GetObject", `${state}/artefacts/*`],
      ["ListState", "ListBucket", state],
    ]),
    "Fleet/GatewayEndpoints/dynamodb": endpoint("dynamodb", [
      ["PutResultTable", "PutItem", table],
      ["GetLedger", "GetItem", ledger],
      ["UpdateLedger", "UpdateItem", ledger],
      ["PutLedger", "PutItem", ledger],
      ["QueryLedger", "Query", ledger],
    ]),
  };
}

/** What each Lambda is told: names of what it uses, and the configuration's numbers. */
function variablesOf(config: EnvironmentConfig, ref: Reference): Readonly<Record<LambdaName, Readonly<Record<string, string>>>> {
  const { fleet, planning, workflow, work } = config;
  const queue = (name: string, place: string) => ({ [name]: ref("aws_sqs_queue", `Data/${place}`, "url") });
  const ledger = { LEDGER_TABLE_NAME: ref("aws_dynamodb_table", "Data/Ledger", "name") };
  const results = { RESULT_TABLE_NAME: ref("aws_dynamodb_table", "Data/ResultTable", "name") };
  const state = { STATE_BUCKET_NAME: ref("aws_s3_bucket", "Data/State", "bucket") };
  const machine = { STATE_MACHINE_ARN: ref("aws_sfn_state_machine", "Workflow/Machine", "arn") };
  const metrics = { METRICS_SYSTEM: `${config.namePrefix}wordfreq` };
  const settings = (values: object) => ({ SETTINGS: JSON.stringify(values) });
  const { functionCounterMemoryMebibytes: counterMemoryMebibytes, decompressionLimitMebibytes } = work;
  const { slotsPerWorker } = fleet;
  const waiting = fleet.onDemandRescue === undefined ? {} : queue("ON_DEMAND_CHUNKS_QUEUE_URL", "OnDemandChunks");
  // the function learns of a new version after the group launches it
  const onDemandGroup =
    fleet.onDemandRescue === undefined ? {} : { ON_DEMAND_GROUP_NAME: ref("aws_autoscaling_group", "Fleet/OnDemandGroup", "name") };
  return {
    plan: {
      ...settings({
        writing: {
          targetChunkBytes: planning.targetChunkBytes,
          maximumFilesPerChunk: planning.maximumFilesPerChunk,
          fileOverheadBytes: planning.fileOverheadBytes,
          splitBytes: planning.splitBytes,
          maximumFiles: planning.maximumFiles,
        },
        limits: {
          fleetConcurrency: workflow.fleetConcurrency,
          lambdaConcurrency: workflow.lambdaConcurrency,
          fleetTaskTimeoutSeconds: workflow.fleetTaskTimeoutSeconds,
          lambdaTimeoutSeconds: config.functions["process-chunk"].timeoutSeconds,
          bytesPerSlotSecond: planning.bytesPerSlotSecond,
          slotsPerWorker,
          maximumWorkers: fleet.maximumInstances,
          partialsPerRange: planning.partialsPerRange,
        },
        maximumOpenBatches: workflow.maximumOpenBatches,
      }),
      ...ledger,
      ...state,
      ORCHESTRATE_FUNCTION_NAME: ref("aws_lambda_function", "Functions/Orchestrate", "function_name"),
      SOURCE_BUCKET_NAMES: [ref("aws_s3_bucket", "Data/Uploading", "bucket"), ...config.sourceBuckets].join(","),
    },
    "process-chunk": {
      ...metrics,
      ...ledger,
      ...results,
      ...state,
      ...settings({ counterMemoryMebibytes, decompressionLimitMebibytes }),
      ...queue("RESULTS_QUEUE_URL", "Results"),
    },
    "process-upload": {
      ...metrics,
      ...ledger,
      ...results,
      ...state,
      ...settings({
        counterMemoryMebibytes,
        decompressionLimitMebibytes,
        bytesPerSlotSecond: planning.bytesPerSlotSecond,
        workload: work.uploadWorkload,
      }),
      ...queue("JOBS_QUEUE_URL", "Jobs"),
      ...queue("RESULTS_QUEUE_URL", "Results"),
      PROCESSING_BUCKET_NAME: ref("aws_s3_bucket", "Data/Processing", "bucket"),
    },
    seal: { ...ledger, ...state, ...settings({ partialsPerRange: planning.partialsPerRange }) },
    "merge-range": { ...ledger, ...state, ...settings({ counterMemoryMebibytes }) },
    reduce: { ...ledger, ...results, ...state, ...settings({ counterMemoryMebibytes }), ...queue("RESULTS_QUEUE_URL", "Results") },
    report: { ...metrics, ...ledger, ...state, ...queue("RESULTS_QUEUE_URL", "Results") },
    finish: { ...ledger, ...machine },
    "spot-notices": ledger,
    orchestrate: {
      ...ledger,
      ...settings({ jobsPerWorker: planning.jobsPerWorker, slotsPerWorker }),
      ...queue("JOBS_QUEUE_URL", "Jobs"),
      ...queue("CHUNKS_QUEUE_URL", "Chunks"),
      AUTO_SCALING_GROUP_NAME: config.namePrefix + fleet.groupName,
      ...waiting,
      ...(fleet.onDemandRescue === undefined ? {} : { ON_DEMAND_GROUP_NAME: `${config.namePrefix}${fleet.groupName}-on-demand` }),
    },
    reconcile: {
      ...waiting,
      ...onDemandGroup,
      ...ledger,
      ...results,
      ...machine,
      ...settings({
        reconcilePrefix: config.reconcile.prefix,
        maximumObjects: config.reconcile.maximumObjects,
        jobsRetentionSeconds: config.queues.retentionSeconds,
        // six hours in Lambda's queue, and a run
        settlingSeconds: config.ingest === "queue" ? 900 : 21_600 + config.functions["process-upload"].timeoutSeconds,
        slotsPerWorker,
        ...(fleet.idleRetireSeconds === undefined
          ? {}
          : {
              workerVersion: `\${substr(sha256(local.Fleet_Template_${fleet.onDemandRescue === undefined ? "unversioned-user-data_47D262EE" : "unversioned-scripts_D9299835"}), 0, 16)}`,
            }),
      }),
      ...queue("JOBS_QUEUE_URL", "Jobs"),
      ...queue("CHUNKS_QUEUE_URL", "Chunks"),
      ...queue("RESULTS_QUEUE_URL", "Results"),
      ...queue("JOBS_DEAD_LETTERS_URL", "Jobs/DeadLetters"),
      ...queue("CHUNKS_DEAD_LETTERS_URL", "Chunks/DeadLetters"),
      PROCESSING_BUCKET_NAME: ref("aws_s3_bucket", "Data/Processing", "bucket"),
      STATE_BUCKET_NAME: ref("aws_s3_bucket", "Data/State", "bucket"),
      ...(fleet.idleRetireSeconds === undefined ? {} : { AUTO_SCALING_GROUP_NAME: ref("aws_autoscaling_group", "Fleet/Group", "name") }),
      ...(config.ingest === "queue"
        ? {}
        : { PROCESS_UPLOAD_FUNCTION_NAME: ref("aws_lambda_function", "Ingest/ProcessUpload", "function_name") }),
    },
  };
}
