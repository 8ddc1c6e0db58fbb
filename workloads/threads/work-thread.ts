import type { BoundWorkload } from "../bound-workload";
import type { Merge, MergeContext, SplitPartial, WorkContext, Worked, WorkSource } from "../workload";
import type { ThreadContext, ThreadWorked } from "./messages";
import { RunningThread, type ThreadDeps } from "./running-thread";
import { ThreadDiedError } from "./thread-errors";

/** A partial that lies in a thread. */
export class ThreadPartial implements SplitPartial {
  private isGone = false;

  public constructor(
    public readonly thread: RunningThread,
    private readonly number: number,
  ) {}

  /** Its number, for a merge that disposes of it. */
  public take(): number {
    this.isGone = true;
    return this.number;
  }

  /** Safe to call more than once, and after it was merged. */
  public async dispose(): Promise<void> {
    // with the thread what it held is gone
    if (this.isGone || this.thread.death !== undefined) return;
    this.isGone = true;
    await this.thread.ask({ what: "dispose-partial", partial: this.number });
  }
}

/** What a merge in a thread does for the one that stands for it here (`MixedMerge`). */
export type ThreadMerge = Pick<Merge<unknown, unknown>, "addSection" | "dispose" | "section"> & {
  add(partial: ThreadPartial): Promise<void>;
};

/** A thread for work that computes, started when there is some, and again after it has died. Several slots may ask it at a time. */
export class WorkThread {
  private running: RunningThread | undefined;

  public constructor(private readonly deps: ThreadDeps) {}

  /** As a session's `work`. @throws ThreadDiedError, ThreadedMachineError, and what it throws made again (`threadedError`) */
  public async work(bound: BoundWorkload, { body, ...source }: WorkSource, context: WorkContext): Promise<Worked<unknown>> {
    const thread = this.alive();
    const number = thread.nextNumber();
    const { onProgress, signal } = context;
    try {
      const question = { what: "work", workload: bound.record, source, context: threadContextOf(context) } as const;
      const worked = (await thread.ask(question, { input: body, onProgress, signal }, number)) as ThreadWorked;
      if (worked.status !== "processed") return worked;
      const { partial, result } = worked;
      return { status: "processed", result, ...(partial === undefined ? {} : { partial: new ThreadPartial(thread, partial) }) };
    } finally {
      thread.forget(number);
    }
  }

  /** A merge of partials that lie in this thread. */
  public async merge(bound: BoundWorkload, { onProgress, ...context }: Omit<MergeContext, "artefact">): Promise<ThreadMerge> {
    const thread = this.alive();
    const number = thread.nextNumber();
    const settings = threadContextOf({ ...context, decompressionLimitBytes: 0 });
    await thread.ask({ what: "open-merge", merge: number, workload: bound.record, context: settings }, { onProgress }, number);
    return {
      add: async (partial) => {
        if (partial.thread !== thread) throw new ThreadDiedError("the thread of what was merged has died since");
        await thread.ask({ what: "add", merge: number, partial: partial.take() });
      },
      addSection: async (section) => {
        await thread.ask({ what: "add-section", merge: number }, { input: section });
      },
      section: () => sectionOf(thread, number),
      dispose: async () => {
        thread.forget(number);
        if (thread.death === undefined) await thread.ask({ what: "dispose-merge", merge: number });
      },
    };
  }

  public async end(): Promise<void> {
    const { running } = this;
    this.running = undefined;
    await running?.end();
  }

  private alive(): RunningThread {
    if (this.running?.death !== undefined) this.running = undefined;
    this.running ??= new RunningThread(this.deps);
    return this.running;
  }
}

async function* sectionOf(thread: RunningThread, merge: number): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const bytes = (await thread.ask({ what: "next-of-section", merge })) as Uint8Array | undefined;
    if (bytes === undefined) return;
    yield bytes;
  }
}

const threadContextOf = ({ decompressionLimitBytes, directory, memoryBytes }: ThreadContext): ThreadContext => ({
  decompressionLimitBytes,
  directory,
  memoryBytes,
});
