import { chmod, lstat, mkdir, mkdtemp, readdir, rename, symlink } from "node:fs/promises";
import path from "node:path";
import { OwnedFolder } from "../../kit/folders/owned-folder";

/** Whose owner may do everything in a folder: so it can be emptied. */
const OWNER_ALL = 0o700;

/** The folder of one run of a program: what it is given, where it works, and where it puts outputs. Nothing of a run before is in it. */
export class RunFolder {
  private constructor(private readonly owned: OwnedFolder) {}

  /**
   * @param parent existing folder for temporary files
   * @param programFolder what lies in it can be named from the working folder as if it lay there. @default nothing
   */
  public static async create(parent: string, programFolder?: string): Promise<RunFolder> {
    const folder = new RunFolder(await OwnedFolder.create(parent, { kind: "scratch", prefix: "run-" }));
    try {
      for (const each of [folder.in, folder.work, folder.out]) await mkdir(each);
      for (const name of programFolder === undefined ? [] : await readdir(programFolder))
        await symlink(path.join(programFolder ?? "", name), path.join(folder.work, name));
      return folder;
    } catch (error) {
      await folder.remove();
      throw error;
    }
  }

  public get path(): string {
    return this.owned.path;
  }
  public get in(): string {
    return path.join(this.owned.path, "in");
  }
  /** Working folder, home and place for temporary files. */
  public get work(): string {
    return path.join(this.owned.path, "work");
  }
  public get out(): string {
    return path.join(this.owned.path, "out");
  }

  /** Moves the folder of outputs out of the run's. @returns where it is now, below `parent` */
  public async keepOutputs(parent: string): Promise<string> {
    const kept = await mkdtemp(path.join(parent, "outputs-"));
    await rename(this.out, kept);
    return kept;
  }

  /** Removes everything, also what the program closed to its own user. */
  public async remove(): Promise<void> {
    await openUp(this.owned.path);
    await this.owned.remove();
  }
}

async function openUp(folder: string | Buffer): Promise<void> {
  const { mode } = await lstat(folder);
  if ((mode & OWNER_ALL) !== OWNER_ALL) await chmod(folder, OWNER_ALL);
  // names are bytes: not all of them are text
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: "buffer" }))
    if (entry.isDirectory()) await openUp(Buffer.concat([Buffer.from(folder), Buffer.from(path.sep), entry.name]));
}
