import { expect } from "expect";
import type { EnvironmentConfig } from "../../../../../systems/batch/config/schema";
import { optionsToText } from "../../../../../workloads/option-text";
import { ENVIRONMENT_BEGIN, ENVIRONMENT_END } from "../../../../../kit/lib/user-data";
import { userDataText } from "../../../../support/resolve";
import { resourceAt } from "../../../../support/synth";
import { assertions } from "./assertions";
import { referencesOf, type Reference } from "./kinds/expected";

const HOME = "/opt/wordfreq";
const SERVICE = "wordfreq.service";
const INSTALLED = "/var/lib/cloud/instance/wordfreq-installed";
/** A quarter of an hour in all: so long a bucket whose versioning is new may not have the object yet. */
const ATTEMPTS = 60;
const PAUSE_SECONDS = 15;
/** Of the two minutes that a spot notice leaves. */
const STOP_TIMEOUT_SECONDS = 110;

const workerLogGroup = (namePrefix: string): string => `/filemill/${namePrefix}wordfreq-worker`;
/** One event, as JSON within JSON within a shell's double quotes; what the shell makes of it is the construct's test. */
const FAILED_START_EVENTS = String.raw`[{\"timestamp\": $(date +%s)000, \"message\": \"{\\\"level\\\":\\\"ERROR\\\",\\\"service\\\":\\\"wordfreq\\\",\\\"message\\\":\\\"worker_start_failed\\\",\\\"exitCode\\\":$CODE,\\\"console\\\":\\\"$CONSOLE\\\"}\"}]`;

interface Step {
  readonly why: string;
  readonly lines: readonly string[];
}

/** What the script runs, in order; files that it writes are without what is in them. */
function stepsOf({ namePrefix, region }: EnvironmentConfig, ref: Reference): readonly Step[] {
  const stream = `--region ${region} --log-group-name '${workerLogGroup(namePrefix)}' --log-stream-name "$INSTANCE"`;
  const archive = (attribute: string): string => ref("aws_s3_object", "Fleet/Archive", attribute);
  const gaveUp = "The worker's archive can't be fetched: gave up after $ATTEMPT attempts.";
  return [
    { why: "bash, and it ends at the first command that fails", lines: ["#!/bin/bash", "set -euo pipefail"] },
    {
      why: "a start that fails is told in the workers' log group, with the end of the console, whatever else fails then",
      lines: [
        "report_failed_start() {",
        "  CODE=$?",
        '  if [ "$CODE" -eq 0 ]; then return; fi',
        "  set +e",
        "  INSTANCE=$(cat /var/lib/cloud/data/instance-id)",
        "  CONSOLE=$(tail -n 20 /var/log/cloud-init-output.log | tr '\\n' ' ' | tr -cd 'A-Za-z0-9 .,:/_=()-' | tail -c 4000)",
        `  aws logs create-log-stream ${stream}`,
        `  aws logs put-log-events ${stream} \\`,
        `    --log-events "${FAILED_START_EVENTS}"`,
        '  exit "$CODE"',
        "}",
        "trap report_failed_start EXIT",
      ],
    },
    {
      why: "the service of an older worker that is in the image takes no job and isn't started again",
      lines: [`if systemctl is-enabled --quiet ${SERVICE} 2> /dev/null; then systemctl disable --now ${SERVICE}; fi`],
    },
    {
      why: "the archive is fetched, and is the one that was deployed; else it is tried again, for as long as there is hope",
      lines: [
        "ARCHIVE=/tmp/worker.tar.gz",
        "ATTEMPT=1",
        `until aws s3api get-object --region ${region} --bucket ${archive("bucket")} --key ${archive("key")} "$ARCHIVE" \\`,
        `  && echo "${archive("source_hash")}  $ARCHIVE" | sha256sum --check --strict; do`,
        `  if [ "$ATTEMPT" -ge ${ATTEMPTS} ]; then echo "${gaveUp}"; exit 1; fi`,
        "  ATTEMPT=$((ATTEMPT + 1))",
        `  sleep ${PAUSE_SECONDS}`,
        "done",
      ],
    },
    {
      why: "nothing of an older worker is left, and the files are root's: a worker can't change its own program",
      lines: [
        `rm -rf ${HOME}`,
        `mkdir -p ${HOME}`,
        `tar --extract --gzip --file "$ARCHIVE" --directory ${HOME} --no-same-owner`,
        'rm "$ARCHIVE"',
      ],
    },
    {
      why: "a user without a shell, which an image may have already",
      lines: [`id -u wordfreq > /dev/null 2>&1 || useradd --system --home-dir ${HOME} --shell /sbin/nologin wordfreq`],
    },
    { why: "settings and the service's description", lines: ["cat > /etc/wordfreq.env", `cat > /etc/systemd/system/${SERVICE}`] },
    {
      why: "the service starts, now and with this machine: not with one from its image",
      lines: [
        `touch ${INSTALLED}`,
        "systemctl daemon-reload",
        `systemctl enable --now ${SERVICE}`,
        'echo "Service started successfully."',
        "",
      ],
    },
  ];
}

