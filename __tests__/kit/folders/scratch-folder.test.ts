import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { withScratchFolder } from "../../../kit/folders/scratch-folder";

describe("a scratch folder", () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(path.join(tmpdir(), "filemill-scratch-test-"));
  });
  afterEach(() => {
    rmSync(parent, { recursive: true });
  });

  test("lies below its parent, is one's own, and is gone afterwards with all that is in it", async () => {
    const folders: string[] = [];
    const use = (folder: string): Promise<number> => {
      writeFileSync(path.join(folder, "file"), "text");
      folders.push(folder);
      return Promise.resolve(readdirSync(parent).length);
    };
    expect(await Promise.all([withScratchFolder(parent, use), withScratchFolder(parent, use)])).toEqual([expect.any(Number), 2]);
    expect(new Set(folders).size).toBe(2);
    expect(folders.map((folder) => path.dirname(folder))).toEqual([parent, parent]);
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
  });

  test("is gone after a failure too, which is told", async () => {
    await expect(withScratchFolder(parent, () => Promise.reject(new Error("disk full")))).rejects.toThrow("disk full");
    expect(readdirSync(parent)).toEqual([]);
  });
});
