import { readdir, readlink } from "node:fs/promises";
import path from "node:path";
import { isPublishedName } from "./names";

/**
 * Names that a version without marks gave, and those of what scripts, benchmarks and tests keep there. Taking such a home over is safe:
 * nothing in it that has no mark is ever removed, and only up.json and up.log are written anew.
 */
const NAMES =
  /^(stacks|runs|up|cache|test-homes|homes-of-tests|bench-home|up\.json|up\.json\.new|up\.log|venv-[0-9a-f]{12}(-\d+-[0-9a-f]{6})?)$/;
const BUILD = /^venv-[0-9a-f]{12}-\d+-[0-9a-f]{6}$/;

export const isOfEarlierVersion = (name: string): boolean => NAMES.test(name);

/** A sentence about what an earlier version left in a home that nothing uses any more; undefined when there is nothing. */
export async function tellUnused(home: string): Promise<string | undefined> {
  const names = await readdir(home);
  const used = await Promise.all(names.filter(isPublishedName).map((name) => readlink(path.join(home, name))));
  const inside = await Promise.all(
    ["runs", "stacks"]
      .filter((name) => names.includes(name))
      .map(async (name) => (await readdir(path.join(home, name))).map((each) => path.join(name, each))),
  );
  const unused = [...names.filter((name) => name === "up" || (BUILD.test(name) && !used.includes(name))), ...inside.flat()].toSorted();
  if (unused.length === 0) return undefined;
  return `'${home}' is of an earlier version; nothing uses this in it any more, remove it by hand if you like: ${unused.join(", ")}`;
}