/** The worker's settings: names of what it uses, and the configuration's numbers. */
function variablesOf({ fleet, namePrefix, queues, region, work }: EnvironmentConfig, ref: Reference, version: string): string[] {
  const queue = (place: string): string => ref("aws_sqs_queue", `Data/${place}`, "url");
  const variables: Record<string, string | number | undefined> = {
    AWS_REGION: region,
    WORKER_QUEUE_URL: queue("Jobs"),
    WORKER_CHUNK_QUEUE_URL: queue("Chunks"),
    WORKER_RESULT_QUEUE_URL: queue("Results"),
    WORKER_QUEUE_DEAD_LETTER_URL: queue("Jobs/DeadLetters"),
    WORKER_CHUNK_QUEUE_DEAD_LETTER_URL: queue("Chunks/DeadLetters"),
    WORKER_RESULT_TABLENAME: ref("aws_dynamodb_table", "Data/ResultTable", "name"),
    LEDGER_TABLE_NAME: ref("aws_dynamodb_table", "Data/Ledger", "name"),
    STATE_BUCKET_NAME: ref("aws_s3_bucket", "Data/State", "bucket"),
    // the lease
    WORKER_MESSAGE_VISIBILITY: queues.visibilityTimeoutSeconds,
    GATHERING_MILLISECONDS: fleet.gatheringMilliseconds,
    PROGRESS_TIMEOUT_SECONDS: work.progressTimeoutSeconds,
    WORKER_LOG_GROUP_NAME: workerLogGroup(namePrefix),
    METRICS_SYSTEM: `${namePrefix}wordfreq`,
    WORKER_COUNT: fleet.slotsPerWorker,
    UPLOAD_WORKLOAD: work.uploadWorkload.name,
    UPLOAD_WORKLOAD_OPTIONS: optionsToText(work.uploadWorkload.options),
    COUNTER_MEMORY_MIB: fleet.counterMemoryMebibytes,
    DECOMPRESSION_LIMIT_MIB: work.decompressionLimitMebibytes,
    SPOT_NOTICES: fleet.spotNotices,
    WORKER_VERSION: version,
    // where there are instances
    AUTO_SCALING_GROUP_NAME: fleet.spotNotices === "none" ? undefined : namePrefix + fleet.groupName,
    TERMINATION_HOOK_NAME: fleet.spotNotices === "none" ? undefined : `${namePrefix}wordfreq-worker-drains`,
    // where spot capacity may lose a chunk again and again
    WORKER_ON_DEMAND_CHUNK_QUEUE_URL: fleet.onDemandRescue === undefined ? undefined : ref("aws_sqs_queue", "Data/OnDemandChunks", "url"),
    ON_DEMAND_AFTER_SPOT_LOSSES: fleet.onDemandRescue === undefined ? undefined : String(fleet.onDemandRescue.afterSpotLosses),
    // where workers end themselves
    IDLE_RETIRE_SECONDS: fleet.idleRetireSeconds,
  };
  return Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

/** The service: as its own user, with a disk for what spills (`/tmp` is memory), started again only after a failure. */
const unitOf = ({ fleet }: EnvironmentConfig): Record<string, string[]> => ({
  Unit: ["Description=Filemill worker", "Wants=network-online.target", "After=network-online.target", `ConditionPathExists=${INSTALLED}`],
  Service: [
    "Type=exec",
    `ExecStart=${fleet.workerRuntime === "bundled" ? `${HOME}/bin/node` : "/usr/bin/env node"} ${HOME}/main.js`,
    "EnvironmentFile=/etc/wordfreq.env",
    "User=wordfreq",
    "PrivateTmp=true",
    "Environment=TMPDIR=/var/tmp",
    "NoNewPrivileges=true",
    "Restart=on-failure",
    "RestartSec=2",
    `TimeoutStopSec=${STOP_TIMEOUT_SECONDS}`,
    "StandardOutput=journal",
    "StandardError=journal",
  ],
  Install: ["WantedBy=multi-user.target"],
});

const FILE = /^cat > (\S+) <<'(\w+)'\n(.*?)^\2$/gms;

/** Every line of what an instance runs first; how it runs, with stand-ins for its commands, is the construct's test. */
export const firstStartAssertions = assertions("first start of an instance", ({ config, stack }, test) => {
  const ref = referencesOf(stack);
  const script = userDataText(stack, resourceAt(stack, "aws_launch_template", "Fleet/Template").body["user_data"]);
  const files = new Map([...script.matchAll(FILE)].map(([, file = "", , text = ""]) => [file, text.trimEnd()]));

  test("it runs these commands, each with its reason, and no other", () => {
    const rest = script.replaceAll(FILE, "cat > $1").split("\n");
    const expected = stepsOf(config, ref);
    const found = expected.map(({ why, lines }) => ({ why, lines: rest.splice(0, lines.length) }));
    expect({ found, rest }).toEqual({ found: expected, rest: [] });
  });

  test("the worker's settings follow from the configuration", () => {
    const unversioned = Object.keys(stack.locals).filter((local) => local.includes("unversioned"));
    const [begin, ...lines] = (files.get("/etc/wordfreq.env") ?? "").split("\n");
    expect([begin, lines.pop()]).toEqual([ENVIRONMENT_BEGIN, ENVIRONMENT_END]);
    expect(lines.sort()).toEqual(
      variablesOf(
        config,
        ref,
        `\${substr(sha256(local.${unversioned.find((local) => unversioned.length === 1 || local.includes("scripts")) ?? ""}), 0, 16)}`,
      ).sort(),
    );
  });

  test("the service is the worker, as a user of its own", () => {
    const sections = (files.get(`/etc/systemd/system/${SERVICE}`) ?? "").split("\n\n").map((text) => {
      const [heading = "", ...lines] = text.split("\n");
      return [heading.replace(/^\[(\w+)\]$/, "$1"), lines] as const;
    });
    expect(Object.fromEntries(sections)).toEqual(unitOf(config));
  });
});
