import type { BoundWorkload } from "../../../../workloads/bound-workload";
import { canonicalJson } from "../../../../kit/lib/canonical-json";
import type { FileResult } from "../../contracts/files";
import type { BatchFile } from "../stored-batch/batch-files";
import type { Clock } from "../../../../kit/ports/clock";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { workSplit, type WorkRoom } from "../chunk-work/work-split";
import type { Sessions } from "../workloads/sessions";
import type { Finding } from "./verification";

export interface RecountOptions {
  /** How many processed files are read and counted again, spread evenly over the batch. */
  readonly files: number;
  readonly room: WorkRoom;
  readonly clock: Clock;
}

/** Reads source files again whose content is still the frozen one, and works on them as a worker would, each as a whole. */
export class Recount {
  private seen = 0;
  private readonly counts = { recounted: 0, gone: 0 };
  private wrong: string | undefined;

  /** @param processed files of the batch that were processed */
  public constructor(
    private readonly store: ObjectStore,
    private readonly bound: BoundWorkload,
    private readonly sessions: Sessions,
    private readonly settings: RecountOptions,
    private readonly processed: number,
  ) {}

  public async add({ file }: BatchFile, result: FileResult): Promise<void> {
    if (result.status !== "processed") return;
    const position = this.seen;
    this.seen += 1;
    if (!this.isChosen(position)) return;
    const split = { bucket: file.bucket, key: file.key, identity: file };
    const worked = await workSplit(
      { ...this.settings, store: this.store, sessions: this.sessions },
      split,
      () => this.bound,
      new AbortController().signal,
      // outputs were held against what is stored by their hashes; here the result counts
      () => Promise.resolve([]),
    );
    if (worked.status !== "processed") {
      this.wrong ??= isGone(worked.reason)
        ? undefined
        : `${result.filename} was processed; read again it is ${worked.status} as ${worked.reason}`;
      if (isGone(worked.reason)) this.counts.gone += 1;
      return;
    }
    await worked.partial?.dispose();
    this.counts.recounted += 1;
    const [stored, found] = [canonicalJson(result.result), canonicalJson(worked.result)];
    if (stored !== found) this.wrong ??= `${result.filename} comes to ${found}, its result says ${stored}`;
  }

  public finish(): Finding {
    return { counts: this.counts, ...(this.wrong === undefined ? {} : { wrong: this.wrong }) };
  }

  /** Every file when as many are wanted, else those where another n-th of the files begins. */
  private isChosen(position: number): boolean {
    const before = Math.floor((position * this.settings.files) / this.processed);
    return Math.floor(((position + 1) * this.settings.files) / this.processed) > before;
  }
}

/** The content of then can't be had any more: that says nothing about the result. */
const isGone = (reason: string): boolean => reason === "missing" || reason === "changed" || reason === "archived";
