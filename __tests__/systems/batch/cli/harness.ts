import { PROJECT } from "../../../support/project";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable, Writable } from "node:stream";
import { ulid } from "ulid";
import type { LocalFailure, LocalRuntime, RunningStack, StartOptions } from "../../../../kit/cli/local/local-runtime";
import { nodeZlib } from "../../../../kit/aws/node-zlib";
import { makeReporter } from "../../../../kit/cli/render/reporter";
import type { Verb } from "../../../../kit/cli/help/verb";
import type { VerbContext } from "../../../../kit/cli/verb-context";
import { makeProgram } from "../../../../command/program";
import { KIT_EXITS } from "../../../../kit/cli/verbs/exits";
import { EXITS } from "../../../../systems/batch/cli/exit-texts";
import { runCommand } from "../../../../command/run-command";
import { StreamOutput } from "../../../../kit/cli/terminal/output";
import type { CommandSystem } from "../../../../kit/cli/system-command";
import { batchCommand } from "../../../../systems/batch/cli/command";
import type { Connect, DoctorParts, Services, Target } from "../../../../systems/batch/cli/services";
import { COURSEWORK_RUN_NAMES } from "../../../../systems/batch/config/coursework-runs";
import { onHostRuntime } from "../../../../systems/batch/config/worker-archive";
import { environmentTerms } from "../../../../systems/batch/config/environment-terms";
import { batch } from "../../../../systems/batch/system";
import type { GenerationRef } from "../../../../systems/batch/contracts/batch";
import {
  uploadExceptionSchema,
  type BatchRecord,
  type CloseCause,
  type GenerationRecord,
} from "../../../../systems/batch/contracts/ledger-rows";
import { type FileResult } from "../../../../systems/batch/contracts/files";
import { uploadPartialKey } from "../../../../systems/batch/contracts/state-keys";
import type { StackOutputs } from "../../../../systems/batch/contracts/stack-outputs";
import { withRunFolder } from "../../../../kit/local";
import type { AwsEnvironment } from "../../../../kit/local";
import type { ScalingView } from "../../../../kit/local";
import { alreadyUp } from "../../../../kit/local/background/claim";
import { FakeClock } from "../../../support/fakes/clock";
import { noteAcknowledged } from "../../../../systems/batch/core/upload-work/note-acknowledged";
import { RowLedger } from "../../../../systems/batch/core/ledger/row-ledger";
import { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";
import { MemoryObjectStore } from "../../../../kit/simulator/memory/memory-object-store";
import { MemoryQueue } from "../../../../kit/simulator/memory/memory-queue";
import { MemoryResultStore } from "../../../../systems/batch/simulation/world/memory-result-store";
import { interpreterTarget } from "../../../../kit/simulator/conformance/interpreter-target";
import { FakeStackStorage } from "../../../support/fakes/stack-storage";
import { FakeLoadTest } from "../../../support/fakes/load-test";
import { FakeTableRecovery } from "../../../support/fakes/table-recovery";
import { FakeWorkflow } from "../../../support/fakes/workflow";
import type { Deployments } from "../../../../kit/cli/terraform/deployments";
import { fileWords, NOTHING_MADE, resultWords, wordItem } from "../../../support/word-count";
import { storeFinishedGeneration } from "./finished-generation";

export const OUTPUTS: StackOutputs = {
  region: "us-east-1",
  uploading_bucket: "uploading",
  processing_bucket: "processing",
  state_bucket: "state",
  source_buckets: ["uploading"],
  jobs_queue_url: "http://127.0.0.1/jobs",
  chunks_queue_url: "http://127.0.0.1/chunks",
  results_queue_url: "http://127.0.0.1/results",
  jobs_dead_letters_url: "http://127.0.0.1/jobs-dead-letters",
  chunks_dead_letters_url: "http://127.0.0.1/chunks-dead-letters",
  results_dead_letters_url: "http://127.0.0.1/results-dead-letters",
  results_table: "wordfreq",
  ledger_table: "wordfreq-ledger",
  state_machine_arn: "arn:aws:states:us-east-1:000000000000:stateMachine:wordfreq-batch",
  worker_log_group: "/filemill/wordfreq-worker",
  worker_role_arn: "arn:aws:iam::000000000000:role/worker",
  auto_scaling_group: "wordfreq-ASG",
  ingest: "queue",
  configured: {
    largest_function_mebibytes: 3_008,
    lambda_concurrency: 200,
    reserved_lambda_concurrency: 0,
    maximum_open_batches: 10,
    vcpus_per_instance: 2,
    spot_vcpus: 10,
    on_demand_vcpus: 0,
  },
};
export const ENVIRONMENT: AwsEnvironment = {
  AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "AKIA0000000000000000",
  AWS_SECRET_ACCESS_KEY: "secret",
};

class Text extends Writable {
  public text = "";
  public readonly isTTY: boolean;
  /**
   * @param columns of the terminal that it is; none makes it a pipe
   * @param isFull true: nothing can be written to it
   */
  public constructor(
    public readonly columns: number | undefined,
    private readonly isFull: boolean,
  ) {
    super({ autoDestroy: false });
    this.isTTY = columns !== undefined;
  }
  public override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.isFull) {
      done(Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }));
      return;
    }
    this.text += chunk.toString("utf8");
    done();
  }
}

