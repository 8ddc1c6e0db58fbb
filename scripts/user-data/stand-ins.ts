import type { HostOptions } from "./host";
import type { Instance } from "./metadata-service";

/** A line for each pause that the script has made, by its seconds. */
export const PAUSES_FILE = "/run/pauses";
/** How many of them may end. */
export const LET_FILE = "/run/pauses-let";

/**
 * What a host has otherwise than an instance, beside its metadata service: where AWS is, pauses that end when the check lets them, and user
 * data that comes to cloud-init from the disk.
 *
 * @param endpoint of the emulator
 */
export const standIns = (endpoint: string, { instanceId, userData }: Instance): HostOptions["files"] => ({
  // for the unit of the worker, and for cloud-init's, which runs the script
  "etc/systemd/system.conf.d/endpoint.conf": { text: `[Manager]\nDefaultEnvironment=AWS_ENDPOINT_URL=${endpoint}\n` },
  // this AWS CLI is older than the variable: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
  "usr/local/bin/aws": { text: `#!/bin/sh\nexec /usr/bin/aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n`, mode: 0o755 },
  "usr/local/bin/sleep": {
    text: `#!/bin/sh
echo "$1" >> ${PAUSES_FILE}
until [ -e ${LET_FILE} ] && [ "$(wc -l < ${PAUSES_FILE})" -le "$(cat ${LET_FILE})" ]; do /usr/bin/sleep 0.05; done
`,
    mode: 0o755,
  },
  // for EC2's it looks at firmware that a folder hasn't; of its other work nothing is for a folder
  "etc/cloud/cloud.cfg.d/99-host.cfg": {
    text: `datasource_list: [NoCloud]
network: {config: disabled}
cloud_init_modules: []
cloud_config_modules: []
cloud_final_modules: [scripts-user]
`,
  },
  "var/lib/cloud/seed/nocloud/meta-data": { text: `instance-id: ${instanceId}\n` },
  "var/lib/cloud/seed/nocloud/user-data": { text: userData },
});
