import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { ResultMessage } from "../../../systems/batch/contracts/messages";
import { type Faults, hits, type FaultCounts, type FaultKind } from "../../../kit/local/emulator/faults";
import type { LocalSynthesis } from "../permissions";
import { printedError, runCommand } from "../command";
import { batchFileSchema, readResultFiles, type ResultFiles } from "../result-files";
import { ROUTES, UpStack } from "../up-stack";
import { outcomeOf, type Outcome } from "./outcome";
import { packSmallChunks } from "./small-chunks";
import { StackProcesses } from "./stack-processes";

interface Place {
  /** The files to count. */
  readonly texts: string;
  readonly out: string;
}

type Route = (typeof ROUTES)[number];

const LOOK_AGAIN_MILLISECONDS = 20;

/** Exit code of a command whose calls failed. */
const NETWORK_LOST = 1;

/** A stack with small chunks under ordered faults. */
export class ChaosStack {
  public readonly faults: Faults;
  private readonly processes: StackProcesses;
  private counts: FaultCounts = {};

  private constructor(
    private readonly home: string,
    private readonly stack: UpStack,
    private readonly place: Place,
  ) {
    this.faults = stack.faults;
    this.processes = new StackProcesses(home);
  }

  public static start(home: string, synthesis: LocalSynthesis, place: Place): Promise<ChaosStack> {
    return synthesis.withCopy(
      packSmallChunks,
      async (stackFile) => new ChaosStack(home, await UpStack.start(home, "--stack-file", stackFile), place),
    );
  }

  public async stop(): Promise<void> {
    await this.stack.stop();
  }

  /**
   * Sends the files on several ways at the same time; the rules are off afterwards.
   *
   * @param again true: a command that loses its network is given again, as a user would, with the same request id
   * @returns what each came to, in the order of `routes`
   */
  public async runAll(routes: readonly Route[] = ROUTES, again = false): Promise<readonly Outcome[]> {
    const runs = await Promise.all(routes.map((route) => (again ? this.submitAgain(route) : this.submit(route))));
    await this.untilMachineRests();
    this.counts = await this.faults.counts();
    await this.faults.clear();
    const messages = await this.takeAll(runs.length);
    return Promise.all(runs.map(({ batchId }) => outcomeOf(this.stack, this.place.out, batchId, messages)));
  }

  /** Sends other files, and takes their messages away. */
  public async run(texts: string, ...options: string[]): Promise<ResultFiles & { readonly messages: readonly ResultMessage[] }> {
    const { batchId } = await this.stack.submit(this.place.out, texts, ...options);
    const found = await readResultFiles(this.place.out, batchId);
    return { ...found, messages: await this.stack.takeMessages(found.lines.length) };
  }

  /** Runs the repairs whenever a message of the upload path is a dead letter, until `done` settles. */
  public async repairUploads(done: Promise<unknown>): Promise<void> {
    const client = new SQSClient(this.stack.clientSettings);
    const depth = new GetQueueAttributesCommand({
      QueueUrl: this.stack.outputs.jobs_dead_letters_url,
      AttributeNames: ["ApproximateNumberOfMessages"],
    });
    const over = new AbortController();
    const ending = done.finally(() => {
      over.abort();
    });
    try {
      while (!over.signal.aborted) {
        if (Number((await client.send(depth)).Attributes?.["ApproximateNumberOfMessages"]) > 0) await this.repair();
        await wait(LOOK_AGAIN_MILLISECONDS);
      }
      await ending;
    } finally {
      client.destroy();
    }
  }

  /** What the schedule does every five minutes. */
  private async repair(): Promise<void> {
    const client = new LambdaClient(this.stack.clientSettings);
    try {
      const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
      const FunctionName = Functions.find((each) => each.FunctionName?.endsWith("-reconcile"))?.FunctionName;
      const { FunctionError, StatusCode } = await client.send(new InvokeCommand({ FunctionName }));
      expect({ FunctionError, StatusCode }).toEqual({ FunctionError: undefined, StatusCode: 200 });
    } finally {
      client.destroy();
    }
  }

  private submit({ options }: Route): Promise<{ readonly batchId: string }> {
    return this.stack.submit(this.place.out, this.place.texts, ...options);
  }

