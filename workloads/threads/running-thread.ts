import type { Worker } from "node:worker_threads";
import type { Clock } from "../../kit/ports/clock";
import { within } from "../../kit/lib/within";
import type { FromThread, Question } from "./messages";
import { ThreadCall } from "./thread-call";
import { ThreadDiedError } from "./thread-errors";
import { errorOf } from "./thread-failure";

/** Whoever is told to stop finds no more input, and ends. Whoever computes on for so long is ended. */
const STOP_MILLISECONDS = 5_000;

export interface AskOptions {
  /** Bytes that go along. @default none */
  readonly input?: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
  /** Told of what is worked on until `forget` is called with the question's number. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** The work threads that a process may start. */
export interface ThreadDeps {
  /** Starts one. */
  readonly start: () => Worker;
  readonly clock: Clock;
  /** Told of one that ended by itself. */
  readonly onDeath: (error: Error) => void;
}

/** A thread from its start to its end. */
export class RunningThread {
  public death: Error | undefined;
  private readonly worker: Worker;
  private readonly calls = new Map<number, ThreadCall>();
  private readonly listeners = new Map<number, (bytes: number) => void>();
  private lastNumber = 0;

  public constructor(private readonly deps: ThreadDeps) {
    this.worker = deps.start();
    this.worker.on("message", (message: FromThread) => {
      this.take(message);
    });
    this.worker.on("error", (error) => {
      this.die(new ThreadDiedError(`a thread ended: ${error instanceof Error ? error.message : String(error)}`, { cause: error }));
    });
    this.worker.on("exit", (code) => {
      this.die(new ThreadDiedError(`a thread ended with code ${code}`));
    });
    this.worker.unref();
  }

  /** A number of its own for what is kept in the thread. */
  public nextNumber(): number {
    this.lastNumber += 1;
    return this.lastNumber;
  }

  /**
   * @param number names the question; from `nextNumber`
   * @throws what the thread failed with (`errorOf`), ThreadDiedError, the reason of an aborted `signal`
   */
  public async ask(question: Question, { input, onProgress, signal }: AskOptions = {}, number = this.nextNumber()): Promise<unknown> {
    signal?.throwIfAborted();
    if (this.death !== undefined) throw this.death;
    const call = new ThreadCall(number, (message, transfer) => {
      this.worker.postMessage(message, transfer);
    });
    this.calls.set(number, call);
    // a process that only waits for an answer must not end
    this.worker.ref();
    if (onProgress !== undefined) this.listeners.set(number, onProgress);
    const stop = (): void => {
      void this.stop(call);
    };
    signal?.addEventListener("abort", stop);
    try {
      call.ask(question, input);
      return await call.answer;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", stop);
      this.calls.delete(number);
      if (this.calls.size === 0) this.worker.unref();
    }
  }

  /** No progress is told of any more. */
  public forget(number: number): void {
    this.listeners.delete(number);
  }

  public async end(): Promise<void> {
    this.death ??= new ThreadDiedError("the thread was ended");
    await this.worker.terminate();
  }

  private take(message: FromThread): void {
    const { id } = message;
    if ("progress" in message) this.listeners.get(id)?.(message.progress);
    else if ("taken" in message) this.calls.get(id)?.taken(message.taken);
    else if ("failure" in message) this.calls.get(id)?.failed(errorOf(message.failure));
    else this.calls.get(id)?.answered(message.answer);
  }

  private async stop(call: ThreadCall): Promise<void> {
    call.breakOff("the work was told to stop");
    try {
      await within(this.deps.clock, STOP_MILLISECONDS, "a thread that was told to stop", call.answer);
    } catch {
      // that it failed is what stopping comes to; that it goes on is seen by its call
    }
    if (!call.isOver) await this.worker.terminate();
  }

  private die(error: Error): void {
    if (this.death === undefined) {
      this.death = error;
      this.deps.onDeath(error);
    }
    for (const call of this.calls.values()) call.failed(this.death);
  }
}
