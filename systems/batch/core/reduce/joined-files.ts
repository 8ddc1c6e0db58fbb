import { z } from "zod";
import { jsonLine, LineFile } from "../../../../kit/lib/line-file";
import { lookAhead } from "../../../../kit/lib/look-ahead";
import { readJsonLines } from "../../../../kit/lib/read-json-lines";
import { asyncValues } from "../../../../kit/lib/async-values";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { BoundWorkload } from "../../../../workloads/bound-workload";
import type { GenerationRef } from "../../contracts/batch";
import type { MergingSummary } from "../../contracts/ledger-rows";
import { rangeJoinedKey } from "../../contracts/state-keys";
import { BatchStateError } from "../stored-batch/errors";
import type { Sessions } from "../workloads/sessions";
import type { CountedPartial } from "./counted-partial";
import { LinesAhead, READS_AHEAD } from "./lines-ahead";
import { addPartials } from "./merge-partials";

/** What joining takes. */
export interface JoinRoom {
  readonly store: ObjectStore;
  readonly stateBucket: string;
  /** Existing folder for temporary files. */
  readonly directory: string;
  /** Memory a merge may take before it spills to disk. */
  readonly memoryBytes: number;
  readonly sessions: Pick<Sessions, "merge">;
}

/** A line of what a range joined: the result of a file that was cut. */
const joinedLineSchema = z.object({ file: z.int().min(0), result: z.unknown() });

/** The result of a file that was cut, from those of its ranges in order and their partials. */
export async function joinFile(
  room: JoinRoom,
  bound: BoundWorkload,
  results: readonly unknown[],
  partials: readonly CountedPartial[],
): Promise<unknown> {
  const merge = room.sessions.merge(bound, room);
  try {
    await addPartials(room, asyncValues(partials), merge);
    return await merge.join(results.map((result) => bound.checkResult(result)));
  } finally {
    await merge.dispose();
  }
}

/**
 * Joins the files of a range that were cut, in order. Each of their ranges is a chunk of its own, so all its partials are the file's.
 *
 * @param into a file to be made; nothing of it counts where no file was cut
 * @returns number of files
 */
export async function writeJoined(
  room: JoinRoom,
  bound: BoundWorkload,
  partials: readonly CountedPartial[],
  into: string,
): Promise<number> {
  const joined = await LineFile.create(into);
  let files = 0;
  try {
    for (const [file, own] of byCutFile(partials)) {
      const result = await joinFile(room, bound, await resultsOf(room, own), own);
      await joined.append(jsonLine({ file, result }));
      files += 1;
    }
  } catch (error) {
    await joined.abandon();
    throw error;
  }
  await joined.finish();
  return files;
}

function byCutFile(partials: readonly CountedPartial[]): Map<number, CountedPartial[]> {
  const files = new Map<number, CountedPartial[]>();
  for (const partial of partials) {
    if (partial.cutFile === undefined) continue;
    const own = files.get(partial.cutFile);
    if (own === undefined) files.set(partial.cutFile, [partial]);
    else own.push(partial);
  }
  return files;
}

async function resultsOf({ stateBucket, store }: JoinRoom, partials: readonly CountedPartial[]): Promise<unknown[]> {
  const resultsIn = async ({ index, pointer, ref }: CountedPartial): Promise<unknown[]> => {
    const results: unknown[] = [];
    for await (const { line } of new LinesAhead(store, stateBucket, ref.batchId).linesOf(ref, { index, partials: [pointer] })) {
      if ("detail" in line)
        throw new BatchStateError(`chunk ${index} of ${ref.batchId} g${ref.generation} counts for a file that it quarantined`);
      results.push(line.result);
    }
    return results;
  };
  const all: unknown[] = [];
  for await (const results of lookAhead(asyncValues(partials), READS_AHEAD, resultsIn)) all.push(...results);
  return all;
}

/** What ranges joined, read forward while the files are walked in order. */
export class JoinedFiles {
  private open:
    { readonly range: number; readonly lines: AsyncGenerator<{ readonly value: z.output<typeof joinedLineSchema> }> } | undefined;

  public constructor(
    private readonly store: ObjectStore,
    private readonly stateBucket: string,
    private readonly ref: GenerationRef,
    private readonly merging: MergingSummary,
  ) {}

  /**
   * The result of the next file that was cut.
   *
   * @param range index of the range that its partials are in
   * @throws BatchStateError when that range joined other files
   */
  public async take(range: number, file: number): Promise<unknown> {
    if (this.open?.range !== range) {
      await this.end();
      const key = rangeJoinedKey(this.ref, this.merging, range);
      this.open = { range, lines: readJsonLines(this.store, this.stateBucket, key, joinedLineSchema) };
    }
    const next = await this.open.lines.next();
    if (next.done !== true && next.value.value.file === file) return next.value.value.result;
    throw this.contradiction(range, next.done !== true ? `file ${next.value.value.file} where file ${file} belongs` : `no file ${file}`);
  }

  /** @throws BatchStateError when the last range joined more files than were taken */
  public async end(): Promise<void> {
    if (this.open === undefined) return;
    const { lines, range } = this.open;
    this.open = undefined;
    const next = await lines.next();
    if (next.done !== true) throw this.contradiction(range, `file ${next.value.value.file}, which it is not to hold`);
  }

  /** Frees what is open, after a failure too. */
  public async dispose(): Promise<void> {
    await this.open?.lines.return(undefined);
    this.open = undefined;
  }

  private contradiction(range: number, found: string): BatchStateError {
    return new BatchStateError(`range ${range} of ${this.ref.batchId} g${this.ref.generation} joined ${found}`);
  }
}
