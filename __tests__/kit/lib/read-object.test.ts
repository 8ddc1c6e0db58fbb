import { Readable } from "node:stream";
import { ObjectChangedError } from "../../../kit/ports/object-store";
import { readObject } from "../../../kit/lib/read-object";
import { MemoryObjectStore } from "../../../kit/simulator/memory/memory-object-store";

/** A store whose first transfers break off in the middle. */
function breaking(times: number): { readonly store: MemoryObjectStore; readonly asked: unknown[] } {
  const store = new MemoryObjectStore(["bucket"]);
  store.set("bucket", "key", "hello world");
  const asked: unknown[] = [];
  const get = store.get.bind(store);
  let left = times;
  jest.spyOn(store, "get").mockImplementation(async (bucket, key, options) => {
    asked.push(options);
    const opened = await get(bucket, key, options);
    if (left === 0) return opened;
    left -= 1;
    opened.body.destroy();
    const body = Readable.from(
      (async function* () {
        yield await Promise.resolve(Buffer.from("hel"));
        throw new Error("reset");
      })(),
      { objectMode: false },
    );
    return { ...opened, body };
  });
  return { store, asked };
}

describe("reading an object to its end", () => {
  test("a transfer that breaks off is begun again, on condition of the same content", async () => {
    const { asked, store } = breaking(3);
    const { bytes, etag, size } = await readObject(store, "bucket", "key", { start: 6, end: 11 });
    expect([bytes.toString(), size]).toEqual(["world", 11]);
    const again = { start: 6, end: 11, identity: { etag } };
    expect(asked).toEqual([{ start: 6, end: 11 }, again, again, again]);
  });

  test("the fourth break is the caller's", async () => {
    const { asked, store } = breaking(4);
    await expect(readObject(store, "bucket", "key")).rejects.toThrow("reset");
    expect(asked).toHaveLength(4);
  });

  test("the content that the caller insists on stays the condition", async () => {
    const { asked, store } = breaking(1);
    const { etag } = await store.head("bucket", "key");
    await readObject(store, "bucket", "key", { identity: { etag } });
    expect(asked).toEqual([{ identity: { etag } }, { identity: { etag } }]);
  });

  test("an object that is replaced between two attempts is not mixed", async () => {
    const { asked, store } = breaking(1);
    const push = asked.push.bind(asked);
    asked.push = (options) => {
      if (asked.length === 1) store.set("bucket", "key", "other");
      return push(options);
    };
    await expect(readObject(store, "bucket", "key")).rejects.toThrow(ObjectChangedError);
  });

  test("an aborted read is not begun again", async () => {
    const { asked, store } = breaking(4);
    const controller = new AbortController();
    const reading = readObject(store, "bucket", "key", { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    expect(asked).toHaveLength(1);
  });
});
