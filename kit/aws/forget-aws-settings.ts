import { devNull } from "node:os";

/** Says nothing about AWS: it keeps a line of the SDK off the screen (bin/filemill.js). */
const KEPT = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";

/**
 * From now on no AWS client of this process takes anything from its user's AWS settings: credentials and programs that give some,
 * profiles, FIPS and dual-stack endpoints, retries, checksums. For processes that talk to a local stack, whose settings are its own; with
 * a deployed one the user's are in force.
 *
 * The SDK looks up each setting by itself, in variables and in files, so a client that is told all of today's would miss tomorrow's.
 *
 * @param environment `process.env`, of which only composition roots know
 */
export function forgetAwsSettings(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (name.startsWith("AWS_") && name !== KEPT) Reflect.deleteProperty(environment, name);
  }
  // https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html
  environment["AWS_CONFIG_FILE"] = devNull;
  environment["AWS_SHARED_CREDENTIALS_FILE"] = devNull;
  environment["AWS_EC2_METADATA_DISABLED"] = "true";
}
