import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Writable } from "node:stream";
import { ulid } from "ulid";
import type { LocalFailure, LocalRuntime, RunningStack } from "../../cli/local-runtime";
import { makeReporter } from "../../cli/render/reporter";
import { runCommand } from "../../cli/run-command";
import type { AwsEnvironment, Services, Target } from "../../cli/services";
import type { BatchResult, FileResult } from "../../core/contracts/files";
import { resultKey, resultsKey, uploadPartialKey } from "../../core/contracts/state-keys";
import type { StackOutputs } from "../../core/contracts/stack-outputs";
import { FakeClock } from "../support/fakes/clock";
import { InMemoryLedger } from "../support/fakes/ledger";
import { InMemoryObjectStore } from "../support/fakes/object-store";
import { InMemoryQueue } from "../support/fakes/queue";
import { InMemoryResultStore } from "../support/fakes/result-store";
import { FakeWorkflow } from "../support/fakes/workflow";

export const OUTPUTS: StackOutputs = {
  region: "us-east-1",
  uploading_bucket: "uploading",
  processing_bucket: "processing",
  state_bucket: "state",
  jobs_queue_url: "http://127.0.0.1/jobs",
  chunks_queue_url: "http://127.0.0.1/chunks",
  results_queue_url: "http://127.0.0.1/results",
  results_table: "wordfreq",
  ledger_table: "wordfreq-ledger",
  state_machine_arn: "arn:aws:states:us-east-1:000000000000:stateMachine:wordfreq-batch",
  worker_role_arn: "arn:aws:iam::000000000000:role/worker",
};
export const ENVIRONMENT: AwsEnvironment = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
};

class Text extends Writable {
  public text = "";
  public override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString("utf8");
    done();
  }
}

/**
 * The command with everything around it in memory. Its "stack" finishes a batch as soon as it starts and a file as soon as it is
 * copied: every file has three words, files named `*.bad` are quarantined, files named `*.png` skipped.
 */
export class Harness {
  public readonly ledger = new InMemoryLedger();
  public readonly clock = new FakeClock();
  public readonly objects = new InMemoryObjectStore("uploading", "processing", "state");
  public readonly workflow = new FakeWorkflow(this.clock);
  public readonly results = new InMemoryResultStore();
  public readonly queue = new InMemoryQueue(this.clock);
  public readonly interruption = new AbortController();
  /** What happened to the local stack, in order. */
  public readonly events: string[] = [];
  public readonly connected: Target[] = [];
  /** false: batches start and stay. */
  public finishes = true;
  public background: Awaited<ReturnType<LocalRuntime["findBackground"]>>;
  public variables: NodeJS.ProcessEnv = {};
  private failure: LocalFailure | undefined;
  private reportFailure: (failure: LocalFailure) => void = () => undefined;

  private constructor(public readonly directory: string) {
    const start = this.workflow.start.bind(this.workflow);
    this.workflow.start = async (ref) => {
      const started = await start(ref);
      if (this.finishes) await this.finishBatch(ref.batchId);
      return started;
    };
    const copy = this.objects.copy.bind(this.objects);
    this.objects.copy = async (from, to) => {
      await copy(from, to);
      if (this.finishes) await this.finishUpload(to.key);
    };
  }

  public static async make(): Promise<Harness> {
    return new Harness(await mkdtemp(path.join(tmpdir(), "filemill-cli-")));
  }

  /** Makes the local stack fail. */
  public fail(failure: LocalFailure): void {
    this.failure = failure;
    this.reportFailure(failure);
  }

  public async run(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const [stdout, stderr] = [new Text(), new Text()];
    const terminal = { stdout, stderr, interactive: false };
    const exitCode = await runCommand(
      {
        projectDirectory: path.resolve(__dirname, "../.."),
        workingDirectory: this.directory,
        environment: this.variables,
        terminal,
        reporter: makeReporter(terminal, this.interruption.signal),
        signal: this.interruption.signal,
        connect: (target) => this.connect(target),
        local: this.local(),
      },
      ["node", "filemill", ...args],
      "1.2.3",
    );
    return { exitCode, stdout: stdout.text, stderr: stderr.text };
  }

  private connect(target: Target): Services {
    this.connected.push(target);
    const { clock, ledger, objects, queue, results, workflow } = this;
    return { outputs: target.outputs, ledger, objects, workflow, results, jobs: queue, chunks: queue, clock, newId: () => ulid() };
  }

