import { z } from "zod";
import type { Merge } from "../workload";

/** Of a workload that adds nothing up: how many files were processed. */
export const filesTotalSchema = z.object({ files: z.int().min(0) });

export type FilesTotal = z.output<typeof filesTotalSchema>;

/** A workload that cuts no file and has no partials was given some: a mistake of the program. */
export class NothingToMergeError extends Error {
  public override readonly name = "NothingToMergeError";
  public constructor(what: string) {
    super(`${what} can't be merged: the workload adds nothing up and cuts no file; please report it`);
  }
}

/** Counts files, and has nothing to store. */
export function filesMerge<Result>(): Merge<Result, FilesTotal> {
  let files = 0;
  return {
    async add(partial) {
      await partial.dispose();
      throw new NothingToMergeError("a partial");
    },
    async addSection(section) {
      for await (const chunk of section) if (chunk.length > 0) throw new NothingToMergeError("a section");
    },
    section: async function* () {
      // nothing
    },
    join: () => Promise.reject(new NothingToMergeError("results of ranges")),
    addResult: () => {
      files += 1;
    },
    total: () => Promise.resolve({ files }),
    dispose: () => Promise.resolve(),
  };
}
