import { rename } from "node:fs/promises";
import path from "node:path";
import { OwnedFolder } from "../../kit/folders/owned-folder";
import type { SplitPartial } from "../workload";

/** What a file adds to the whole, as a line of JSON in a file. */
export class FilePartial implements SplitPartial {
  private constructor(private readonly owned: OwnedFolder) {}

  /** Moves the file to a folder of its own below `parent`. */
  public static async keep(file: string, parent: string): Promise<FilePartial> {
    const partial = new FilePartial(await OwnedFolder.create(parent, { kind: "scratch", prefix: "partial-" }));
    await rename(file, partial.path);
    return partial;
  }

  public get path(): string {
    return path.join(this.owned.path, "partial.json");
  }

  public async dispose(): Promise<void> {
    await this.owned.remove();
  }
}
