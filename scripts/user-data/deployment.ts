import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { CloudWatchLogsClient, GetLogEventsCommand, ResourceNotFoundException } from "@aws-sdk/client-cloudwatch-logs";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { synthesizeStacks } from "../../kit/graph/synthesize-stacks";
import { present } from "../../kit/lib/present";
import { launchTemplateSettings } from "../../kit/local";
import { ON_DEMAND_SUFFIX } from "../../systems/batch/contracts/names";
import { LOCAL_REGION, type Emulator } from "../../kit/local/emulator/emulator";
import { Faults } from "../../kit/local/emulator/faults";
import { startInstalledEmulator } from "../../kit/local/emulator/installed-emulator";
import { prepareHome } from "../../kit/local/home/home";
import { HOME_VARIABLE, locateHome } from "../../kit/local/home/home-location";
import type { CleanUp } from "../../kit/local/processes/clean-up";
import { StackFolder } from "../../kit/local/processes/stack-folder";
import { assumeRole, Clients, provisionStack, updateStack } from "../../kit/local/provision";
import type { ProvisionedStack } from "../../kit/local/provision/provision";
import { SYSTEM_NAME } from "../../systems/batch/contracts/names";
import type { Instance } from "./metadata-service";

const ENVIRONMENT = "dev";
/** An archive of this machine's architecture. */
const INSTANCE_TYPE = "c7i.large";
const ARCHIVE_IN_STACK = /[^"\\]*dist\/worker\/worker-linux-x64\.tar\.gz/g;

export interface DeploymentOptions {
  readonly projectDirectory: string;
  readonly folder: string;
  /** The worker's archive of the first deployment. */
  readonly archiveFile: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const messageSchema = z.looseObject({ message: z.string() });
/** A line of a host's log stream. */
export type LogLine = z.output<typeof messageSchema>;

/** The stack of `dev` in the emulator of the local run, as `terraform apply` leaves it on AWS. */
export class Deployment {
  readonly #s3: S3Client;
  readonly #logs: CloudWatchLogsClient;
  /** What the emulator does wrong on order. */
  public readonly faults: Faults;

  private constructor(
    private readonly emulator: Emulator,
    private readonly clients: Clients,
    private readonly stackText: string,
    private readonly stackDirectory: string,
    private stack: ProvisionedStack,
  ) {
    this.#s3 = clients.of(S3Client);
    this.#logs = clients.of(CloudWatchLogsClient);
    this.faults = new Faults(emulator.endpoint, emulator.secrets.control);
  }

  /** @param cleanUp ends the emulator */
  public static async start(options: DeploymentOptions, cleanUp: CleanUp): Promise<Deployment> {
    const { archiveFile, environment, folder, projectDirectory, say, signal } = options;
    const files = await synthesizeStacks({
      projectDirectory,
      environmentName: ENVIRONMENT,
      systems: [SYSTEM_NAME],
      outputDirectory: path.join(folder, "synth"),
      environment,
      variables: { FILEMILL_INSTANCE_TYPES: INSTANCE_TYPE },
      signal,
    });
    const stackFile = files[SYSTEM_NAME] ?? "";
    const home = await prepareHome(locateHome(environment[HOME_VARIABLE], projectDirectory, process.cwd()));
    const stackFolder = await StackFolder.create(home);
    cleanUp.add(() => stackFolder.remove());
    const emulatorFiles = path.join(projectDirectory, "kit", "local", "emulator");
    const emulator = await startInstalledEmulator(
      { homeDirectory: home, requirementsFile: path.join(emulatorFiles, "requirements.txt"), environment, onStage: say, signal },
      { launcherFile: path.join(emulatorFiles, "launcher.py"), folder: stackFolder, signal },
    );
    cleanUp.add(() => emulator.stop());
    const clients = new Clients(emulator.endpoint, emulator.secrets.root);
    cleanUp.add(() => {
      clients.destroy();
      return Promise.resolve();
    });
    const [text, directory] = [await readFile(stackFile, "utf8"), path.dirname(stackFile)];
    const stack = await provisionStack({ stackFile: await withArchive(text, directory, archiveFile), clients, signal });
    return new Deployment(emulator, clients, text, directory, stack);
  }

  /** Deploys another archive of the worker. */
  public async upgrade(archiveFile: string): Promise<void> {
    const stackFile = await withArchive(this.stackText, this.stackDirectory, archiveFile);
    this.stack = (await updateStack({ stackFile, clients: this.clients, before: this.stack })).stack;
  }

  public get endpoint(): string {
    return this.emulator.endpoint;
  }

  /** Variables by which an AWS client is its operator. */
  public get operator(): Readonly<Record<string, string>> {
    const { accessKeyId, secretAccessKey } = this.emulator.secrets.root;
    return {
      AWS_ENDPOINT_URL: this.endpoint,
      AWS_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
  }

  /** Of the stack, as `terraform output -json` writes them. */
  public get outputs(): string {
    return JSON.stringify(Object.fromEntries(Object.entries(this.stack.outputs).map(([name, value]) => [name, { value }])));
  }

  /** What the group would launch now. */
  public instance(instanceId: string): Instance {
    const { roleArn, userData } = launchTemplateSettings(this.stack, this.#groupName);
    return {
      instanceId,
      userData,
      roleName: roleArn.split("/").at(-1) ?? "",
      credentials: () => assumeRole(this.clients, roleArn, instanceId),
    };
  }

  /** Of the worker's program and settings, as instances know it. */
  public get workerVersion(): string {
    return launchTemplateSettings(this.stack, this.#groupName).environment["WORKER_VERSION"] ?? "";
  }

  public async readArchive(): Promise<Uint8Array> {
    const { Body } = await this.#s3.send(new GetObjectCommand(this.#archive));
    if (Body === undefined) throw new Error("the worker's archive has no content");
    return Body.transformToByteArray();
  }

  public async writeArchive(bytes: Uint8Array): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ ...this.#archive, Body: bytes }));
  }

  public async removeArchive(): Promise<void> {
    await this.#s3.send(new DeleteObjectCommand(this.#archive));
  }

  /** What a host's log stream has, oldest first; nothing while there is none. */
  public async logOf(instanceId: string): Promise<LogLine[]> {
    const logGroupName = launchTemplateSettings(this.stack, this.#groupName).environment["WORKER_LOG_GROUP_NAME"];
    try {
      const { events = [] } = await this.#logs.send(
        new GetLogEventsCommand({ logGroupName, logStreamName: instanceId, startFromHead: true }),
      );
      return events.map(({ message = "" }) => messageSchema.parse(JSON.parse(message)));
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return [];
      throw error;
    }
  }

  get #archive(): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#attribute("aws_s3_object", "bucket", "Archive"), Key: this.#attribute("aws_s3_object", "key", "Archive") };
  }

  /** The fleet's. */
  get #groupName(): string {
    const names = this.stack.resources.flatMap(({ attributes: { name }, type }) =>
      type === "aws_autoscaling_group" ? [z.string().parse(name)] : [],
    );
    return present(
      names.find((name) => !name.endsWith(ON_DEMAND_SUFFIX)),
      "the fleet's group",
    );
  }

  #attribute(type: string, name: string, part = ""): string {
    const found = this.stack.resources.find((each) => each.type === type && each.address.includes(part));
    return z.string().parse(found?.attributes[name]);
  }
}

/** @returns the stack's file with another archive, beside the first: file names in it begin in its folder */
async function withArchive(text: string, directory: string, archiveFile: string): Promise<string> {
  const file = path.join(directory, `${path.basename(archiveFile)}.tf.json`);
  await writeFile(file, text.replaceAll(ARCHIVE_IN_STACK, archiveFile));
  return file;
}