/** A local stack of one worker that is up. */
export const BACKGROUND = {
  endpoint: ENVIRONMENT.AWS_ENDPOINT_URL,
  outputs: { batch: OUTPUTS },
  environment: ENVIRONMENT,
  pid: 1,
  processes: { worker: 1 },
  startedAt: "2026-01-01T00:00:00.000Z",
};

/** A doctor for whom all is well. */
export const DOCTOR: DoctorParts = {
  probe: { probe: () => Promise.resolve([]) },
  whoAmI: { ask: () => Promise.resolve({ account: "000000000000", arn: "arn:aws:iam::000000000000:root" }) },
  code: { readFunction: () => Promise.resolve(undefined), readDefinition: () => Promise.resolve("") },
  emulator: true,
  conformanceTarget: () => interpreterTarget,
};

const ENVIRONMENTS = {
  names: batch.environments,
  environmentOf: (variables: NodeJS.ProcessEnv) => Promise.resolve(environmentTerms(variables)),
  publishedRuns: COURSEWORK_RUN_NAMES,
  onHostRuntime: (stack: string) => Promise.resolve(onHostRuntime(stack)),
};

/** The batch system with parts of a test's own. */
export const batchSystem = (connect: Connect): CommandSystem => ({ ...batch, command: batchCommand(connect, ENVIRONMENTS) });

/** The command as it is, with all its verbs, to ask for them. */
export const program = (): Promise<Verb> =>
  makeProgram(undefined as unknown as VerbContext, "1.2.3", [
    batchSystem(() => {
      throw new Error("nothing is connected to");
    }),
  ]);

/** Every verb that does something, by its words after `filemill`: tests are named by them, before verbs can be loaded. */
export const DOING = Object.keys({ ...EXITS, ...KIT_EXITS }).filter((words) => words !== "");

/**
 * The command with everything around it in memory. Its "stack" finishes a batch as soon as it starts and a file as soon as it is
 * copied: every file has three words, files named `*.bad` are quarantined, files named `*.png` skipped.
 */
