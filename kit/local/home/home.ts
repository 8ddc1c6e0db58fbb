import { randomBytes } from "node:crypto";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { CreatedFile } from "../../folders/created-file";
import { makeFolders } from "../../folders/made-folders";
import { MARK_FILE, readMark } from "../../folders/mark";
import { isMissing, messageOf, codeOf } from "../../folders/system-errors";
import { HomeRefusedError } from "../errors";
import { isOfEarlierVersion, tellUnused } from "./earlier-version";
import { explainHome } from "./home-errors";
import { DEFAULT_HOME, HOME_VARIABLE, NAME_ANOTHER, type HomeLocation } from "./home-location";
import type { HomeFolder } from "./names";

/** `earlier`: the project's own, made by a version that didn't mark it. */
type State = "absent" | "empty" | "marked" | "earlier";

export interface ExaminedHome {
  /** Absolute; without a link on the way if it exists. */
  readonly path: string;
  readonly state: State;
}

/**
 * Looks at a home folder and touches nothing.
 *
 * @throws HomeRefusedError when it can't be one: a file, a link to nothing, `/`, the user's own home, or a folder with something in it that
 * isn't marked as the product's
 */
export async function examineHome(location: HomeLocation): Promise<ExaminedHome> {
  const real = await realPathOf(location);
  if (real === undefined) return { path: location.path, state: "absent" };
  const refused = (problem: string): HomeRefusedError => new HomeRefusedError(`${nameOf(location, real)} ${problem}`, NAME_ANOTHER);
  if (!(await stat(real)).isDirectory()) throw refused("is not a folder");
  if (await isSpecial(real)) throw refused("can't be the home of the local run: it is for other things");
  if (await isHome(real)) return { path: real, state: "marked" };
  const names = await explainHome(location.path, readdir(real));
  const others = names.filter((name) => !name.startsWith(MARK_FILE));
  if (others.length === 0) return { path: real, state: "empty" };
  // another start may have marked it between the two looks; a mark comes before everything else
  if (await isHome(real)) return { path: real, state: "marked" };
  if (!location.named && others.every(isOfEarlierVersion)) return { path: real, state: "earlier" };
  throw refused(`is not empty and has no mark of filemill's (there is '${others.toSorted()[0] ?? ""}'): it is left alone`);
}

/**
 * Makes the home if it doesn't exist, and marks it as the product's own.
 *
 * @param say told what an earlier version left in a home that is taken over
 * @returns its path, without a link on the way
 * @throws HomeRefusedError, HomeUnusableError
 */
export async function prepareHome(location: HomeLocation, say: (line: string) => void = () => undefined): Promise<string> {
  const { path: home, state } = await examineHome(location);
  if (state === "marked") return home;
  const unused = state === "earlier" ? await tellUnused(home) : undefined;
  if (unused !== undefined) say(unused);
  return explainHome(location.path, mark(home));
}

/** For callers that have the path alone. */
export const homeAt = (homeDirectory: string, projectDirectory: string): HomeLocation => ({
  path: homeDirectory,
  named: homeDirectory !== path.join(projectDirectory, DEFAULT_HOME),
});

/**
 * A folder right below the home, made when it is missing.
 *
 * @throws HomeRefusedError when something else has its name, a link above all: what is behind it is not the home's
 */
export async function folderOfHome(home: string, name: HomeFolder): Promise<string> {
  const folder = path.join(home, name);
  await explainHome(home, makeFolders(folder, 0o700));
  if ((await lstat(folder)).isDirectory()) return folder;
  throw new HomeRefusedError(`'${folder}' is a link, not a folder that filemill made`, "remove the link, or name another home");
}

const nameOf = (location: HomeLocation, real: string): string => {
  const led = real === location.path ? "" : ` (which leads to '${real}')`;
  return `${location.named ? `${HOME_VARIABLE}: ` : ""}'${location.path}'${led}`;
};

async function realPathOf(location: HomeLocation): Promise<string | undefined> {
  try {
    return await realpath(location.path);
  } catch (error) {
    const is = (problem: string): HomeRefusedError =>
      new HomeRefusedError(`${HOME_VARIABLE}: '${location.path}' ${problem}`, NAME_ANOTHER, { cause: error });
    if (codeOf(error) === "ENOTDIR") throw is("is below something that is not a folder");
    if (codeOf(error) !== "ENOENT") throw is(`can't be looked at: ${messageOf(error)}`);
    if (await isLink(location.path)) throw is("is a link to nothing");
    return undefined;
  }
}

async function isLink(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isSymbolicLink();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Folders that are for something else even while they are empty. */
async function isSpecial(real: string): Promise<boolean> {
  const others = await Promise.all(["/", homedir(), tmpdir()].map((each) => realpath(each).catch(() => each)));
  return others.includes(real);
}

const isHome = async (folder: string): Promise<boolean> => (await readMark(folder))?.kind === "home";

/** Two may do it at the same time: the mark appears whole, and one is as good as the other. */
async function mark(home: string): Promise<string> {
  await makeFolders(home, 0o700);
  const real = await realpath(home);
  const file = await CreatedFile.create(path.join(real, `${MARK_FILE}.${randomBytes(6).toString("hex")}`), 0o600);
  try {
    await file.write([`${JSON.stringify({ product: "filemill", kind: "home" })}\n`]);
    await file.publish(path.join(real, MARK_FILE));
  } finally {
    await file.discard();
  }
  return real;
}
