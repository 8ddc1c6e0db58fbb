import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { synthesizeStacks } from "../../kit/graph/synthesize-stacks";
import { runCommand } from "../support/command";
import { PROJECT } from "../support/project";
import { UpStack } from "../support/up-stack";

const scalingSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      minimum: z.number(),
      desired: z.number(),
      maximum: z.number(),
      instances: z.array(z.object({ id: z.string(), state: z.string(), market: z.string() })),
      activities: z.array(z.object({ startedAt: z.string(), status: z.string(), description: z.string(), cause: z.string() })),
    }),
  ),
  alarms: z.array(z.object({ name: z.string(), state: z.string() })),
});
export type Scaling = z.output<typeof scalingSchema>["groups"][number];

/** A look a second is no load, and short against a minute of policies. */
const LOOK_MILLISECONDS = 1_000;

/** A stack that is up, whose fleet is watched. */
export class ScaledStack {
  private constructor(
    private readonly home: string,
    private readonly stack: UpStack,
    public readonly timeFactor: number,
  ) {}

  public static async start(home: string, timeFactor: number, ...options: string[]): Promise<ScaledStack> {
    return new ScaledStack(home, await UpStack.start(home, "--time-factor", String(timeFactor), ...options), timeFactor);
  }

  public stop(): Promise<void> {
    return this.stack.stop();
  }

  /** What a command prints with --json. */
  public async json(...args: string[]): Promise<unknown> {
    const { exitCode, stderr, stdout } = await runCommand(this.home, [...args, "--json"]);
    if (exitCode !== 0) throw new Error(`${args.join(" ")}: exit code ${exitCode}\n${stderr}`);
    return JSON.parse(stdout);
  }

  public async scaling(...options: string[]): Promise<Scaling> {
    const [group] = scalingSchema.parse(await this.json("local", "scale", "--limit", "100", ...options)).groups;
    if (group === undefined) throw new Error("the stack has no group");
    return group;
  }

  /** Waits until the fleet is so. @returns how long it took, in seconds of policies */
  public async until(what: string, is: (scaling: Scaling) => boolean, seconds: number): Promise<number> {
    const start = performance.now();
    const passed = (): number => ((performance.now() - start) / 1_000) * this.timeFactor;
    for (;;) {
      const scaling = await this.scaling();
      if (is(scaling)) return passed();
      if (passed() > seconds) throw new Error(`${what}: not within ${seconds} s; ${JSON.stringify(scaling)}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    }
  }

  /** Settles when a queue has so many messages that nobody has taken. */
  public async untilVisible(queueUrl: (outputs: UpStack["outputs"]) => string, count: number): Promise<void> {
    const sqs = new SQSClient(this.stack.clientSettings);
    try {
      for (;;) {
        const { Attributes } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl: queueUrl(this.stack.outputs), AttributeNames: ["ApproximateNumberOfMessages"] }),
        );
        if (Number(Attributes?.["ApproximateNumberOfMessages"]) >= count) return;
        await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS / 5));
      }
    } finally {
      sqs.destroy();
    }
  }
}

export const inService = ({ instances }: Scaling): number => instances.filter(({ state }) => state === "InService").length;

/** @param change of the text of the stack's file. @returns the file */
async function synthesizeChanged(
  folder: string,
  environmentName: string,
  variables: Readonly<Record<string, string>>,
  change: (text: string) => string,
): Promise<string> {
  const files = await synthesizeStacks({
    projectDirectory: PROJECT,
    environmentName,
    systems: ["batch"],
    outputDirectory: path.join(folder, "synth"),
    environment: process.env,
    variables,
  });
  const file = files["batch"] ?? "";
  const text = await readFile(file, "utf8");
  const changed = change(text);
  if (changed === text) throw new Error("what is changed is not where it was");
  await writeFile(file, changed);
  return file;
}

/**
 * Coursework with its step policy. @param filesPerChunk so that a small batch is many messages
 *
 * @returns the stack's file
 */
export const courseworkStep = (folder: string, filesPerChunk: number): Promise<string> =>
  synthesizeChanged(folder, "coursework", { FILEMILL_SCALING: "step" }, (text) =>
    text
      // the archive with a Node in it is 45 MB and not built here; the worker's own is in both
      .replaceAll(/worker-linux-(x64|arm64)\.tar\.gz/g, "worker.tar.gz")
      .replace(/(maximumFilesPerChunk\\*":)\d+/g, `$1${filesPerChunk}`),
  );

/** The stack of a local run whose workers miss a setting that they can't do without. @returns the stack's file */
export const brokenUserData = (folder: string): Promise<string> =>
  synthesizeChanged(folder, "local", {}, (text) => text.replaceAll("\\nLEDGER_TABLE_NAME=", "\\nLOST_TABLE_NAME="));
