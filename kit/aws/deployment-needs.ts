import { existsSync } from "node:fs";
import path from "node:path";
import { findProgram } from "./find-program";

/** Something that a deployment needs and this machine does not have. */
export interface MissingNeed {
  readonly problem: string;
  readonly fix: string;
}

/** The program that cdktf, and the command, run; cdktf's own variable names another one, such as `tofu`. */
export const terraformProgram = ({ TERRAFORM_BINARY_NAME: name }: NodeJS.ProcessEnv): string =>
  name === undefined || name === "" ? "terraform" : name;

export function missingTerraform(environment: NodeJS.ProcessEnv): MissingNeed | undefined {
  const name = terraformProgram(environment);
  if (findProgram(name, environment) !== undefined) return undefined;
  return {
    problem: `${name} is not on the PATH`,
    fix: "install Terraform 1.11 or newer (https://developer.hashicorp.com/terraform/install)",
  };
}

/**
 * Variables by which the AWS SDKs and Terraform's provider find credentials.
 * https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
const CREDENTIAL_VARIABLES = [
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
] as const;

/** Whether there is any sign of credentials; whether AWS takes them, only AWS knows. */
export function missingCredentials(environment: NodeJS.ProcessEnv): MissingNeed | undefined {
  if (CREDENTIAL_VARIABLES.some((name) => (environment[name] ?? "") !== "")) return undefined;
  const home = path.join(environment["HOME"] ?? "", ".aws");
  const files = [
    environment["AWS_SHARED_CREDENTIALS_FILE"] ?? path.join(home, "credentials"),
    environment["AWS_CONFIG_FILE"] ?? path.join(home, "config"),
  ];
  if (files.some((file) => existsSync(file))) return undefined;
  return {
    problem: `no AWS credentials: none of ${CREDENTIAL_VARIABLES.slice(0, 2).join(", ")} is set, and there is neither ${files.join(" nor ")}`,
    fix: "run `aws configure`, or set AWS_PROFILE; `aws sts get-caller-identity` must answer. An instance or a container with a role needs neither",
  };
}
