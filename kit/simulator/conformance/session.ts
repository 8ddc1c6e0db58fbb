import type { CallbackAnswer, ConformanceBench, DescribedExecution } from "../../ports/conformance-target";

/** A case waits no longer than this for anything; the longest that it should take is 5 s. */
const PATIENCE_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 200;

/** A thing that a case waits for did not happen. */
export class ConformanceTimeoutError extends Error {
  public override readonly name = "ConformanceTimeoutError";
  public constructor(what: string) {
    super(`${what} did not happen within ${PATIENCE_MILLISECONDS / 1_000} s`);
  }
}

/** What a case does with its execution `first`, in the words of the cases. */
export class Session {
  /** @param signal aborted: waiting ends at the next look */
  public constructor(
    public readonly bench: ConformanceBench,
    private readonly signal?: AbortSignal,
  ) {}

  public start(input: unknown = {}): Promise<"started" | "already-exists"> {
    return this.bench.start(FIRST, input);
  }

  /** Waits for the end. @returns what is compared of it: no times, no ARNs, no texts for people */
  public async ended(): Promise<Pick<DescribedExecution, "status" | "output" | "error">> {
    const { status, output, error } = await this.until("the end of the execution", async () => {
      const found = await this.bench.describe(FIRST);
      return found.status === "RUNNING" ? undefined : found;
    });
    return {
      status,
      ...(status === "SUCCEEDED" ? { output } : {}),
      ...(error === undefined ? {} : { error }),
    };
  }

  /** Waits for the next message. */
  public async message(): Promise<{ readonly token: string; readonly body: Readonly<Record<string, unknown>> }> {
    const text = await this.until("a message", () => this.bench.receive());
    const body = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return { token: String(body["token"]), body };
  }

  public succeed(token: string, output: unknown): Promise<CallbackAnswer> {
    return this.bench.succeed(token, output);
  }
  public fail(token: string, error: string): Promise<CallbackAnswer> {
    return this.bench.fail(token, error, "by the case");
  }
  public stop(): Promise<void> {
    return this.bench.stop(FIRST, "Stopped", "by the case");
  }
  public sleep(seconds: number): Promise<void> {
    return this.bench.sleep(seconds * 1_000);
  }
  public childCounts(): Promise<Readonly<Record<string, number>>> {
    return this.bench.childCounts(FIRST);
  }

  private async until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = this.bench.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      this.signal?.throwIfAborted();
      const found = await look();
      if (found !== undefined) return found;
      if (this.bench.now() > deadline) throw new ConformanceTimeoutError(what);
      await this.bench.sleep(POLL_MILLISECONDS);
    }
  }
}

const FIRST = "first";
