import type { EnvironmentConfig } from "../../../../../../systems/batch/config/schema";
import { ELSEWHERE, WORDS, type Expected, type Reference } from "./expected";

type Body = Readonly<Record<string, unknown>>;
export type ExpectedSeverity = "critical" | "warning";

/** Who is told of each alarm: at once, or on the next working day. Alarms that scale the fleet tell nobody. */
export const SEVERITIES: Readonly<Record<string, ExpectedSeverity>> = {
  "jobs-oldest": "critical",
  "chunks-oldest": "critical",
  "results-oldest": "warning",
  "jobs-dead-letters": "warning",
  "chunks-dead-letters": "warning",
  "results-dead-letters": "warning",
  "fleet-halted": "critical",
  "files-quarantined": "critical",
  "progress-stalled": "critical",
  "steps-failing": "warning",
  "backstops-failing": "critical",
  "functions-throttled": "warning",
  "functions-near-timeout": "warning",
  "executions-failed": "warning",
  "tables-throttled": "warning",
  "fleet-at-maximum": "warning",
  "fleet-short": "warning",
  "spot-losses": "warning",
  "batches-unended": "critical",
  "chunks-given-up": "warning",
  "hosts-silent": "warning",
  "workers-failing": "warning",
};

/** What each alarm that tells somebody has besides: nothing where there are no topics. */
export function routed(config: EnvironmentConfig, ref: Reference, name: string): Body {
  if (config.observability.level === "lean") return {};
  const topic = ref("aws_sns_topic", `AlertRoutes/${SEVERITIES[name] === "critical" ? "Critical" : "Warning"}`, "arn");
  return { alarm_actions: [topic], ok_actions: [topic] };
}

/** Twice the 15 minutes after which the longest run is reported, for the time at which it began. */
const RUNS_PERIOD = 1_800;
const FIVE_MINUTES = 300;
const FROM = "GreaterThanOrEqualToThreshold";
const ABOVE = "GreaterThanThreshold";

