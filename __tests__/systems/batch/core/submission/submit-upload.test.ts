import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { listedSources, type NamedObject } from "../../../../../systems/batch/core/sources/listed-sources";
import { SourceObjectError } from "../../../../../systems/batch/core/submission/copy-source-object";
import { submitUpload } from "../../../../../systems/batch/core/submission/submit-upload";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";

const RUN_ID = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";

test("S1.40: each file is put, then copied under the same key with the run and the options in its metadata", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "upload-"));
  try {
    const names = ["a.txt", "b c/ü.txt"];
    const files = await Promise.all(
      names.map(async (name, index) => {
        const file = path.join(folder, String(index));
        await writeFile(file, name);
        return { name, path: file, size: Buffer.byteLength(name) };
      }),
    );
    const objects = new MemoryObjectStore(["uploading", "processing"]);
    const uploaded: number[] = [];
    await submitUpload(
      objects,
      {
        runId: RUN_ID,
        source: { kind: "files", files },
        uploadingBucket: "uploading",
        processingBucket: "processing",
        options: { minimumWordLength: 3, top: 7, encoding: "koi8-r" },
      },
      { onUploaded: (count) => uploaded.push(count) },
    );
    expect(uploaded).toEqual([1, 2]);
    for (const name of names) {
      const { metadata } = await objects.get("processing", `uploads/${RUN_ID}/${name}`);
      expect(metadata).toEqual({ "minimum-word-length": "3", top: "7", "text-encoding": "koi8-r", "filemill-run": RUN_ID });
      expect(objects.text("processing", `uploads/${RUN_ID}/${name}`)).toBe(name);
    }
    expect(objects.keys("processing")).toEqual(objects.keys("uploading"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

describe("S1.73: objects", () => {
  const options = { minimumWordLength: 5, top: 10, encoding: "auto" } as const;
  const KEYS = ["in/a.txt", "in/b c/ü+%2F.txt"];
  const METADATA = { "minimum-word-length": "5", top: "10", "text-encoding": "auto", "filemill-run": RUN_ID };

  async function listing() {
    const objects = new MemoryObjectStore(["source", "uploading", "processing"]);
    for (const key of KEYS) objects.set("source", key, key, { metadata: { top: "999", owner: "somebody" } });
    const found: NamedObject[] = [];
    for await (const file of listedSources(objects, [{ bucket: "source", prefix: "in/" }], undefined)) found.push(file);
    const submit = (signal?: AbortSignal): Promise<void> =>
      submitUpload(
        objects,
        {
          runId: RUN_ID,
          source: { kind: "objects", objects: found },
          uploadingBucket: "uploading",
          processingBucket: "processing",
          options,
        },
        signal === undefined ? {} : { signal },
      );
    return { objects, submit };
  }

  test("are copied into the uploading bucket and from there on, with the run's metadata, and no byte is read", async () => {
    const { objects, submit } = await listing();
    await submit();
    expect(objects.gets).toEqual([]);
    for (const bucket of ["uploading", "processing"]) {
      for (const key of KEYS) {
        const copy = `uploads/${RUN_ID}/${key.slice("in/".length)}`;
        expect(objects.text(bucket, copy)).toBe(key);
        expect((await objects.head(bucket, copy)).metadata).toEqual(METADATA);
      }
    }
  });

  test.each<[string, (objects: MemoryObjectStore, key: string) => void, RegExp]>([
    [
      "changed",
      (objects, key) => {
        objects.set("source", key, "other");
      },
      /could not be copied: it was changed since the input was looked at$/,
    ],
    [
      "removed",
      (objects, key) => {
        objects.deleteObject("source", key);
      },
      /could not be copied: it was removed since/,
    ],
    [
      "archived",
      (objects, key) => {
        objects.set("source", key, key, { storageClass: "GLACIER" });
      },
      /could not be copied: it is archived/,
    ],
    ["denied", (objects, key) => objects.denied.add(`source/${key}`), /could not be copied: access denied/],
  ])("one that is %s since is an error that names it, and nothing of it is stored", async (_what, disturb, message) => {
    const { objects, submit } = await listing();
    const key = KEYS[0] ?? "";
    disturb(objects, key);
    const submitting = submit();
    await expect(submitting).rejects.toThrow(SourceObjectError);
    await expect(submitting).rejects.toThrow(message);
    await expect(submitting).rejects.toThrow(`s3://source/${key}`);
    expect(objects.keys("processing").filter((copy) => copy.endsWith("/a.txt"))).toEqual([]);
  });

  test("each copy learns of an interruption: a big one ends between two parts", async () => {
    const { objects, submit } = await listing();
    const copy = jest.spyOn(objects, "copy");
    const { signal } = new AbortController();
    await submit(signal);
    expect(copy.mock.calls.map(([, , options]) => options?.signal)).toEqual(Array.from({ length: 4 }, () => signal));
  });

  test("an interruption copies nothing more", async () => {
    const { objects, submit } = await listing();
    await expect(submit(AbortSignal.abort(new Error("interrupted")))).rejects.toThrow("interrupted");
    expect(objects.keys("uploading")).toEqual([]);
  });
});
