import { randomBytes } from "node:crypto";
import { ObjectChangedError } from "../../../kit/ports/object-store";
import { readBlocks } from "../../../kit/lib/read-blocks";
import { MemoryObjectStore } from "../../../kit/simulator/memory/memory-object-store";

const BUCKET = "filemill-batch-state-test";
const MEBIBYTE = 1_048_576;

const storeWith = (bytes: Uint8Array): MemoryObjectStore => {
  const store = new MemoryObjectStore([BUCKET]);
  store.set(BUCKET, "key", bytes);
  return store;
};
const collect = async (blocks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const block of blocks) parts.push(block);
  return Buffer.concat(parts);
};

test.each([0, 1, 4 * MEBIBYTE, 4 * MEBIBYTE + 1, 9 * MEBIBYTE])("an object of %d bytes comes whole and in order", async (size) => {
  const bytes = randomBytes(size);
  expect((await collect(readBlocks(storeWith(bytes), BUCKET, "key"))).equals(bytes)).toBe(true);
});

test.each([
  [0, 1],
  [5, 5],
  [3, 9 * MEBIBYTE],
  [4 * MEBIBYTE - 1, 8 * MEBIBYTE + 1],
])("bytes %d to %d of an object come and no others", async (start, end) => {
  const bytes = randomBytes(9 * MEBIBYTE);
  const found = await collect(readBlocks(storeWith(bytes), BUCKET, "key", { start, end }));
  expect(found.equals(bytes.subarray(start, end))).toBe(true);
});

test.each([undefined, { start: 0, end: 9 * MEBIBYTE }])(
  "an object replaced in the middle is an error, not a mixture (range %j)",
  async (range) => {
    const store = storeWith(randomBytes(9 * MEBIBYTE));
    const blocks = readBlocks(store, BUCKET, "key", range);
    await blocks.next();
    store.set(BUCKET, "key", randomBytes(9 * MEBIBYTE));
    await expect(blocks.next()).rejects.toThrow(ObjectChangedError);
  },
);