/** Alarms of an environment that has all of them, by their place below `Observability/Alarms/`. */
export function expectedWatchAlarms(config: EnvironmentConfig, ref: Reference): Record<string, Body> {
  if (config.observability.level === "lean") return {};
  const alarm = (name: string, rest: Body): Body => ({
    alarm_name: `${config.namePrefix}wordfreq-${name}`,
    alarm_description: WORDS,
    evaluation_periods: 1,
    comparison_operator: FROM,
    threshold: 1,
    treat_missing_data: "notBreaching",
    ...routed(config, ref, name),
    ...rest,
  });
  const metric = (period: number) => (id: string, namespace: string, name: string, stat: string, dimensions: Body) => ({
    id,
    metric: { namespace, metric_name: name, dimensions, stat, period },
  });
  const math = (label: string, expression: string, ...metrics: readonly Body[]): Body => ({
    metric_query: [{ id: "result", label, expression, return_data: true }, ...metrics],
  });
  const system = { System: `${config.namePrefix}wordfreq` };
  const queue = (place: string): Body => ({ QueueName: ref("aws_sqs_queue", place, "name") });
  const lambdas: Readonly<Record<string, string>> = {
    plan: "Functions/Plan",
    processChunk: "Functions/ProcessChunk",
    processUpload: "Ingest/ProcessUpload",
    seal: "Functions/Seal",
    mergeRange: "Functions/MergeRange",
    reduce: "Functions/Reduce",
    report: "Functions/Report",
    finish: "Workflow/Finish",
    orchestrate: "Functions/Orchestrate",
    reconcile: "Repairs/Reconcile",
    spotNotices: "Repairs/SpotNotices",
  };
  const ofLambdas = (names: readonly string[], what: string, stat: string, period = FIVE_MINUTES): Body[] =>
    names.map((name) =>
      metric(period)(name, "AWS/Lambda", what, stat, {
        FunctionName: ref("aws_lambda_function", lambdas[name] ?? "", "function_name"),
      }),
    );
  const sum = (names: readonly string[]): string => `SUM([${names.map((name) => `FILL(${name}, 0)`).join(", ")}])`;
  const counted = (name: string, what: string, names: readonly string[], period: number, rest: Body): Body =>
    alarm(name, { ...math(what.toLowerCase(), sum(names), ...ofLambdas(names, what, "Sum", period)), ...rest });
  const backstops = ["finish", "orchestrate", "reconcile", "spotNotices"];
  const uploads = config.ingest === "lambda" ? ["processUpload"] : [];
  const steps = ["plan", "seal", "mergeRange", "reduce", "report"];
  const timed = ["plan", "seal", "mergeRange", "reduce", "reconcile"];
  const sizes = config.functions;
  const machine = { StateMachineArn: ref("aws_sfn_state_machine", "Workflow/Machine", "arn") };
  const tables = { ledger: "Data/Ledger", results: "Data/ResultTable" };
  const throttled = Object.entries(tables).flatMap(([id, place]) =>
    ["Read", "Write"].map((kind) =>
      metric(FIVE_MINUTES)(`${id}${kind}`, "AWS/DynamoDB", `${kind}ThrottleEvents`, "Sum", {
        TableName: ref("aws_dynamodb_table", place, "name"),
      }),
    ),
  );
  const group = { AutoScalingGroupName: ref("aws_autoscaling_group", "Fleet/Group", "name") };
  const { maximumInstances } = config.fleet;
  const files = (id: string, name: string) => metric(900)(id, "Filemill", name, "Sum", system);
  const logged = (name: string, place: string, rest: Body): Body =>
    alarm(name, {
      namespace: "Filemill",
      metric_name: ref("aws_cloudwatch_log_metric_filter", place, "name"),
      statistic: "Sum",
      period: 900,
      ...rest,
    });
  const alarms: Readonly<Record<string, Body>> = {
    FilesQuarantined: alarm("files-quarantined", {
      ...math(
        "quarantined, percent of files",
        "IF(processed + skipped + quarantined >= 20, 100 * quarantined / (processed + skipped + quarantined), 0)",
        files("processed", "FilesProcessed"),
        files("skipped", "FilesSkipped"),
        files("quarantined", "FilesQuarantined"),
      ),
      comparison_operator: ABOVE,
      threshold: 5,
    }),
    ProgressStalled: alarm("progress-stalled", {
      ...math(
        "chunks in work while none is finished",
        "IF(finished > 0, 0, inWork)",
        metric(FIVE_MINUTES)("finished", "AWS/SQS", "NumberOfMessagesDeleted", "Sum", queue("Data/Chunks")),
        metric(FIVE_MINUTES)("inWork", "AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "Minimum", queue("Data/Chunks")),
      ),
      evaluation_periods: 12,
    }),
    StepsFail: counted("steps-failing", "Errors", [...steps, "processChunk", ...uploads], RUNS_PERIOD, {
      threshold: 3,
    }),
    BackstopsFail: counted("backstops-failing", "Errors", backstops, 600, { evaluation_periods: 3 }),
    Throttled: counted("functions-throttled", "Throttles", [...steps, ...uploads, ...backstops], FIVE_MINUTES, {
      evaluation_periods: 3,
    }),
    NearTimeout: alarm("functions-near-timeout", {
      ...math(
        "longest run, of its timeout",
        `MAX([FILL(plan, 0) / ${sizes.plan.timeoutSeconds * 1_000}, FILL(seal, 0) / ${sizes.seal.timeoutSeconds * 1_000}, FILL(mergeRange, 0) / ${sizes["merge-range"].timeoutSeconds * 1_000}, FILL(reduce, 0) / ${sizes.reduce.timeoutSeconds * 1_000}, FILL(reconcile, 0) / ${sizes.reconcile.timeoutSeconds * 1_000}])`,
        ...ofLambdas(timed, "Duration", "Maximum", RUNS_PERIOD),
      ),
      comparison_operator: ABOVE,
      threshold: 0.8,
    }),
    ExecutionsFailed: alarm(
      "executions-failed",
      math(
        "executions that failed or timed out",
        sum(["failed", "timedOut"]),
        metric(FIVE_MINUTES)("failed", "AWS/States", "ExecutionsFailed", "Sum", machine),
        metric(FIVE_MINUTES)("timedOut", "AWS/States", "ExecutionsTimedOut", "Sum", machine),
      ),
    ),
    TablesThrottled: alarm("tables-throttled", {
      ...math("throttled calls", sum(["ledgerRead", "ledgerWrite", "resultsRead", "resultsWrite"]), ...throttled),
      evaluation_periods: 3,
    }),
    FleetAtMaximum: alarm("fleet-at-maximum", {
      ...math(
        "messages that wait for a fleet at its maximum",
        `IF(workers >= ${maximumInstances}, FILL(jobs, 0) + FILL(chunks, 0), 0)`,
        metric(FIVE_MINUTES)("workers", "AWS/AutoScaling", "GroupInServiceInstances", "Minimum", group),
        metric(FIVE_MINUTES)("jobs", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Minimum", queue("Data/Jobs")),
        metric(FIVE_MINUTES)("chunks", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Minimum", queue("Data/Chunks")),
      ),
      evaluation_periods: 48,
    }),
    FleetShort: alarm("fleet-short", {
      ...math(
        "workers that are wanted and not there",
        "wanted - workers",
        metric(60)("wanted", "AWS/AutoScaling", "GroupDesiredCapacity", "Minimum", group),
        metric(60)("workers", "AWS/AutoScaling", "GroupInServiceInstances", "Minimum", group),
      ),
      evaluation_periods: 20,
    }),
    SpotLosses: alarm("spot-losses", {
      namespace: "Filemill",
      metric_name: "SpotNotices",
      dimensions: system,
      statistic: "Sum",
      period: 3_600,
      comparison_operator: ABOVE,
      threshold: maximumInstances === 100 ? 25 : 2,
    }),
    "BatchesUnended/Alarm": logged("batches-unended", "Observability/Alarms/BatchesUnended/Lines", { threshold: 3 }),
    "ChunksGivenUp/Alarm": logged("chunks-given-up", "Observability/Alarms/ChunksGivenUp/Lines", {}),
    "HostsSilent/Alarm": logged("hosts-silent", "Observability/Alarms/HostsSilent/Lines", {}),
    "WorkersFail/Alarm": logged("workers-failing", "Observability/Alarms/WorkersFail/Lines", {}),
  };
  return Object.fromEntries(Object.entries(alarms).map(([place, body]) => [`Observability/Alarms/${place}`, body]));
}

/** Lines of the log that such alarms count. */
export function expectedWatchLines(config: EnvironmentConfig, ref: Reference): Record<string, Body> {
  if (config.observability.level === "lean") return {};
  const lines = (what: string, group: string, ...events: readonly string[]): Body => {
    const name = `${config.namePrefix}wordfreq-${what}`;
    return {
      name,
      log_group_name: group,
      pattern: `{ ${events.map((event) => `$.message = "${event}"`).join(" || ")} }`,
      metric_transformation: { name, namespace: "Filemill", value: "1" },
    };
  };
  const logsOf = (place: string): string => ref("aws_cloudwatch_log_group", `${place}/Logs`, "name");
  const reconcile = logsOf("Repairs/Reconcile");
  return {
    "Observability/Alarms/BatchesUnended/Lines": lines("batches-unended", logsOf("Workflow/Finish"), "finish_failed", "sweep_failed"),
    "Observability/Alarms/ChunksGivenUp/Lines": lines("chunks-given-up", reconcile, "dead_chunk_given_up", "chunks_stuck"),
    "Observability/Alarms/HostsSilent/Lines": lines("hosts-silent", reconcile, "host_replaced", "host_ended"),
    "Observability/Alarms/WorkersFail/Lines": lines(
      "workers-failing",
      ref("aws_cloudwatch_log_group", "Fleet/Logs", "name"),
      "worker_failed",
      "worker_start_failed",
    ),
  };
}

/** The two routes, and the key that they are encrypted with. */
export function expectedRoutes(config: EnvironmentConfig, ref: Reference): Expected {
  if (config.observability.level === "lean") return {};
  const account = "${data.aws_caller_identity.account.account_id}";
  const prefix = `${config.namePrefix}wordfreq-alerts-`;
  const sources = [
    ["AllowAlarms", "cloudwatch.amazonaws.com", `arn:aws:cloudwatch:${config.region}:${account}:alarm:*`],
    ["AllowBudgets", "budgets.amazonaws.com", `arn:aws:budgets::${account}:*`],
  ] as const;
  const allowed = (actions: readonly string[], resource: string): Body[] =>
    sources.map(([Sid, Service, arn]) => ({
      Sid,
      Effect: "Allow",
      Principal: { Service },
      Action: actions,
      Resource: [resource],
      Condition: { ArnEquals: { "aws:SourceArn": arn }, StringEquals: { "aws:SourceAccount": account } },
    }));
  const places = { critical: "AlertRoutes/Critical", warning: "AlertRoutes/Warning" };
  const forEach = (of: (severity: ExpectedSeverity, place: string) => [string, Body]): Record<string, Body> =>
    Object.fromEntries((["critical", "warning"] as const).map((severity) => of(severity, places[severity])));
  return {
    aws_kms_key: {
      "AlertRoutes/Key": {
        description: `Encrypts the alerts of ${prefix}*`,
        enable_key_rotation: true,
        deletion_window_in_days: 30,
        policy: {
          Version: "2012-10-17",
          Statement: [
            {
              Sid: "AllowAccountToKeepIt",
              Effect: "Allow",
              Principal: { AWS: `arn:aws:iam::${account}:root` },
              Action: KEY_ADMINISTRATION.map((action) => `kms:${action}`),
              Resource: ["*"],
            },
            ...allowed(["kms:Decrypt", "kms:GenerateDataKey"], "*"),
          ],
        },
      },
    },
    aws_kms_alias: {
      "AlertRoutes/KeyAlias": { name: `alias/${prefix}key`, target_key_id: ref("aws_kms_key", "AlertRoutes/Key", "key_id") },
    },
    aws_sns_topic: forEach((severity, place) => [
      place,
      { name: prefix + severity, kms_master_key_id: ref("aws_kms_key", "AlertRoutes/Key", "arn") },
    ]),
    aws_sns_topic_policy: forEach((_severity, place) => {
      const arn = ref("aws_sns_topic", place, "arn");
      const withoutTls = {
        Sid: "DenyWithoutTls",
        Effect: "Deny",
        Principal: "*",
        Action: ["sns:Publish"],
        Resource: [arn],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      };
      return [`${place}Policy`, { arn, policy: { Version: "2012-10-17", Statement: [withoutTls, ...allowed(["sns:Publish"], arn)] } }];
    }),
  };
}

/** What a month may cost and what is unusual, the page of graphs, and the saved questions; the last two closer in dashboards.test.ts. */
export function expectedPages(config: EnvironmentConfig, ref: Reference): Expected {
  const { level, monthlyBudgetDollars } = config.observability;
  if (level === "lean") return {};
  const topic = (severity: "Critical" | "Warning"): string => ref("aws_sns_topic", `AlertRoutes/${severity}`, "arn");
  const tell = (severity: "Critical" | "Warning", type: string, threshold: number): Body => ({
    comparison_operator: "GREATER_THAN",
    notification_type: type,
    threshold,
    threshold_type: "PERCENTAGE",
    subscriber_sns_topic_arns: [topic(severity)],
  });
  const budget = {
    budget_type: "COST",
    time_unit: "MONTHLY",
    cost_filter: [{ name: "TagKeyValue", values: [`user:Stack$batch-${config.name}`] }],
  };
  const name = `${config.namePrefix}wordfreq-month`;
  const query = (what: string): Body => ({
    name: `${config.namePrefix}wordfreq/${what}`,
    log_group_names: ELSEWHERE,
    query_string: ELSEWHERE,
  });
  return {
    aws_budgets_budget: {
      "Observability/Budgets/Month": {
        ...budget,
        name,
        limit_amount: String(monthlyBudgetDollars),
        limit_unit: "USD",
        notification: [tell("Warning", "FORECASTED", 100), tell("Critical", "ACTUAL", 100)],
      },
      "Observability/Budgets/Usual": {
        ...budget,
        name: `${name}-usual`,
        auto_adjust_data: { auto_adjust_type: "HISTORICAL", historical_options: { budget_adjustment_period: 3 } },
        notification: [tell("Warning", "ACTUAL", 120)],
      },
    },
    aws_cloudwatch_dashboard: {
      "Observability/Dashboard": { dashboard_name: `${config.namePrefix}wordfreq`, dashboard_body: ELSEWHERE },
    },
    aws_cloudwatch_query_definition: {
      "Observability/Queries/SlowFiles": query("slow files"),
      "Observability/Queries/SlowChunks": query("slow chunks"),
      "Observability/Queries/Errors": query("errors by process"),
      "Observability/Queries/Batch": query("one batch's story"),
      "Observability/Queries/SpotLosses": query("spot losses"),
      "Observability/Queries/AccessDenied": query("access denied"),
      "Observability/Queries/Quarantine": query("quarantined by reason"),
    },
  };
}

/** What the account needs to keep a key and to take it back after a deletion; nothing with what is encrypted. */
const KEY_ADMINISTRATION = [
  "CancelKeyDeletion",
  "CreateAlias",
  "DeleteAlias",
  "DescribeKey",
  "DisableKey",
  "EnableKey",
  "EnableKeyRotation",
  "GetKeyPolicy",
  "GetKeyRotationStatus",
  "ListResourceTags",
  "PutKeyPolicy",
  "ScheduleKeyDeletion",
  "TagResource",
  "UntagResource",
  "UpdateAlias",
  "UpdateKeyDescription",
];
