import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { UNPACKED_LIMIT_BYTES } from "./generate";
import { runTree } from "./run-tree";
import type { Submit } from "./run-tree";
import type { Surroundings } from "./expected";
import { Specials } from "./write-tree";

export interface TreesOptions {
  /** @default in memory, where the home of local runs is in the tree and unpacking is limited */
  readonly real?: { readonly submit: Submit } & Pick<Surroundings, "unpackedLimitBytes">;
  readonly say?: (line: string) => void;
}

/** Runs the trees of `count` seeds from `firstSeed` on. @returns what is wrong, by seed */
export async function runTrees(firstSeed: number, count: number, { real, say }: TreesOptions = {}): Promise<Map<number, string[]>> {
  const folder = mkdtempSync(path.join(tmpdir(), "filemill-trees-"));
  const specials = await Specials.make(folder);
  const surroundings = {
    isRoot: process.getuid?.() === 0,
    home: real === undefined ? ".filemill" : undefined,
    unpackedLimitBytes: real?.unpackedLimitBytes ?? UNPACKED_LIMIT_BYTES,
  };
  const wrong = new Map<number, string[]>();
  try {
    for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
      const lines = await runTree(seed, { folder, specials: specials.paths, surroundings }, real?.submit).catch((error: unknown) => [
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      ]);
      if (lines.length === 0) continue;
      wrong.set(seed, lines);
      say?.(`seed ${seed}:\n${lines.join("\n")}`);
    }
  } finally {
    await specials.close();
    rmSync(folder, { recursive: true });
  }
  return wrong;
}
