import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";

/** What a random tree is made of: a folder's entries by name. */
export type Tree = { readonly [name: string]: Tree | Leaf };
export type Leaf = { readonly file: string } | { readonly link: string };

const NAMES = ["a", "b", "ä ö", "-rf", "*", ".hidden", "new\nline", "state.json", ".filemill-mark.json.x"] as const;
/**
 * Where links lead: into what must not change, upwards, in circles, to nothing, at themselves. None leaves the test's own folder by more
 * than what it lies in: a removal that is wrong must not harm the machine that finds it out.
 */
const TARGETS = ["../outside", "../../outside/deep", "..", ".", "a", "nowhere", "../outside/precious.txt"] as const;

const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  fc.string({ maxLength: 20 }).map((file) => ({ file })),
  fc.constantFrom(...TARGETS).map((link) => ({ link })),
);

/** Trees of up to four levels, with files and links. */
export const trees: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree; entry: Tree | Leaf }>((tie) => ({
  tree: fc.dictionary(fc.constantFrom(...NAMES), tie("entry"), { maxKeys: 4 }),
  entry: fc.oneof({ maxDepth: 4, withCrossShrink: true }, leaf, tie("tree")),
})).tree;

const isLeaf = (entry: Tree | Leaf): entry is Leaf => Object.values(entry).some((value) => typeof value === "string");

export async function writeTree(folder: string, tree: Tree): Promise<void> {
  for (const [name, entry] of Object.entries(tree)) {
    const at = path.join(folder, name);
    if (!isLeaf(entry)) {
      await mkdir(at);
      await writeTree(at, entry);
    } else if ("file" in entry) await writeFile(at, entry.file);
    else await symlink(entry.link, at);
  }
}

const modeOf = ({ mode }: { readonly mode: number }): string => (mode & 0o777).toString(8);

/** Everything below a folder, itself included: kinds, contents, targets of links. Follows no link. */
export async function snapshot(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = async (at: string): Promise<void> => {
    const stats = await lstat(at);
    const name = path.relative(folder, at);
    if (stats.isSymbolicLink()) found[name] = `link ${await readlink(at)}`;
    else if (stats.isDirectory()) {
      found[name] = `folder ${modeOf(stats)}`;
      for (const each of await readdir(at)) await visit(path.join(at, each));
    } else found[name] = stats.isFile() ? `file ${modeOf(stats)} ${await readFile(at, "utf8")}` : `special ${modeOf(stats)}`;
  };
  await visit(folder);
  return found;
}
