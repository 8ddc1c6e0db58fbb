import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { HomeFullError } from "../../../../kit/local/errors";
import { freeBytes, fullDisk, RUN_BYTES } from "../../../../kit/local/home/disk-space";
import { fullDiskCode, watchDisk } from "../../../../kit/local/home/disk-watch";
import type { DiskWatch } from "../../../../kit/local/home/disk-watch";

let folder: string;
let watch: DiskWatch | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-disk-"));
});
afterEach(async () => {
  watch?.stop();
  await rm(folder, { recursive: true, force: true });
});

const MEBIBYTE = 1_048_576;
const job = (code: string, message = "job_failed"): string =>
  `${JSON.stringify({ level: "ERROR", message, error: { name: "Error", message: `${code}: write`, code, syscall: "write" } })}\n`;

describe("a disk is watched while a stack runs", () => {
  test("until there is hardly any room: the home is named, with what is left", async () => {
    const free = [100 * MEBIBYTE, RUN_BYTES, 1.5 * MEBIBYTE];
    watch = watchDisk({ home: "/home/mill", folder, free: () => Promise.resolve(free.length > 1 ? free.shift() : free[0]) });
    const error = await watch.full;
    expect(error).toBeInstanceOf(HomeFullError);
    expect(error).toMatchObject({
      message: "can't write to '/home/mill', the home of the local run: its disk has 1.5 MiB left, and 8.0 MiB are needed",
      fix: "make room there, or name a folder on another disk with FILEMILL_HOME",
    });
    expect(free).toHaveLength(1);
  });

  test("and so are the workers' logs: what a worker needed for a moment is free again when anybody looks", async () => {
    await writeFile(path.join(folder, "worker-0.log"), job("EIO"));
    await writeFile(path.join(folder, "emulator.log"), job("ENOSPC"));
    watch = watchDisk({ home: "/home/mill", folder, free: () => Promise.resolve(undefined) });
    let settled = false;
    void watch.full.then(() => (settled = true));
    // whole lines only, as the log grows
    await writeFile(path.join(folder, "worker-1.log"), job("EDQUOT").slice(0, 20));
    expect(settled).toBe(false);
    await appendFile(path.join(folder, "worker-1.log"), job("EDQUOT").slice(20));
    expect(await watch.full).toMatchObject({ message: expect.stringContaining("worker-1 met EDQUOT") as string });
  });

  test("a folder that is gone ends the watch without a word; one that can't be looked at says so once", async () => {
    const said: string[] = [];
    const error = Object.assign(new Error("EIO: i/o error, statfs"), { code: "EIO" });
    const told = new Promise<void>((resolve) => {
      watch = watchDisk({
        home: "/home/mill",
        folder,
        free: () => Promise.reject(error),
        say: (line) => {
          said.push(line);
          resolve();
        },
      });
    });
    await told;
    expect(said).toEqual([expect.stringMatching(/^the disk of '\/home\/mill' is not watched any longer: .*EIO/)]);
  });
});

test("a full disk is told by an error's code, not by a text that speaks of one, such as a file's name", () => {
  expect(fullDiskCode(job("ENOSPC"))).toBe("ENOSPC");
  expect(fullDiskCode(job("EDQUOT"))).toBe("EDQUOT");
  expect(fullDiskCode(job("ENOENT"))).toBeUndefined();
  expect(fullDiskCode(JSON.stringify({ message: 'ENOSPC "code":"ENOSPC"', key: '{"error":{"code":"ENOSPC"}}' }))).toBeUndefined();
  expect(fullDiskCode('ENOSPC: no space left, "code":"ENOSPC"')).toBeUndefined();
});

test("room is what this user can write; where the system doesn't tell there is enough", async () => {
  expect(await freeBytes(folder)).toBeGreaterThan(0);
  expect(fullDisk("/home", undefined, 1)).toBeUndefined();
  expect(fullDisk("/home", 2, 2)).toBeUndefined();
  expect(fullDisk("/home", 1, 2)).toBeInstanceOf(HomeFullError);
});
