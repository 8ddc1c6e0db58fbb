import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { runTree } from "./run-tree";
import { Specials } from "./write-tree";

/** Runs the trees of `count` seeds from `firstSeed` on. @returns what is wrong, by seed */
export async function runTrees(
  firstSeed: number,
  count: number,
  say: (line: string) => void = () => undefined,
): Promise<Map<number, string[]>> {
  const folder = mkdtempSync(path.join(tmpdir(), "filemill-trees-"));
  const specials = await Specials.make(folder);
  const isRoot = process.getuid?.() === 0;
  const wrong = new Map<number, string[]>();
  try {
    for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
      const lines = await runTree(seed, { folder, specials: specials.paths, isRoot }).catch((error: unknown) => [
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      ]);
      if (lines.length > 0) {
        wrong.set(seed, lines);
        say(`seed ${seed}:\n${lines.join("\n")}`);
      }
    }
  } finally {
    await specials.close();
    rmSync(folder, { recursive: true });
  }
  return wrong;
}