export class Harness {
  public readonly clock = new FakeClock();
  public readonly ledger = new RowLedger(new MemoryRowStore(), this.clock);
  public readonly objects = new MemoryObjectStore(["uploading", "processing", "state"]);
  public readonly storage = new FakeStackStorage();
  public readonly workflow = new FakeWorkflow(this.clock);
  public readonly results = new MemoryResultStore();
  public readonly queue = new MemoryQueue({ name: "results", clock: this.clock });
  public readonly deadLetters = {
    jobs: new MemoryQueue({ name: "jobs-dead-letters", clock: this.clock }),
    chunks: new MemoryQueue({ name: "chunks-dead-letters", clock: this.clock }),
    results: new MemoryQueue({ name: "results-dead-letters", clock: this.clock }),
  };
  public readonly interruption = new AbortController();
  /** What a load test watches: a group of one to five, alone, that stays as it is. */
  public readonly loadTest = new FakeLoadTest(() => this.results);
  /** What happened to the local stack, in order. */
  public readonly events: string[] = [];
  public readonly connected: Target[] = [];
  /** Details of errors that the command did not know. */
  public readonly details: string[] = [];
  /** Of the terminal that the command writes to; undefined: pipes. */
  public columns: number | undefined;
  /** Outputs that nothing can be written to. */
  public readonly full = new Set<"stdout" | "stderr">();
  /** false: batches start and stay. */
  public finishes = true;
  /** Takes the place of parts of the stack that commands are connected to. */
  public parts: Partial<Services> = {};
  /** Names of files that are whole by now, whatever their names say. */
  public readonly mended = new Set<string>();
  /** What Auto Scaling of the background stack has done. */
  public scaling: ScalingView = { groups: [], alarms: [] };
  public background: Awaited<ReturnType<LocalRuntime["findBackground"]>>;
  /** On the disk of the local stack. */
  public freeBytes = 1e12;
  public variables: NodeJS.ProcessEnv = {};
  public standardInput = "";
  /** What the person at the terminal types when asked; undefined: there is none. */
  public answer: string | undefined;
  /** Of Terraform. */
  public deployments: Deployments = {
    check: () => undefined,
    synthesize: () => Promise.reject(new Error("there is no synthesis here")),
    open: () => Promise.reject(new Error("there is no Terraform here")),
  };
  private failure: LocalFailure | undefined;
  private reportFailure: (failure: LocalFailure) => void = () => undefined;

  private constructor(public readonly directory: string) {
    const start = this.workflow.start.bind(this.workflow);
    this.workflow.start = async (ref) => {
      const started = await start(ref);
      if (this.finishes) await this.finishGeneration(ref);
      return started;
    };
    const startFinish = this.workflow.startFinish.bind(this.workflow);
    this.workflow.startFinish = async (ref, attempt) => {
      const started = await startFinish(ref, attempt);
      await this.finishGeneration(ref, "cancelled");
      return started;
    };
    const copy = this.objects.copy.bind(this.objects);
    this.objects.copy = async (from, to, options) => {
      await copy(from, to, options);
      if (this.finishes && to.bucket === "processing") await this.finishUpload(to.key);
    };
  }

  public static async make(): Promise<Harness> {
    return Harness.at(await mkdtemp(path.join(tmpdir(), "filemill-cli-")));
  }

  /** With a folder `texts`: a file that is counted, and `b.bad`, which the stand-in of the stack quarantines. */
  public static async withTexts(): Promise<Harness> {
    const harness = await Harness.make();
    await mkdir(path.join(harness.directory, "texts"));
    await writeFile(path.join(harness.directory, "texts/a.txt"), "words");
    await writeFile(path.join(harness.directory, "texts/b.bad"), "words");
    return harness;
  }

  /** The same with a local stack of two workers that is up. */
  public static async upWithTexts(): Promise<Harness> {
    const harness = await Harness.withTexts();
    const { stderr } = await harness.run("local", "up", "--workers", "2");
    if (harness.background === undefined) throw new Error(`the fake stack is not up: ${stderr}`);
    return harness;
  }

  /** @param directory that the command is started in */
  public static at(directory: string): Harness {
    return new Harness(directory);
  }

  /** Makes the local stack fail. */
  public fail(failure: LocalFailure): void {
    this.failure = failure;
    this.reportFailure(failure);
  }

  /** Submits `texts`. @returns the batch's id, which is all that is printed */
  public async submitted(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run("submit", "texts", ...args);
    if (exitCode !== 0 || !/^[0-9A-Z]{26}\n$/.test(stdout)) throw new Error(`submitting ends with ${exitCode}: '${stdout}', ${stderr}`);
    return stdout.trim();
  }

