import type { ChunkLine, GenerationRef } from "../../contracts/batch";
import { chunkLineSchema } from "../../contracts/batch";
import { manifestLineSchema, splitSchema, type ManifestLine, type Split } from "../../contracts/files";

/** Where a split of a generation lies. */
export interface SplitPlace {
  readonly chunk: number;
  readonly position: number;
  readonly split: Split;
}

/** A stored plan, read once: what the checks look up. */
export class PlanIndex {
  public readonly chunks: readonly (readonly Split[])[];
  private readonly byFile = new Map<number, SplitPlace[]>();

  public constructor(
    public readonly ref: GenerationRef,
    public readonly manifest: readonly ManifestLine[],
    splits: Buffer,
    chunks: readonly ChunkLine[],
  ) {
    this.chunks = chunks.map(({ offset, length }) =>
      linesOf(splits.subarray(offset, offset + length)).map((line) => splitSchema.parse(line)),
    );
    this.chunks.forEach((own, chunk) => {
      own.forEach((split, position) => {
        const places = this.byFile.get(split.file) ?? [];
        places.push({ chunk, position, split });
        this.byFile.set(split.file, places);
      });
    });
  }

  public static parse(ref: GenerationRef, objects: { manifest: Buffer; splits: Buffer; chunks: Buffer }): PlanIndex {
    return new PlanIndex(
      ref,
      linesOf(objects.manifest).map((line) => manifestLineSchema.parse(line)),
      objects.splits,
      linesOf(objects.chunks).map((line) => chunkLineSchema.parse(line)),
    );
  }

  /** Its splits, several for a file that is split by range, none for one that no chunk holds. */
  public placesOf(file: number): readonly SplitPlace[] {
    return this.byFile.get(file) ?? [];
  }
}

export const linesOf = (bytes: Buffer): unknown[] =>
  bytes
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
