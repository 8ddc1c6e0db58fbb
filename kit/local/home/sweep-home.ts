import { lstat, readdir, readlink } from "node:fs/promises";
import path from "node:path";
import { sweepDeadFolders } from "../../folders/sweep";
import type { LeftFolder, SweepOptions } from "../../folders/sweep";
import { isMissing } from "../../folders/system-errors";
import { endProcessesOf } from "../../folders/noted-processes";
import { FOLDER_PREFIXES, isPublishedName } from "./names";
import type { HomeFolder } from "./names";

/**
 * Removes what runs and installations that were killed left in a home: their folders, and their processes if any outlived them. What
 * belongs to a process that lives stays.
 *
 * @param home prepared
 * @returns what could not be removed
 */
export async function sweepHome(home: string): Promise<LeftFolder[]> {
  const left = [
    ...(await sweep(home, "runs", { kinds: ["run"] })),
    ...(await sweep(home, "stacks", { kinds: ["stack"], before: endProcessesOf })),
  ];
  // a stack that runs may have been started from one that was replaced since
  if ((await namesIn(path.join(home, "stacks"))).length > 0) return left;
  const published = await publishedEnvironments(home);
  const keep = (folder: string): boolean => published.has(path.basename(folder));
  return [...left, ...(await sweep(home, "environments", { kinds: ["environment"], keep, before: endProcessesOf }))];
}

/** A sentence for each folder that could not be removed. */
export const tellLeft = (left: readonly LeftFolder[]): string[] =>
  left.map(({ folder, problem }) => `'${folder}' of a run that ended could not be removed: ${problem}`);

async function sweep(home: string, name: HomeFolder, options: Omit<SweepOptions, "prefix">): Promise<LeftFolder[]> {
  const folder = path.join(home, name);
  return (await isFolder(folder)) ? sweepDeadFolders(folder, { ...options, prefix: FOLDER_PREFIXES[name] }) : [];
}

/** false for a link: what is behind it is not the home's. */
async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await lstat(folder)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function publishedEnvironments(home: string): Promise<ReadonlySet<string>> {
  const links = (await namesIn(home)).filter(isPublishedName);
  const targets = await Promise.all(links.map((name) => targetOf(path.join(home, name))));
  return new Set(targets.flatMap((target) => (target === undefined ? [] : [path.basename(target)])));
}

async function targetOf(link: string): Promise<string | undefined> {
  try {
    return await readlink(link);
  } catch {
    // no link: nothing that we published
    return undefined;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