  public async run(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const [stdout, stderr] = ["stdout" as const, "stderr" as const].map((name) => new Text(this.columns, this.full.has(name))) as [
      Text,
      Text,
    ];
    const terminal = { stdout: new StreamOutput(stdout), stderr: new StreamOutput(stderr), screen: undefined };
    const { answer } = this;
    const exitCode = await runCommand(
      {
        projectDirectory: PROJECT,
        workingDirectory: this.directory,
        environment: this.variables,
        standardInput: () => Readable.from([Buffer.from(this.standardInput)]),
        terminal,
        reporter: makeReporter(terminal, this.interruption.signal),
        signal: this.interruption.signal,
        clock: this.clock,
        local: this.local(),
        deployments: this.deployments,
        ask: answer === undefined ? undefined : () => Promise.resolve(answer),
      },
      ["node", "filemill", ...args],
      "1.2.3",
      { places: [], freeBytes: () => Promise.resolve(undefined), openFilesLimit: () => "64", keepDetails: (details) => this.keep(details) },
      [batchSystem((target) => Promise.resolve(this.connect(target)))],
    );
    return { exitCode, stdout: stdout.text, stderr: stderr.text };
  }

  private keep(details: string): Promise<string> {
    this.details.push(details);
    return Promise.resolve("/home/error.log");
  }

  private connect(target: Target): Services {
    this.connected.push(target);
    const { clock, ledger, objects, queue, results, storage, workflow } = this;
    return {
      outputs: target.outputs,
      ledger,
      objects,
      storage,
      workflow,
      results,
      jobs: queue,
      chunks: queue,
      clock,
      deadLetters: {
        jobs: { queue: this.deadLetters.jobs, source: queue },
        chunks: { queue: this.deadLetters.chunks, source: queue },
        results: { queue: this.deadLetters.results, source: queue },
      },
      decompressor: nodeZlib,
      doctor: DOCTOR,
      loadTest: this.loadTest,
      recovery: { tables: new FakeTableRecovery(clock), open: () => ({ ledger, results }) },
      newId: () => ulid(),
      ...this.parts,
    };
  }

  private local(): LocalRuntime {
    const description = { endpoint: "http://127.0.0.1:4566", outputs: { batch: OUTPUTS }, environment: ENVIRONMENT };
    return {
      homeDirectory: () => path.join(this.directory, ".filemill"),
      prepareHome: () => Promise.resolve(path.join(this.directory, ".filemill")),
      freeBytes: () => Promise.resolve(this.freeBytes),
      withRunFolder: (say, work) => withRunFolder({ path: path.join(this.directory, ".filemill"), named: true }, say, work),
      pinnedNode: () => Promise.resolve("/pinned/node"),
      synthesize: (systems, outputDirectory) => {
        this.events.push("synthesize");
        return Promise.resolve(Object.fromEntries(systems.map((name) => [name, path.join(outputDirectory, name, "cdk.tf.json")])));
      },
      start: ({ nodeFile, stackFiles, processes, onStage }) => {
        const { batch: stackFile = "none" } = stackFiles;
        this.events.push(`start ${path.basename(stackFile)} ${processes["worker"] ?? 0}${nodeFile === undefined ? "" : ` by ${nodeFile}`}`);
        onStage("emulator ready");
        const failed = new Promise<LocalFailure>((resolve) => {
          this.reportFailure = resolve;
        });
        if (this.failure !== undefined) this.reportFailure(this.failure);
        const stack: RunningStack = {
          ...description,
          failed,
          failure: () => this.failure,
          redeploy: () => Promise.reject(new Error("the fake stack has one version")),
          stop: () => {
            this.events.push("stop");
            return Promise.resolve();
          },
        };
        return Promise.resolve(stack);
      },
      claimBackground: () => {
        const up = this.background;
        if (up !== undefined) return Promise.reject(alreadyUp({ owner: { pid: up.pid, started: "", space: "" }, stack: up }));
        this.events.push("claim");
        return Promise.resolve({
          start: ({ processes }: StartOptions) => {
            this.events.push("start background");
            this.background = { ...description, pid: 1, processes, startedAt: "2026-01-01T00:00:00.000Z" };
            return Promise.resolve(this.background);
          },
          release: () => {
            this.events.push("release");
            return Promise.resolve();
          },
        });
      },
      findBackground: () => Promise.resolve(this.background),
      findTrouble: () => Promise.resolve(this.background?.failure),
      readScaling: () => Promise.resolve(this.scaling),
      setDesired: (_stack, group, capacity) => {
        this.events.push(`set ${group} to ${capacity}`);
        return Promise.resolve();
      },
      orderFleet: ({ instanceId, order }) => {
        this.events.push(`${order} ${instanceId}`);
        return Promise.resolve();
      },
      stopBackground: () => {
        this.events.push("stop background");
        const stopped = this.background;
        this.background = undefined;
        return Promise.resolve(stopped);
      },
    };
  }

