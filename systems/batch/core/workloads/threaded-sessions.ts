import type { BoundWorkload } from "../../../../workloads/bound-workload";
import { MixedMerge } from "../../../../workloads/threads/mixed-merge";
import type { WorkThread } from "../../../../workloads/threads/work-thread";
import type { Merge, MergeContext, Session, WorkSource } from "../../../../workloads/workload";
import type { Sessions, SlotSessions } from "./sessions";

/**
 * A smaller file or range is worked on where it is. To ask S3 for a file and to store its item takes the worker's own thread as long as
 * counting some 4 MiB does, and to send bytes to a thread most of what counting them does: with smaller files the second core is paid for
 * and brings nothing (docs/adr/0044-threads.md has the measurement).
 */
const LEAST_THREAD_BYTES = 4 * 1_048_576;

/** Sessions of one slot, whose work goes on in a thread of this process where it only computes. */
export class ThreadedSessions implements SlotSessions {
  public constructor(
    private readonly sessions: Sessions,
    private readonly thread: WorkThread,
    private readonly leastThreadBytes = LEAST_THREAD_BYTES,
  ) {}

  public use<T>(bound: BoundWorkload, work: (session: Session<unknown>) => Promise<T>): Promise<T> {
    if (!bound.computes) return this.sessions.use(bound, work);
    return this.sessions.use(bound, (session) =>
      work({
        work: (source, context) =>
          bytesOf(source) < this.leastThreadBytes ? session.work(source, context) : this.thread.work(bound, source, context),
        // as all of `use`: its session is not the caller's to end
        dispose: () => Promise.resolve(),
      }),
    );
  }

  public merge(bound: BoundWorkload, context: Omit<MergeContext, "artefact">): Merge<unknown, unknown> {
    if (!bound.computes) return this.sessions.merge(bound, context);
    // there may be two of them then
    const half = { ...context, memoryBytes: Math.floor(context.memoryBytes / 2) };
    return new MixedMerge(
      () => this.sessions.merge(bound, half),
      () => this.thread.merge(bound, half),
    );
  }
}

const bytesOf = ({ range, size }: WorkSource): number => (range === undefined ? size : range.end - range.start);
