import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { loadTypeScript } from "../build/load-typescript.mjs";
import { lower } from "./differences.mjs";

const run = promisify(execFile);
/** A plan in JSON takes some MB. */
const MAXIMUM_OUTPUT_BYTES = 64 * 2 ** 20;

/** Terraform or the program that it plans ended badly. */
export class CheckFailedError extends Error {
  constructor(what, output) {
    super(`${what} failed:\n${output}`);
    this.name = "CheckFailedError";
  }
}

async function runOrTell(what, command, parameters, options) {
  try {
    return (await run(command, parameters, { maxBuffer: MAXIMUM_OUTPUT_BYTES, ...options })).stdout;
  } catch (error) {
    // a plan that fails has printed itself before; what is wrong is on stderr
    throw new CheckFailedError(what, error.stderr || error.stdout || error.message);
  }
}

/** Variables with which a stack can be applied to the emulator: without topics and their key, budgets, dashboards, saved queries. */
export const WHAT_THE_EMULATOR_HAS = { FILEMILL_OBSERVABILITY: "lean" };

/**
 * Synthesizes a system's environment below `folder` and makes it Terraform's: for the provider at hand, with its state beside it.
 *
 * @returns {Promise<{ directory: string, changes: string[], images: string[] }>} where Terraform runs, what was changed for it, and the
 *   ids of the data sources with which it finds machine images
 */
export async function stageEnvironment({ projectDirectory, folder, version, system, environment, variables = {} }) {
  const { synthesizeStacks } = await loadTypeScript("kit/graph/synthesize-stacks.ts");
  const given = {
    projectDirectory,
    environmentName: environment,
    systems: [system],
    outputDirectory: path.join(folder, `${system}-${environment}`),
    environment: process.env,
    variables,
  };
  const files = await synthesizeStacks(given).catch((error) => {
    throw error.name === "SynthesisFailedError" ? new CheckFailedError(`synth of ${system}-${environment}`, error.complaint) : error;
  });
  const file = files[system];
  const directory = path.dirname(file);
  const lowered = lower(await readFile(file, "utf8"), version);
  const changes = [...lowered.changes];
  const text = lowered.text.replaceAll(/[^"\\]*dist\/worker\/(worker-linux-\w+\.tar\.gz)/g, (found, archive) => {
    if (existsSync(path.resolve(directory, found))) return found;
    const change = `${archive} is not built, the worker without Node stands in for it`;
    if (!changes.includes(change)) changes.push(change);
    return found.replace(archive, "worker.tar.gz");
  });
  await writeFile(file, text);
  const images = Object.keys(JSON.parse(text).data?.aws_ssm_parameter ?? {});
  return { directory, changes, images };
}

/** Lets the provider talk to `account` only, and find machine images there: Terraform merges override files into the stack. */
export async function pointAt({ directory, images }, account, imageParameter) {
  const services = [
    "autoscaling",
    "cloudwatch",
    "cloudwatchlogs",
    "dynamodb",
    "ec2",
    "events",
    "iam",
    "lambda",
    "s3",
    "sfn",
    "sqs",
    "ssm",
    "sts",
  ];
  const provider = {
    endpoints: [Object.fromEntries(services.map((service) => [service, account.endpoint]))],
    // asked of the emulator by the data source; the provider's own questions are for services that it doesn't have
    skip_credentials_validation: true,
    skip_metadata_api_check: "true",
    skip_region_validation: true,
    skip_requesting_account_id: true,
    s3_use_path_style: true,
  };
  const override = { provider: { aws: provider } };
  // a system without instances has no image to find, and Terraform refuses a kind of data without a block
  if (images.length > 0) override.data = { aws_ssm_parameter: Object.fromEntries(images.map((id) => [id, { name: imageParameter }])) };
  await writeFile(path.join(directory, "emulator_override.tf.json"), JSON.stringify(override, null, 2));
}

/** Terraform for one check: its own settings, and nothing of the user's. */
export class Terraform {
  #environment;

  constructor(environment) {
    this.#environment = environment;
  }

  /** @returns {Promise<Terraform>} one that looks for providers in `mirror` only; its settings lie in `folder` */
  static async using(mirror, folder) {
    const file = path.join(folder, "terraform.rc");
    await mkdir(folder, { recursive: true });
    await writeFile(file, `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`);
    return new Terraform({
      PATH: process.env.PATH,
      HOME: folder,
      TMPDIR: folder,
      TF_CLI_CONFIG_FILE: file,
      TF_IN_AUTOMATION: "1",
      CHECKPOINT_DISABLE: "1",
      AWS_EC2_METADATA_DISABLED: "true",
    });
  }

  as({ accessKeyId, secretAccessKey, sessionToken }) {
    return new Terraform({
      ...this.#environment,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
    });
  }

  /** @throws CheckFailedError with what Terraform said */
  async run(directory, ...parameters) {
    return runOrTell(`terraform ${parameters[0]}`, "terraform", parameters, { cwd: directory, env: this.#environment });
  }
}
