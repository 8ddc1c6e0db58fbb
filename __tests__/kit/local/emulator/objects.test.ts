import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import fc from "fast-check";
import { startEmulator, type Emulator } from "../../../../kit/local/emulator/emulator";
import { ensureVirtualEnvironment } from "../../../../kit/local/python/virtual-environment";
import { StackFolder } from "../../../../kit/local/processes/stack-folder";
import { watchFailures } from "../../../../kit/local/watch-failures";
import { makeHome, PROJECT_DIRECTORY, removeHome, REQUIREMENTS_FILE } from "../support/local-home";

jest.setTimeout(180_000);

/** From this size on a body is a file (objects.py). */
const MINIMUM_BYTES = 65_536;

let home: string;
let python: string;
let folder: StackFolder;
let emulator: Emulator;
let s3: S3Client;

beforeAll(async () => {
  home = await makeHome();
  python = await ensureVirtualEnvironment({ homeDirectory: home, requirementsFile: REQUIREMENTS_FILE, environment: process.env });
  folder = await StackFolder.create(home);
  emulator = await startEmulator({ python, folder, launcherFile: path.join(PROJECT_DIRECTORY, "kit", "local", "emulator", "launcher.py") });
  s3 = new S3Client({
    endpoint: emulator.endpoint,
    region: "us-east-1",
    credentials: emulator.secrets.root,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  for (const Bucket of ["plain", "versioned"]) await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: "versioned", VersioningConfiguration: { Status: "Enabled" } }));
});
afterAll(async () => {
  s3.destroy();
  await emulator.stop();
  await removeHome(home);
});

const files = async (): Promise<number> => (await readdir(path.join(folder.path, "objects"))).length;
/** Bytes that tell where they came from. */
const body = (size: number, seed: number): Buffer =>
  Buffer.alloc(size, Buffer.from(Array.from({ length: 251 }, (_value, index) => (index * 31 + seed) % 251)));
const put = (Bucket: string, Key: string, Body: Buffer) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
async function get(Bucket: string, Key: string, more: { Range?: string; VersionId?: string } = {}): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}
async function multipart(Bucket: string, Key: string, parts: readonly Buffer[]): Promise<void> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const Parts = [];
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1;
    const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    Parts.push({ ETag, PartNumber });
  }
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
}

describe("big objects", () => {
  test("are files of the stack from 64 KiB on, one each, and go with the object", async () => {
    const before = await files();
    await put("plain", "small", body(MINIMUM_BYTES - 1, 1));
    expect(await files()).toBe(before);
    await put("plain", "big", body(MINIMUM_BYTES, 2));
    await multipart("plain", "parts", [body(200_000, 3), body(100_000, 4)]);
    await s3.send(new CopyObjectCommand({ Bucket: "plain", Key: "copy", CopySource: "plain/big" }));
    expect(await files()).toBe(before + 3);
    await put("plain", "big", body(MINIMUM_BYTES + 1, 5));
    expect(await files()).toBe(before + 3);
    await put("plain", "big", body(1, 6));
    for (const Key of ["parts", "copy"]) await s3.send(new DeleteObjectCommand({ Bucket: "plain", Key }));
    expect(await files()).toBe(before);
  });

  test("are read back whole and in ranges, however they were written", async () => {
    const size = fc.integer({ min: MINIMUM_BYTES - 2, max: 3 * MINIMUM_BYTES });
    const write = fc.constantFrom("put", "multipart", "copy", "copied part");
    await fc.assert(
      fc.asyncProperty(size, write, fc.constantFrom("plain", "versioned"), fc.nat(), fc.nat(), async (bytes, how, bucket, from, to) => {
        const content = body(bytes, bytes % 7);
        if (how === "put") await put(bucket, "x", content);
        else if (how === "multipart") await multipart(bucket, "x", [content.subarray(0, 70_000), content.subarray(70_000)]);
        else {
          await put("plain", "source", content);
          if (how === "copy") await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: "x", CopySource: "plain/source" }));
          else await copyAsPart(bucket, "x");
        }
        expect((await get(bucket, "x")).equals(content)).toBe(true);
        const [start = 0, end = 0] = [from % bytes, to % bytes].sort((left, right) => left - right);
        expect((await get(bucket, "x", { Range: `bytes=${start}-${end}` })).equals(content.subarray(start, end + 1))).toBe(true);
        expect((await get(bucket, "x", { Range: `bytes=-${end + 1}` })).equals(content.subarray(bytes - end - 1))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test("keep every version where there are versions", async () => {
    for (const seed of [1, 2, 3]) await put("versioned", "v", body(100_000, seed));
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: "versioned", Prefix: "v" }));
    const read = await Promise.all(Versions.map(({ VersionId = "" }) => get("versioned", "v", { VersionId })));
    expect(read.map((content) => content[0]).sort()).toEqual([1, 2, 3]);
    for (const [index, { VersionId }] of Versions.entries()) {
      if (index > 0) await s3.send(new DeleteObjectCommand({ Bucket: "versioned", Key: "v", VersionId }));
    }
    expect((await get("versioned", "v")).equals(body(100_000, 3))).toBe(true);
  });

  test("many at once, more than are received at a time, arrive all", async () => {
    const keys = Array.from({ length: 30 }, (_value, index) => `many/${index}`);
    await Promise.all(keys.map((key, index) => put("plain", key, body(4_000_000, index))));
    for (const [index, key] of keys.entries()) {
      expect((await get("plain", key, { Range: "bytes=1000000-1000999" })).equals(body(1_001_000, index).subarray(1_000_000))).toBe(true);
    }
  });
});

async function copyAsPart(Bucket: string, Key: string): Promise<void> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const { CopyPartResult } = await s3.send(new UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber: 1, CopySource: "plain/source" }));
  const Parts = [{ ETag: CopyPartResult?.ETag, PartNumber: 1 }];
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
}

describe("a full disk", () => {
  test("is told once the first object finds no room, and the request fails", async () => {
    const scratch = await mkdtemp(path.join(tmpdir(), "filemill-objects-"));
    try {
      const program = `
import errno, os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, ${JSON.stringify(path.join(PROJECT_DIRECTORY, "kit", "local", "emulator"))})
import objects
told = []
store = objects.Store(${JSON.stringify(path.join(scratch, "objects"))}, told.append)
class Full:
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def write(self, body): raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
objects.open = lambda path, mode: os.close(os.open(path, os.O_CREAT)) or Full()
try:
    store.stored(b"x" * ${MINIMUM_BYTES})
    print("stored")
except OSError as error:
    refused = error.errno == errno.ENOSPC
print(refused, told, os.listdir(${JSON.stringify(path.join(scratch, "objects"))}))
`;
      const { stdout } = await promisify(execFile)(python, ["-c", program], { env: { PATH: process.env["PATH"], TMPDIR: scratch } });
      expect(stdout).toBe(`True ['${path.join(scratch, "objects")}: No space left on device'] []\n`);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });

  test("ends the stack with the folder and a way out", async () => {
    const never = new Promise<never>(() => undefined);
    const watch = watchFailures({ ...emulator, ended: never, diskFull: Promise.resolve("/home/x/objects: No space left on device") }, [], {
      full: never,
      stop: () => undefined,
    });
    expect(await watch.failed).toEqual({
      kind: "disk-full",
      message: "the disk has no room for an object (/home/x/objects: No space left on device)",
      fix: expect.stringContaining("FILEMILL_HOME") as string,
    });
  });
});
