import { text } from "node:stream/consumers";
import { ObjectAccessDeniedError, ObjectArchivedError, ObjectChangedError, ObjectMissingError } from "../../../../kit/ports/object-store";
import { MemoryObjectStore } from "../../../../kit/simulator/memory/memory-object-store";

// what AWS documents and the local emulator can't do; the rest is in the contract suite

const listed = async (store: MemoryObjectStore, prefix = ""): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list("bucket", prefix)) keys.push(key);
  return keys;
};

describe("archived objects", () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
  test.each([
    ["GLACIER", false, true],
    ["DEEP_ARCHIVE", false, true],
    ["GLACIER", true, false],
    ["GLACIER_IR", false, false],
  ])("%s, restored %s: archived %s, for head, get and copy alike", async (storageClass, restored, archived) => {
    const store = new MemoryObjectStore(["bucket"]);
    store.set("bucket", "key", "hello", { storageClass, restored });
    await expect(store.head("bucket", "key")).resolves.toMatchObject({ archived });
    const [read, copied] = await Promise.allSettled([
      store.get("bucket", "key"),
      store.copy({ bucket: "bucket", key: "key" }, { bucket: "bucket", key: "copy" }),
    ]);
    for (const { status, reason } of [read, copied] as { status: string; reason?: unknown }[]) {
      expect(status).toBe(archived ? "rejected" : "fulfilled");
      expect(reason instanceof ObjectArchivedError).toBe(archived);
    }
  });
});

describe("denied", () => {
  test("every call on a denied object is refused, and no other", async () => {
    const store = new MemoryObjectStore(["bucket"]);
    for (const key of ["denied", "other"]) store.set("bucket", key, "x");
    store.denied.add("bucket/denied");
    await expect(store.get("bucket", "denied")).rejects.toThrow(ObjectAccessDeniedError);
    await expect(store.head("bucket", "denied")).rejects.toThrow(ObjectAccessDeniedError);
    await expect(store.put("bucket", "denied", "y")).rejects.toThrow(ObjectAccessDeniedError);
    await expect(store.head("bucket", "other")).resolves.toMatchObject({ size: 1 });
    await expect(listed(store)).resolves.toEqual(["denied", "other"]);
  });

  test("a denied bucket can't be listed, and the denial names the action", async () => {
    const store = new MemoryObjectStore(["bucket"]);
    store.denied.add("bucket");
    await expect(listed(store)).rejects.toThrow("s3:ListBucket");
  });
});

describe("versions", () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/RetrievingObjectVersions.html
  test("an overwritten or deleted object can still be read by its version id", async () => {
    const store = new MemoryObjectStore(["bucket"], { versioned: true });
    await store.put("bucket", "key", "first");
    const { etag, versionId = "" } = await store.head("bucket", "key");
    await store.put("bucket", "key", "second");
    store.deleteObject("bucket", "key");
    await expect(store.get("bucket", "key")).rejects.toThrow(ObjectMissingError);
    const { body } = await store.get("bucket", "key", { identity: { etag, versionId } });
    expect(await text(body)).toBe("first");
    await expect(store.get("bucket", "key", { identity: { etag: "other", versionId } })).rejects.toThrow(ObjectChangedError);
    await expect(store.get("bucket", "key", { identity: { etag, versionId: "none" } })).rejects.toThrow(ObjectMissingError);
  });
});

test("times come from the world's clock, in whole seconds", async () => {
  const store = new MemoryObjectStore(["bucket"], { now: () => Date.UTC(2026, 5, 1, 12, 0, 0, 999) });
  await store.put("bucket", "key", "x");
  await expect(store.head("bucket", "key")).resolves.toMatchObject({ lastModified: "2026-06-01T12:00:00.000Z" });
});

test("a listing sees what is written behind where it is, and gives no key twice", async () => {
  const store = new MemoryObjectStore(["bucket"]);
  for (let index = 0; index < 1_500; index += 1) store.set("bucket", `in/${String(index).padStart(5, "0")}`, "x");
  const keys: string[] = [];
  for await (const { key } of store.list("bucket", "in/")) {
    if (keys.length === 0) {
      store.set("bucket", "in/00000-early", "x");
      store.set("bucket", "in/z-late", "x");
    }
    keys.push(key);
  }
  expect(keys).toContain("in/z-late");
  expect(keys).not.toContain("in/00000-early");
  expect(new Set(keys).size).toBe(keys.length);
});
