import { buffer } from "node:stream/consumers";
import { READ_AHEAD_BYTES, READ_AHEAD_FILES, ReadAhead } from "../../../../../systems/batch/core/chunk-work/read-ahead";
import type { Split } from "../../../../../systems/batch/contracts/files";
import { present } from "../../../../../kit/lib/present";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { until } from "../../../../support/until";

const BUCKET = "source";

describe("files that are read ahead", () => {
  let store: MemoryObjectStore;
  let asked: string[];
  let ahead: ReadAhead;
  let splits: Split[];
  beforeEach(() => {
    store = new MemoryObjectStore([BUCKET]);
    asked = [];
  });
  afterEach(() => ahead.dispose());

  /** @param sizes of the files `0`, `1`, ...; `said` instead of what they have */
  async function files(sizes: readonly number[], said: Readonly<Record<number, Partial<Split>>> = {}): Promise<void> {
    splits = [];
    for (const [file, size] of sizes.entries()) {
      const key = String(file);
      store.set(BUCKET, key, Buffer.alloc(size, key));
      const { etag, lastModified } = await store.head(BUCKET, key);
      splits.push({ file, bucket: BUCKET, key, etag, lastModified, size, ...said[file] });
    }
    const get = store.get.bind(store);
    jest.spyOn(store, "get").mockImplementation((bucket, key, options) => {
      asked.push(key);
      return get(bucket, key, options);
    });
    ahead = new ReadAhead(store, splits);
  }
  const contentOf = async (position: number): Promise<string> => {
    const split = present(splits[position], "a split");
    const { body, etag } = await ahead.get(BUCKET, split.key, { identity: split });
    expect(etag).toBe((await store.head(BUCKET, split.key)).etag);
    return String(await buffer(body));
  };

  test("each is asked for once, and comes as it is", async () => {
    await files([3, 2, 4]);
    ahead.beginAfter(0);
    for (const [position, content] of ["000", "11", "2222"].entries()) {
      expect(await contentOf(position)).toBe(content);
      ahead.beginAfter(position + 1);
    }
    expect(asked.sort()).toEqual(["0", "1", "2"]);
  });

  test("so many and no more, and others once they are taken", async () => {
    await files(Array.from({ length: READ_AHEAD_FILES + 4 }, () => 1));
    ahead.beginAfter(0);
    ahead.beginAfter(0);
    expect(asked).toEqual(Array.from({ length: READ_AHEAD_FILES }, (_, index) => String(index + 1)));
    await contentOf(1);
    ahead.beginAfter(2);
    expect(asked).toHaveLength(READ_AHEAD_FILES + 1);
  });

  test("so many bytes and no more; a bigger file is read when it is its turn", async () => {
    const half = READ_AHEAD_BYTES / 2;
    await files([1, half, half, 1, READ_AHEAD_BYTES + 1]);
    ahead.beginAfter(0);
    expect(asked).toEqual(["1", "2"]);
    await contentOf(1);
    await contentOf(2);
    ahead.beginAfter(2);
    expect(asked).toEqual(["1", "2", "3"]);
    ahead.beginAfter(3);
    expect(asked).toEqual(["1", "2", "3"]);
    expect(await contentOf(4)).toHaveLength(READ_AHEAD_BYTES + 1);
  });

  test("what went wrong is asked for again when it is its turn: then it is the file's outcome", async () => {
    await files([1, 1, 1], { 1: { etag: "of other content" }, 2: { range: { start: 0, end: 1, index: 0, count: 1 }, encoding: "utf-8" } });
    ahead.beginAfter(0);
    await until(() => asked.length === 1);
    await expect(contentOf(1)).rejects.toThrow("its content is no longer the one the plan froze");
    expect(asked).toEqual(["1", "1"]);
  });

  test("invariant 8: whoever waits for one and is told to stop ends, though the store doesn't answer", async () => {
    await files([1, 1]);
    jest.spyOn(store, "get").mockImplementation(
      (_bucket, _key, options) =>
        new Promise((_resolve, reject) => {
          options?.signal?.addEventListener("abort", () => {
            reject(new Error("aborted"));
          });
        }),
    );
    ahead.beginAfter(0);
    const told = new AbortController();
    const waiting = ahead.get(BUCKET, "1", { signal: told.signal });
    told.abort(new Error("no progress"));
    await expect(waiting).rejects.toThrow("no progress");
  });

  test("disposed of, it reads nothing more", async () => {
    await files([1, 1]);
    let signal: AbortSignal | undefined;
    jest.spyOn(store, "get").mockImplementation(
      (_bucket, _key, options) =>
        new Promise((_resolve, reject) => {
          ({ signal } = present(options, "options"));
          signal?.addEventListener("abort", () => {
            reject(new Error("aborted"));
          });
        }),
    );
    ahead.beginAfter(0);
    expect(signal?.aborted).toBe(false);
    await ahead.dispose();
    expect(signal?.aborted).toBe(true);
  });
});
