import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { present } from "../../kit/lib/present";
import { CapturedComplaint } from "../programs/captured";
import { ProcessFamily, RUN_MARK } from "../programs/process-family";
import { programEnvironment, SYSTEM_FOLDERS } from "../programs/program-environment";
import { RunFolder } from "../programs/run-folder";
import { abortionOf, failureOf } from "../programs/races";
import { guardRun, type GuardedRun } from "../programs/run-guard";
import { Stopper } from "../programs/stopper";
import { usedDisk } from "../programs/used-disk";
import { watch } from "../programs/watch";
import { WorkloadUnusableError } from "../workload";
import type { MemoryClass } from "./options";
import { answerSchema, type Answer, type Hooks, type Question } from "./protocol";

const MEBIBYTE = 1_048_576;
/** What a process of Node's takes beside its heap, buffers of its streams included. */
const BESIDE_HEAP_BYTES = 128 * MEBIBYTE;
/** What Node says before it ends for want of heap. https://nodejs.org/api/cli.html#--max-old-space-sizesize-in-mib */
const OUT_OF_HEAP = /heap out of memory|Reached heap limit/;

/** How a process ended that owed an answer. */
export interface Death {
  readonly kind: "death";
  readonly cause: "time" | "memory" | "disk" | "ended" | "killed";
  readonly detail: string;
}

export interface AskContext {
  /** Beside the process's own, what is written below it counts. @default nothing */
  readonly folder?: string;
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ProcessOptions {
  /** The bundle. */
  readonly program: string;
  /** An existing folder, in which the process gets one of its own. */
  readonly directory: string;
  readonly memoryClassMebibytes: MemoryClass;
  readonly timeLimitSeconds: number;
  readonly diskLimitMebibytes: number;
}

/** To load a module and to set it up it has at least this long: a machine that is busy for a moment must not close a batch. */
const START_SECONDS = 30;
/** Nobody is left to say more; somebody who could not be found may hold the other end open. */
const QUIET_MILLISECONDS = 1_000;

const DEATHS = {
  time: "it ran longer than its time limit and was ended",
  memory: "it ran out of memory",
  disk: "it wrote more to the disk than its limit and was killed",
  /** Of a process that lives, and closed the channel. */
  silent: "it closed the channel to what started it",
} as const;

/** A process that runs a module: asked one question at a time. Once it is dead, it stays dead. */
export class ModuleProcess {
  private hooksFound: Hooks | undefined;
  private ended: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;

  private readonly inbox: unknown[] = [];
  private readonly exited: Promise<void>;
  /** Resolves when all that it said on standard error was read. */
  private readonly quiet: Promise<unknown>;
  /** Called when something has come, or nothing more will. */
  private wake: () => void = () => undefined;

