import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { submitUpload } from "../../../core/submission/submit-upload";
import { MemoryObjectStore } from "../../../simulator/memory/memory-object-store";

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
        files,
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