  /** The newest batches, with the newest generation of each. */
  public async batches(): Promise<{ batch: BatchRecord; generation: GenerationRecord }[]> {
    const batches = await this.ledger.listBatches(100);
    return Promise.all(
      batches.map(async (batch) => {
        const generation = await this.ledger.getGeneration({ batchId: batch.batchId, generation: batch.latestGeneration });
        if (generation === undefined) throw new Error(`no generation ${batch.latestGeneration} of ${batch.batchId}`);
        return { batch, generation };
      }),
    );
  }

  /** Brings a generation to its end: every file that the source has, or as `cause` says. */
  public async finishGeneration(ref: GenerationRef, cause: CloseCause = "complete"): Promise<void> {
    const outcome = (name: string): Omit<FileResult, "filename" | "bytes"> =>
      cause === "cancelled" ? { status: "unfinished", reason: "cancelled", ...NOTHING_MADE } : outcomeOf(name, this.mended);
    await storeFinishedGeneration({ ledger: this.ledger, objects: this.objects, now: this.clock.now() }, ref, cause, outcome);
  }

  private async finishUpload(key: string): Promise<void> {
    await this.settleUpload(key);
    await noteAcknowledged({ store: this.objects, stateBucket: "state" }, [{ bucket: "processing", key, messageId: "m" }]);
  }

  private async settleUpload(key: string): Promise<void> {
    const identity = { bucket: "processing", key, etag: "e", size: 5, lastModified: "2026-01-01T00:00:00.000Z" };
    const { reason, result, status } = outcomeOf(key);
    if (status === "skipped" || status === "quarantined") {
      await this.ledger.putUploadException(uploadExceptionSchema.parse({ ...identity, status, reason }));
      return;
    }
    const runId = key.split("/")[1] ?? "";
    const partial = [{ file: 0, result }, ["people", 2], ["union", 1]].map((line) => `${JSON.stringify(line)}\n`).join("");
    this.objects.set("state", uploadPartialKey(runId, `processing/${key}`), partial);
    await this.results.put([wordItem(identity, resultWords(result), { optionsHash: "o" })]);
  }
}

function outcomeOf(key: string, mended: ReadonlySet<string> = new Set()): Omit<FileResult, "filename" | "bytes"> {
  if (key.endsWith(".bad") && !mended.has(key))
    return { status: "quarantined", reason: "corrupt-gzip", detail: "unexpected end of file", ...NOTHING_MADE };
  if (key.endsWith(".png")) return { status: "skipped", reason: "not-text", ...NOTHING_MADE };
  const facts = { textBytes: 20, invalidBytes: key.endsWith(".latin1") ? 5 : 0 };
  const result = fileWords({ ...facts, totalWords: 3, distinctWords: 2, words: [{ word: "people", count: 2 }] });
  return { status: "processed", result, outputs: [] };
}
