import { OwnedFolder } from "../../../../kit/folders/owned-folder";
import type { BoundWorkload } from "../../../../workloads/bound-workload";
import type { Merge, MergeContext, Session } from "../../../../workloads/workload";
import type { ArtefactCache } from "./artefact-cache";

interface OpenSession {
  readonly session: Session<unknown>;
  readonly folder: OwnedFolder | undefined;
}

/** What work on one file after the other needs of them. */
export type SlotSessions = Pick<Sessions, "merge" | "use">;

/** Sessions that nobody uses at the moment and that are kept open: of more workloads than this the ones used longest ago are ended. */
const KEPT_WORKLOADS = 4;

/**
 * The sessions of one process, opened as slots need them: no session has two pieces of work at a time, and one that is free is used again.
 */
export class Sessions {
  /** Free ones by the workload's hash, the least recently used workload first. */
  private readonly free = new Map<string, OpenSession[]>();

  /** @param directory existing folder for temporary files */
  public constructor(
    private readonly artefacts: ArtefactCache,
    private readonly directory: string,
  ) {}

  /** Works with a session of its own. One in which something was thrown is ended: what it left is not known. */
  public async use<T>(bound: BoundWorkload, work: (session: Session<unknown>) => Promise<T>): Promise<T> {
    const open = this.free.get(bound.hash)?.pop() ?? (await this.open(bound));
    let result: T;
    try {
      result = await work(open.session);
    } catch (error) {
      await end(open);
      throw error;
    }
    await this.keep(bound, open);
    return result;
  }

  public merge(bound: BoundWorkload, context: Omit<MergeContext, "artefact">): Merge<unknown, unknown> {
    return bound.merge({ ...context, artefact: this.artefactsOf(bound) });
  }

  /** Ends what is open. Called once nothing works any more. */
  public async dispose(): Promise<void> {
    const all = [...this.free.values()].flat();
    this.free.clear();
    await Promise.all(all.map(end));
    await this.artefacts.dispose();
  }

  private async open(bound: BoundWorkload): Promise<OpenSession> {
    const folder = bound.makesOutputs ? await OwnedFolder.create(this.directory, { kind: "scratch", prefix: "session-" }) : undefined;
    try {
      const session = await bound.open({ directory: folder?.path ?? this.directory, artefact: this.artefactsOf(bound) });
      return { session, folder };
    } catch (error) {
      await folder?.remove();
      throw error;
    }
  }

  private async keep(bound: BoundWorkload, open: OpenSession): Promise<void> {
    const others = this.free.get(bound.hash) ?? [];
    this.free.delete(bound.hash);
    this.free.set(bound.hash, [...others, open]);
    for (const [hash, sessions] of this.free) {
      if (this.free.size <= KEPT_WORKLOADS) return;
      this.free.delete(hash);
      await Promise.all(sessions.map(end));
    }
  }

  private readonly artefactsOf =
    ({ record }: BoundWorkload) =>
    (name: string): Promise<string> =>
      this.artefacts.fetch(record.artefacts ?? [], name);
}

async function end({ folder, session }: OpenSession): Promise<void> {
  try {
    await session.dispose();
  } finally {
    await folder?.remove();
  }
}
