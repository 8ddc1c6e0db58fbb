import { readFile } from "node:fs/promises";
import path from "node:path";
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { resultMessageSchema, type ResultMessage } from "../../systems/batch/contracts/messages";
import { stackOutputsSchema, type StackOutputs } from "../../systems/batch/contracts/stack-outputs";
import { Faults } from "../../kit/local/emulator/faults";
import { printedError, PROJECT, runCommand, type CommandResult } from "./command";
import { linkEmulator } from "./emulator-home";
import { batchFileSchema } from "./result-files";

const upSchema = z.object({
  endpoint: z.url(),
  environment: z.object({
    AWS_ENDPOINT_URL: z.url(),
    AWS_REGION: z.string(),
    AWS_DEFAULT_REGION: z.string(),
    AWS_ACCESS_KEY_ID: z.string(),
    AWS_SECRET_ACCESS_KEY: z.string(),
  }),
});
const statusSchema = z.object({ outputs: stackOutputsSchema });
const upFileSchema = z.object({ controlSecret: z.string() });

/** A stack kept up by `filemill local up`, and what a client with its variables sees of it. */
export class UpStack {
  /** Orders faults of its emulator. */
  public readonly faults: Faults;
  private readonly sqs: SQSClient;

  private constructor(
    private readonly home: string,
    public readonly outputs: StackOutputs,
    private readonly up: z.output<typeof upSchema>,
    controlSecret: string,
  ) {
    this.sqs = new SQSClient(this.clientSettings);
    this.faults = new Faults(up.endpoint, controlSecret);
  }

  /** @param options further options of `local up` */
  public static start(home: string, ...options: string[]): Promise<UpStack> {
    return UpStack.startAs(home, {}, ...options);
  }

  /** @param variables of the user's, beside this process's own */
  public static async startAs(home: string, variables: Readonly<Record<string, string>>, ...options: string[]): Promise<UpStack> {
    await linkEmulator(home);
    await runCommand(home, ["local", "down"]);
    const started = await runCommand(home, ["local", "up", "--json", "--workers", "2", ...options], PROJECT, variables);
    expect(started.exitCode === 0 ? "" : started.stderr).toBe("");
    const status = await runCommand(home, ["local", "status", "--json"]);
    const { outputs } = statusSchema.parse(JSON.parse(status.stdout));
    const { controlSecret } = upFileSchema.parse(JSON.parse(await readFile(path.join(home, "up.json"), "utf8")));
    return new UpStack(home, outputs, upSchema.parse(JSON.parse(started.stdout)), controlSecret);
  }

  public async stop(): Promise<void> {
    this.sqs.destroy();
    expect(await runCommand(this.home, ["local", "down"])).toMatchObject({ exitCode: 0 });
  }

  /** http://127.0.0.1:PORT */
  public get endpoint(): string {
    return this.up.endpoint;
  }

  /** Variables that are enough for any AWS client. */
  public get environment() {
    return this.up.environment;
  }

  public get clientSettings() {
    const { AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, AWS_REGION, AWS_SECRET_ACCESS_KEY } = this.up.environment;
    return {
      endpoint: AWS_ENDPOINT_URL,
      region: AWS_REGION,
      credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
    };
  }

  /** Submits and waits; `stdout` has just the one line that the interface promises. */
  public async submit(out: string, ...args: string[]): Promise<{ result: CommandResult; batchId: string }> {
    const result = await runCommand(this.home, ["submit", ...args, "--watch", "--json", "--out", out]);
    expect(printedError(result) ? result.stderr : "").toBe("");
    expect(result.stdout.trim().split("\n")).toHaveLength(1);
    return { result, batchId: batchFileSchema.parse(JSON.parse(result.stdout)).batchId };
  }

  /** Takes messages off the results queue until there are `count`, and looks once more whether there are others. */
  public async takeMessages(count: number): Promise<ResultMessage[]> {
    const messages: ResultMessage[] = [];
    for (;;) {
      const { Messages = [] } = await this.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: this.outputs.results_queue_url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      if (Messages.length === 0 && messages.length >= count) return messages;
      if (Messages.length === 0) continue;
      messages.push(...Messages.map(({ Body = "" }) => resultMessageSchema.parse(JSON.parse(Body))));
      await this.sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: this.outputs.results_queue_url,
          Entries: Messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle })),
        }),
      );
    }
  }
}

/** The three ways through, as options of `submit` and `local run`. */
export const ROUTES = [
  { name: "batch, fleet", options: ["--via", "batch", "--route", "fleet"], viaUpload: false },
  { name: "batch, lambda", options: ["--via", "batch", "--route", "lambda"], viaUpload: false },
  { name: "upload", options: ["--via", "upload"], viaUpload: true },
] as const;
