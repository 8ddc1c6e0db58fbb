import { open } from "node:fs/promises";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { UsageError } from "../../../../kit/cli/command-errors";
import { unreadable } from "../../../../kit/cli/system-error";
import type { BroughtFile } from "./choose-workload";

/**
 * The files with their whole paths, each tried: what can't be read is told before anything is started.
 *
 * @throws UsageError
 */
export async function lookAtBroughtFiles(workingDirectory: string, files: readonly BroughtFile[]): Promise<readonly BroughtFile[]> {
  const found: BroughtFile[] = [];
  for (const { name, path } of files) {
    const whole = resolveFrom(workingDirectory, path);
    try {
      const file = await open(whole);
      try {
        if (!(await file.stat()).isFile()) throw new UsageError(`'${path}' is no file`, "give a file");
      } finally {
        await file.close();
      }
    } catch (error) {
      throw unreadable(path, error);
    }
    found.push({ name, path: whole });
  }
  return found;
}