  private async submitAgain({ options }: Route): Promise<{ readonly batchId: string }> {
    const { out, texts } = this.place;
    const again = ["submit", texts, ...options, "--request-id", randomUUID(), "--watch", "--json", "--out", out];
    let command = await runCommand(this.home, again);
    // one that lost its network says nothing of the batch; a batch that failed has the same code
    while (command.exitCode === NETWORK_LOST && printedError(command)) command = await runCommand(this.home, again);
    expect({ exitCode: command.exitCode, stderr: command.stderr }).toEqual({ exitCode: 0, stderr: expect.anything() as unknown });
    return batchFileSchema.parse(JSON.parse(command.stdout));
  }

  /** What hit in the last `runAll`. */
  public lastCounts(): FaultCounts {
    return this.counts;
  }

  public async untilHits(kind: FaultKind, atLeast: number): Promise<void> {
    while (hits(await this.faults.counts(), kind) < atLeast) await wait(LOOK_AGAIN_MILLISECONDS);
  }

  public async untilCaller(kind: FaultKind, part: string): Promise<void> {
    while (!Object.keys((await this.faults.callers())[kind] ?? {}).some((caller) => caller.includes(part)))
      await wait(LOOK_AGAIN_MILLISECONDS);
  }

  /** kill -9 of one worker, when the workers have read that many files (`delay-reply` counts them). */
  public async killWorker(random: () => number, filesRead: number): Promise<void> {
    await this.untilHits("delay-reply", filesRead);
    const workers = await this.processes.workers();
    const victim = workers[Math.floor(random() * workers.length)];
    if (victim === undefined) throw new Error("the stack has no worker to kill");
    process.kill(victim, "SIGKILL");
  }

  /** Suspends the emulator, as a machine that sleeps does: no connection ends, nothing is answered. */
  public async standStill(seconds: number): Promise<void> {
    const emulator = await this.processes.emulator();
    process.kill(emulator, "SIGSTOP");
    try {
      await wait(1_000 * seconds);
    } finally {
      process.kill(emulator, "SIGCONT");
    }
  }

  /** From now on whoever reads the file hangs. */
  public async makeDeadly(name: string): Promise<void> {
    await this.faults.set([{ kind: "delay-reply", operation: "s3:GetObject", matching: `/${name}$`, seconds: 600 }], 0);
  }

  /**
   * kill -9 of every worker that reads the file of `makeDeadly`, until `done` settles.
   *
   * @returns the number of workers killed
   */
  public async killReaders(done: Promise<unknown>): Promise<number> {
    const killed = new Set<string>();
    const over = new AbortController();
    const ending = done.finally(() => {
      over.abort();
    });
    while (!over.signal.aborted) {
      const readers = Object.keys((await this.faults.callers())["delay-reply"] ?? {}).filter((reader) => !killed.has(reader));
      for (const reader of readers) {
        killed.add(reader);
        await this.killReader(reader);
      }
      await wait(LOOK_AGAIN_MILLISECONDS);
    }
    await ending;
    await this.faults.clear();
    return killed.size;
  }

  private async killReader(arn: string): Promise<void> {
    const victim = await this.processes.worker(Number(/worker-(\d+)$/.exec(arn)?.[1]));
    if (victim === undefined) throw new Error(`${arn} is no worker of the stack`);
    process.kill(victim, "SIGKILL");
  }

  /** kill -9 of the process that runs an invocation of a function; Step Functions retries. */
  public async killLambda(functionName: string): Promise<void> {
    let [victim] = await this.processes.lambdas(functionName);
    while (victim === undefined) {
      await wait(LOOK_AGAIN_MILLISECONDS);
      [victim] = await this.processes.lambdas(functionName);
    }
    process.kill(victim, "SIGKILL");
  }

  /** Step Functions goes on for a moment after the completion message. */
  private async untilMachineRests(): Promise<void> {
    const client = new SFNClient(this.stack.clientSettings);
    const running = new ListExecutionsCommand({ stateMachineArn: this.stack.outputs.state_machine_arn, statusFilter: "RUNNING" });
    try {
      while (((await client.send(running)).executions ?? []).length > 0) await wait(LOOK_AGAIN_MILLISECONDS);
    } finally {
      client.destroy();
    }
  }

  /** Everything on the results queue: at least one message a file. */
  private async takeAll(runs: number): Promise<ResultMessage[]> {
    return this.stack.takeMessages(runs * (await readdir(this.place.texts)).length);
  }
}
