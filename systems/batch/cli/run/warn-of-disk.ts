import type { CommandContext } from "../context";
import { byteSize } from "../../../../kit/cli/render/numbers";

/** What a local stack keeps for each byte of its input: the object, and with `--via upload` its copy; else partials and results. */
const DISK_BYTES_PER_BYTE = 2;

/** Says beforehand when files may not fit on the disk that a local stack keeps its objects on. */
export async function warnOfDisk({ local, reporter }: CommandContext, files: readonly { readonly size: number }[]): Promise<void> {
  const needed = files.reduce((sum, { size }) => sum + size, 0) * DISK_BYTES_PER_BYTE;
  const free = await local.freeBytes();
  if (needed <= free) return;
  reporter.say(
    `this may not fit: a local stack needs up to ${byteSize(needed)} for these files, and ${local.homeDirectory()} has ${byteSize(free)} free; FILEMILL_HOME names another folder`,
  );
}
