import { ENVIRONMENT_BEGIN, ENVIRONMENT_END } from "../../kit/lib/user-data";
import { reportFailedStart } from "./report-failed-start";

/** The worker's archive, pinned by its content, which its key tells too: neither another object nor a damaged download is ever run. */
export interface PinnedArchive {
  readonly bucketName: string;
  readonly key: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface UserDataProps {
  readonly region: string;
  /** Of the systemd service and of the user it runs as, and of its folder below /opt. */
  readonly serviceName: string;
  readonly archive: PinnedArchive;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where a start that fails is told. */
  readonly logGroupName: string;
  /** `bundled`: Node lies in the archive. */
  readonly runtime: "bundled" | "host";
  /** How long the worker may drain when it is told to stop; then it is killed and its leases run out. */
  readonly stopTimeoutSeconds: number;
}

/**
 * A quarter of an hour: so long a bucket may answer 404 for objects put just after its versioning was switched on, as in a first
 * deployment.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/manage-versioning-examples.html
 */
const DOWNLOAD_ATTEMPTS = 60;
const DOWNLOAD_PAUSE_SECONDS = 15;

/**
 * Of cloud-init: a link to a folder of the instance's own, which it lays before the network is there. An image has the folders of the
 * instances that it was made of, and the link leads to a new one.
 * https://docs.redhat.com/en/documentation/red_hat_enterprise_linux/9/html/configuring_and_managing_cloud-init_for_rhel_9/cloud-init-var-lib-cloud-directory-layout_red-hat-support-for-cloud-init
 */
const INSTANCE_FOLDER = "/var/lib/cloud/instance";

/**
 * What an instance runs at its first start: fetch, check, unpack, start the service. Bash and the AWS CLI of Amazon Linux, no package
 * manager and nothing from the internet. An image may be baked from a worker, and so hold an older worker: what it has is replaced. Its
 * service starts only on the instance that it was installed on, so that it takes no job meanwhile; that of a version which started
 * anywhere is stopped. Shell variables are written `$NAME`: Terraform takes `${` as its own.
 */
export function userData({ region, archive, environment, logGroupName, runtime, serviceName, stopTimeoutSeconds }: UserDataProps): string {
  const directory = `/opt/${serviceName}`;
  // Type: a program that can't be run fails this script, which tells so. TMPDIR: counts that spill must go to the disk, and /tmp of Amazon
  // Linux 2023 is memory. Restart: a worker that ended in order (retired, or its spot instance is being taken) must not take jobs on a host
  // that is about to go.
  const service = `${serviceName}.service`;
  const mark = `${INSTANCE_FOLDER}/${serviceName}-installed`;
  const node = runtime === "bundled" ? `${directory}/bin/node` : "/usr/bin/env node";
  return `#!/bin/bash
set -euo pipefail
${reportFailedStart({ region, logGroupName, serviceName })}
if systemctl is-enabled --quiet ${service} 2> /dev/null; then systemctl disable --now ${service}; fi
ARCHIVE=/tmp/worker.tar.gz
ATTEMPT=1
until aws s3api get-object --region ${region} --bucket ${archive.bucketName} --key ${archive.key} "$ARCHIVE" \\
  && echo "${archive.sha256}  $ARCHIVE" | sha256sum --check --strict; do
  if [ "$ATTEMPT" -ge ${DOWNLOAD_ATTEMPTS} ]; then echo "The worker's archive can't be fetched: gave up after $ATTEMPT attempts."; exit 1; fi
  ATTEMPT=$((ATTEMPT + 1))
  sleep ${DOWNLOAD_PAUSE_SECONDS}
done
rm -rf ${directory}
mkdir -p ${directory}
tar --extract --gzip --file "$ARCHIVE" --directory ${directory} --no-same-owner
rm "$ARCHIVE"
id -u ${serviceName} > /dev/null 2>&1 || useradd --system --home-dir ${directory} --shell /sbin/nologin ${serviceName}
cat > /etc/${serviceName}.env <<'END_OF_ENVIRONMENT'
${ENVIRONMENT_BEGIN}
${environmentLines(environment).join("\n")}
${ENVIRONMENT_END}
END_OF_ENVIRONMENT
cat > /etc/systemd/system/${service} <<'END_OF_UNIT'
[Unit]
Description=Filemill worker
Wants=network-online.target
After=network-online.target
ConditionPathExists=${mark}

[Service]
Type=exec
ExecStart=${node} ${directory}/main.js
EnvironmentFile=/etc/${serviceName}.env
User=${serviceName}
PrivateTmp=true
Environment=TMPDIR=/var/tmp
NoNewPrivileges=true
Restart=on-failure
RestartSec=2
TimeoutStopSec=${stopTimeoutSeconds}
StandardOutput=journal
StandardError=journal

[Install]
WantedBy=multi-user.target
END_OF_UNIT
touch ${mark}
systemctl daemon-reload
systemctl enable --now ${service}
echo "Service started successfully."
`;
}

/** `KEY=value`, a line each, in the order given; a key without a value stays out. */
const environmentLines = (environment: UserDataProps["environment"]): string[] =>
  Object.entries(environment).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
