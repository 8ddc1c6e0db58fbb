import type { RemovableKind } from "./mark";
import { OwnedFolder, withOwnedFolder } from "./owned-folder";
import type { NewFolder } from "./owned-folder";
import { identifySelf } from "./processes";
import { sweepDeadFolders } from "./sweep";

/**
 * Makes a folder that goes with this process: here at the end, or by a sweep of `parent` once the process is dead.
 *
 * @param prefix beginning of its name; the process's number follows, for people who look
 */
export const createProcessFolder = async (parent: string, kind: RemovableKind, prefix: string): Promise<OwnedFolder> =>
  OwnedFolder.create(parent, await optionsOf(kind, prefix));

/** Runs `use` with such a folder; it is removed at the end, however that comes. */
export const withProcessFolder = async <T>(
  parent: string,
  kind: RemovableKind,
  prefix: string,
  use: (folder: string) => Promise<T>,
): Promise<T> => withOwnedFolder(parent, await optionsOf(kind, prefix), use);

/**
 * Runs `use` with a folder for temporary files in a place that others use too, such as TMPDIR. First those go that killed processes left
 * there under the same prefix; what can't be removed now is tried again the next time.
 */
export async function withTemporaryFolder<T>(parent: string, prefix: string, use: (folder: string) => Promise<T>): Promise<T> {
  await sweepDeadFolders(parent, { kinds: ["temporary"], prefix });
  return withProcessFolder(parent, "temporary", prefix, use);
}

const optionsOf = async (kind: RemovableKind, prefix: string): Promise<NewFolder> => ({
  kind,
  prefix: `${prefix}${process.pid}-`,
  owner: await identifySelf(),
});