  private local(): LocalRuntime {
    const description = { endpoint: "http://127.0.0.1:4566", outputs: OUTPUTS, environment: ENVIRONMENT };
    return {
      homeDirectory: path.join(this.directory, ".filemill"),
      synthesize: (outputDirectory) => {
        this.events.push("synthesize");
        return Promise.resolve(path.join(outputDirectory, "cdk.tf.json"));
      },
      start: ({ stackFile, workers, onStage }) => {
        this.events.push(`start ${path.basename(stackFile)} ${workers}`);
        onStage("emulator ready");
        const failed = new Promise<LocalFailure>((resolve) => {
          this.reportFailure = resolve;
        });
        if (this.failure !== undefined) this.reportFailure(this.failure);
        const stack: RunningStack = {
          ...description,
          failed,
          failure: () => this.failure,
          stop: () => {
            this.events.push("stop");
            return Promise.resolve();
          },
        };
        return Promise.resolve(stack);
      },
      startBackground: ({ workers }) => {
        this.events.push("start background");
        this.background = { ...description, pid: 1, workers, startedAt: "2026-01-01T00:00:00.000Z" };
        return Promise.resolve(this.background);
      },
      findBackground: () => Promise.resolve(this.background),
      stopBackground: () => {
        this.events.push("stop background");
        this.background = undefined;
        return Promise.resolve();
      },
    };
  }

  private async finishBatch(batchId: string): Promise<void> {
    const ref = { batchId, generation: 1 };
    const batch = await this.ledger.getBatch(batchId);
    if (batch === undefined) throw new Error(`no batch ${batchId}`);
    const lines: FileResult[] = [];
    for await (const { key, size } of this.objects.list(batch.source.bucket, batch.source.prefix)) {
      lines.push({ ...outcomeOf(key), filename: key.slice(batch.source.prefix.length), bytes: size });
    }
    const having = (status: FileResult["status"]): number => lines.filter((line) => line.status === status).length;
    const files = {
      total: lines.length,
      processed: having("processed"),
      skipped: having("skipped"),
      quarantined: having("quarantined"),
      unfinished: 0,
    };
    const result: BatchResult = {
      ...ref,
      status: "completed",
      route: batch.requestedRoute === "lambda" ? "lambda" : "fleet",
      files,
      bytes: lines.reduce((sum, { bytes }) => sum + bytes, 0),
      totalWords: 3 * files.processed,
      distinctWords: 2,
      overlongWords: 0,
      words: [{ word: "people", count: 2 * files.processed }],
      manifestSha256: "0".repeat(64),
    };
    this.objects.set("state", resultsKey(ref), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    this.objects.set("state", resultKey(ref), JSON.stringify(result));
    await this.ledger.closeGeneration(ref, "complete");
    await this.ledger.sealGeneration(ref, { files, sealedSha256: "1".repeat(64) });
    await this.ledger.putCompletion(ref, "{}");
    await this.ledger.markCompletionSent(ref, new Date(this.clock.now() + 1_500).toISOString());
  }

  private async finishUpload(key: string): Promise<void> {
    const identity = { bucket: "processing", key, etag: "e", size: 5, lastModified: "2026-01-01T00:00:00.000Z" };
    const { status, reason, ...counts } = outcomeOf(key);
    if (status === "skipped" || status === "quarantined") {
      if (reason === undefined || reason === "cancelled" || reason === "failed") throw new Error("no reason of the upload path");
      await this.ledger.putUploadException({ ...identity, status, reason });
      return;
    }
    const runId = key.split("/")[1] ?? "";
    const partial = [{ file: 0, ...counts }, ["people", 2], ["union", 1]].map((line) => `${JSON.stringify(line)}\n`).join("");
    this.objects.set("state", uploadPartialKey(runId, `processing/${key}`), partial);
    await this.results.put([{ ...identity, ...counts, optionsHash: "o" }]);
  }
}

function outcomeOf(key: string): Omit<FileResult, "filename" | "bytes"> {
  const none = { totalWords: 0, distinctWords: 0, overlongWords: 0, words: [] };
  if (key.endsWith(".bad")) return { status: "quarantined", reason: "corrupt-gzip", ...none };
  if (key.endsWith(".png")) return { status: "skipped", reason: "not-text", ...none };
  return { status: "processed", totalWords: 3, distinctWords: 2, overlongWords: 0, words: [{ word: "people", count: 2 }] };
}
