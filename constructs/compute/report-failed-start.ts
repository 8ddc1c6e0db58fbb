/** What a host says in its log stream when it could not start its worker. */
export const START_FAILED_EVENT = "worker_start_failed";

/** As much of the console as tells the cause. */
const CONSOLE_LINES = 20;
const CONSOLE_BYTES = 4_000;
/** Written by cloud-init, which runs user data. */
const INSTANCE_ID_FILE = "/var/lib/cloud/data/instance-id";

export interface ReportFailedStartProps {
  readonly region: string;
  readonly logGroupName: string;
  /** In its line, as in those of the worker. */
  readonly serviceName: string;
}

/**
 * Lines for user data, before anything that may fail: a script that ends with an error tells so in the workers' log group, in the stream
 * that the host's worker would have. EC2's console output is gone an hour after the host. What can't be told changes nothing.
 * Bytes that mean something in JSON are left out of the console's text: there is nothing on the host that every image has and that quotes.
 */
export const reportFailedStart = ({ logGroupName, region, serviceName }: ReportFailedStartProps): string =>
  `report_failed_start() {
  CODE=$?
  if [ "$CODE" -eq 0 ]; then return; fi
  set +e
  INSTANCE=$(cat ${INSTANCE_ID_FILE})
  CONSOLE=$(tail -n ${CONSOLE_LINES} /var/log/cloud-init-output.log | tr '\\n' ' ' | tr -cd 'A-Za-z0-9 .,:/_=()-' | tail -c ${CONSOLE_BYTES})
  aws logs create-log-stream --region ${region} --log-group-name '${logGroupName}' --log-stream-name "$INSTANCE"
  aws logs put-log-events --region ${region} --log-group-name '${logGroupName}' --log-stream-name "$INSTANCE" \\
    --log-events "[{\\"timestamp\\": $(date +%s)000, \\"message\\": \\"{\\\\\\"level\\\\\\":\\\\\\"ERROR\\\\\\",\\\\\\"service\\\\\\":\\\\\\"${serviceName}\\\\\\",\\\\\\"message\\\\\\":\\\\\\"${START_FAILED_EVENT}\\\\\\",\\\\\\"exitCode\\\\\\":$CODE,\\\\\\"console\\\\\\":\\\\\\"$CONSOLE\\\\\\"}\\"}]"
  exit "$CODE"
}
trap report_failed_start EXIT`;
