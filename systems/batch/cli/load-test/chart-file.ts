import { lstat, open } from "node:fs/promises";
import path from "node:path";
import { randomBytes } from "node:crypto";
import { CreatedFile } from "../../../../kit/folders/created-file";
import { isMissing } from "../../../../kit/folders/system-errors";
import { UsageError } from "../../../../kit/cli/command-errors";
import { unwritable } from "../../../../kit/cli/system-error";
import { CHART_MARK } from "./chart";

const place = (folder: string) => ({ what: "the chart", folder, elsewhere: "give another file with --chart" }) as const;

/**
 * Tries whether a chart can be written there, and leaves nothing behind. A chart of an earlier test may be replaced; nothing else is.
 *
 * @throws UsageError
 */
export async function checkChartFile(file: string): Promise<void> {
  const folder = path.dirname(file);
  if (!/\.svg$/i.test(file))
    throw new UsageError(`'${file}' doesn't end with .svg: that is what is written`, "give --chart a name that does");
  if (!(await mayBeReplaced(file)))
    throw new UsageError(`'${file}' is there already, and no chart of a load test`, "give another file with --chart");
  try {
    const probe = await CreatedFile.create(path.join(folder, `.filemill-${randomBytes(6).toString("hex")}`));
    await probe.discard();
  } catch (error) {
    throw unwritable(place(folder), error, UsageError);
  }
}

/** Says of a failed write what the matter is. */
export async function explainChartWrite(file: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw unwritable(place(path.dirname(file)), error);
  }
}

async function mayBeReplaced(file: string): Promise<boolean> {
  try {
    if (!(await lstat(file)).isFile()) return false;
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(CHART_MARK.length), 0, CHART_MARK.length, 0);
      return buffer.subarray(0, bytesRead).toString("utf8") === CHART_MARK;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) return true;
    throw unwritable(place(path.dirname(file)), error, UsageError);
  }
}