  private constructor(
    private readonly options: ProcessOptions,
    private readonly folder: RunFolder,
    private readonly child: ChildProcess,
    private readonly family: ProcessFamily,
    private readonly complaint: CapturedComplaint,
    private readonly guarded: GuardedRun,
  ) {
    this.quiet = new Promise((resolve) => child.stderr?.once("close", resolve));
    child.on("message", (message) => {
      this.inbox.push(message);
      this.wake();
    });
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.ended = { code, signal };
        resolve();
        this.wake();
      });
    });
    child.once("disconnect", () => {
      this.wake();
    });
  }

  /** Starts it and makes it ready. @throws WorkloadUnusableError when the module can't be loaded or set up */
  public static async start(options: ProcessOptions, own: unknown, context: AskContext): Promise<ModuleProcess> {
    context.signal?.throwIfAborted();
    const folder = await RunFolder.create(options.directory);
    let started: ModuleProcess;
    try {
      started = await ModuleProcess.spawned(options, folder);
    } catch (error) {
      await folder.remove();
      throw error;
    }
    try {
      const hello = await started.answerTo(undefined, context);
      if (hello.kind !== "hello") throw unusable("can't be loaded", hello);
      started.hooksFound = hello.hooks;
      const ready = await started.answerTo({ kind: "setup", options: own }, context);
      if (ready.kind !== "done") throw unusable("can't be set up", ready);
      return started;
    } catch (error) {
      await started.end();
      throw error;
    }
  }

  private static async spawned(options: ProcessOptions, folder: RunFolder): Promise<ModuleProcess> {
    const mark = randomUUID();
    const guarded = await guardRun(mark);
    const child = spawn(process.execPath, [`--max-old-space-size=${options.memoryClassMebibytes}`, options.program], {
      cwd: folder.work,
      env: { ...programEnvironment(folder.work, SYSTEM_FOLDERS, ""), [RUN_MARK]: mark },
      detached: true,
      // what it prints is of no interest
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const spawning = new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
    // at once: what comes before anybody listens is lost
    const complaint = new CapturedComplaint(present(child.stderr ?? undefined, "standard error of a process"), OUT_OF_HEAP);
    const family = new ProcessFamily(child.pid ?? 0, mark, folder.path);
    const started = new ModuleProcess(options, folder, child, family, complaint, guarded);
    try {
      await spawning;
    } catch (error) {
      guarded.close();
      throw error;
    }
    guarded.tellGroup(present(child.pid, "the number of a started process"));
    // a question that could not be sent: the process's end tells more
    child.on("error", () => undefined);
    return started;
  }

  public get hooks(): Hooks {
    return present(this.hooksFound, "the hooks of a module that was started");
  }

  public get isAlive(): boolean {
    return this.ended === undefined && this.child.connected;
  }

  public ask(question: Question, context: AskContext): Promise<Answer | Death> {
    return this.answerTo(question, context);
  }

  /** Ends it with all that it has started. */
  public async end(): Promise<void> {
    await this.family.end();
    this.guarded.close();
    this.child.stderr?.destroy();
    if (this.child.connected) this.child.disconnect();
    await this.folder.remove();
  }

  /** @throws the signal's reason; then, and with a death, the process is gone */
  private async answerTo(question: Question | undefined, { onProgress, signal, folder }: AskContext): Promise<Answer | Death> {
    signal?.throwIfAborted();
    const { memoryClassMebibytes, diskLimitMebibytes } = this.options;
    const isStarting = question === undefined || question.kind === "setup";
    const timeLimitSeconds = Math.max(this.options.timeLimitSeconds, isStarting ? START_SECONDS : 0);
    const folders = [this.folder.path, ...(folder === undefined ? [] : [folder])];
    const over = new AbortController();
    const stopper = new Stopper(this.family, timeLimitSeconds * 1_000);
    const watching = watch(
      {
        family: this.family,
        folders,
        memoryLimitBytes: memoryClassMebibytes * MEBIBYTE + BESIDE_HEAP_BYTES,
        diskLimitBytes: (await usedDisk(folders)) + diskLimitMebibytes * MEBIBYTE,
        onProgress,
        onExcess: stopper.stop.bind(stopper),
      },
      over.signal,
    );
    try {
      // a process that can't be told any more ends, and that is waited for
      if (question !== undefined && this.isAlive) this.child.send(question, () => undefined);
      const answer = await Promise.race([this.nextAnswer(), failureOf(watching), abortionOf(signal, over.signal)]);
      if (stopper.limit === undefined && answer !== undefined) return answer;
      // the channel closes a moment before a process has ended
      await Promise.race([this.exited, delay(stopper.limit === undefined ? QUIET_MILLISECONDS : 0, undefined, { ref: false })]);
      const wasAlive = this.ended === undefined;
      await this.family.end();
      return await this.death(stopper.limit ?? (wasAlive ? "silent" : undefined));
    } catch (error) {
      await this.family.end();
      throw error;
    } finally {
      over.abort();
      stopper.clear();
      await watching.catch(() => undefined); // whoever waited for the answer has its error
    }
  }

  /** @returns undefined once it is dead */
  private nextAnswer(): Promise<Answer | undefined> {
    return new Promise((resolve) => {
      this.wake = () => {
        const answer = this.inbox.shift();
        if (answer !== undefined) {
          const parsed = answerSchema.safeParse(answer);
          resolve(parsed.success ? parsed.data : { kind: "fault", fault: "failed", detail: "it sent something that is no answer" });
        } else if (!this.isAlive) resolve(undefined);
      };
      this.wake();
    });
  }

  private async death(limit: keyof typeof DEATHS | "output" | undefined): Promise<Death> {
    await this.exited;
    const { code, signal } = present(this.ended, "how a process ended");
    await Promise.race([this.quiet, delay(QUIET_MILLISECONDS, undefined, { ref: false })]);
    const complaint = this.complaint.text;
    if (limit === "silent" || limit === "output") return { kind: "death", cause: "ended", detail: DEATHS.silent };
    if (limit !== undefined) return { kind: "death", cause: limit, detail: DEATHS[limit] };
    if (this.complaint.wasTold) return { kind: "death", cause: "memory", detail: DEATHS.memory };
    const how = signal === null ? `it ended its process, with exit code ${code ?? 0}` : `its process was killed by ${signal}`;
    return { kind: "death", cause: signal === null ? "ended" : "killed", detail: complaint === "" ? how : `${how}: ${complaint}` };
  }
}

const unusable = (what: string, ended: Answer | Death): WorkloadUnusableError =>
  new WorkloadUnusableError(`the module ${what}: ${"detail" in ended ? ended.detail : "it did not answer as it should"}`);
