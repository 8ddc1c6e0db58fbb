import path from "node:path";
import { readdir, stat } from "node:fs/promises";
import type { SourceFile } from "../core/submission/submission";
import { UsageError } from "../../../kit/cli/command-errors";
import { sortByName } from "../../../kit/lib/sort-by-name";

/** State of the Union addresses, with a note on where they come from beside them. */
const FOLDER = path.join("examples", "addresses");

/** What a run counts that is given nothing: the texts that come along with the project. @throws UsageError */
export async function defaultCorpus(projectDirectory: string): Promise<SourceFile[]> {
  const folder = path.join(projectDirectory, FOLDER);
  const files = (await namesIn(folder)).map(async (name) => ({
    name,
    path: path.join(folder, name),
    size: (await stat(path.join(folder, name))).size,
  }));
  return sortByName(await Promise.all(files));
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".txt"));
  } catch (error) {
    throw new UsageError(
      `the texts that come along are missing: can't read '${folder}'`,
      "bring them back with `git checkout -- examples`, or give a folder of your own: `npx filemill local run FOLDER`",
      { cause: error },
    );
  }
}
