import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buffer, text } from "node:stream/consumers";
import fc from "fast-check";
import {
  BucketMissingError,
  LocalFileChangedError,
  ObjectChangedError,
  ObjectMissingError,
  type ExpectedContent,
  type GetOptions,
  type ListedObject,
  type ObjectStore,
} from "../../kit/ports/object-store";

export interface ObjectStoreSubject {
  readonly store: ObjectStore;
  /** Two empty buckets. */
  readonly bucket: string;
  readonly otherBucket: string;
  /** Deletes an object. */
  readonly remove: (bucket: string, key: string) => Promise<void>;
}

/** Keys that break what takes them for text of a narrower kind: URL, XML, path. */
const ODD_KEYS = ["a b.txt", "a+b%2F&<c>.txt", "ä/é/😀.txt", "line\nbreak.txt", "quote'\".txt", "~end.txt"];

const ISO_WHOLE_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/;

/** What every ObjectStore does. https://docs.aws.amazon.com/AmazonS3/latest/API/Type_API_Reference.html */
export function describeObjectStoreContract(name: string, makeSubject: () => Promise<ObjectStoreSubject>): void {
  describe(`ObjectStore: ${name}`, () => {
    let subject: ObjectStoreSubject;
    let store: ObjectStore;
    let bucket: string;

    beforeEach(async () => {
      subject = await makeSubject();
      ({ store, bucket } = subject);
    });

    const listed = async (prefix: string, after?: string): Promise<ListedObject[]> => {
      const all: ListedObject[] = [];
      for await (const object of store.list(bucket, prefix, after)) all.push(object);
      return all;
    };
    const keys = async (prefix: string, after?: string): Promise<string[]> => (await listed(prefix, after)).map(({ key }) => key);
    const read = async (key: string, options?: GetOptions): Promise<string> => text((await store.get(bucket, key, options)).body);

    describe("get", () => {
      test.each(["hello", new TextEncoder().encode("hello")])("gives back what was put, and what it is", async (body) => {
        await store.put(bucket, "key", body);
        const { body: stream, ...head } = await store.get(bucket, "key");
        expect(await text(stream)).toBe("hello");
        expect(head).toMatchObject({ size: 5, metadata: {}, lastModified: expect.stringMatching(ISO_WHOLE_SECONDS) as string });
        expect(head.etag).toMatch(/^[^"]+$/);
      });

      test("all bytes come, in order", async () => {
        const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251);
        await store.put(bucket, "bytes", bytes);
        expect(Buffer.compare(await buffer((await store.get(bucket, "bytes")).body), bytes)).toBe(0);
      });

      test("an empty object has no bytes", async () => {
        await store.put(bucket, "empty", "");
        const { body, size } = await store.get(bucket, "empty");
        expect({ size, text: await text(body) }).toEqual({ size: 0, text: "" });
      });

      test.each<[GetOptions, string]>([
        [{ start: 0, end: 1 }, "0"],
        [{ start: 3, end: 6 }, "345"],
        [{ start: 7 }, "789"],
        [{ end: 4 }, "0123"],
        // https://www.rfc-editor.org/rfc/rfc9110#section-14.1.2: an end behind the object's is cut
        [{ start: 8, end: 100 }, "89"],
      ])("of %j gives those bytes and the whole size", async (options, expected) => {
        await store.put(bucket, "digits", "0123456789");
        const { body, size } = await store.get(bucket, "digits", options);
        expect({ size, text: await text(body) }).toEqual({ size: 10, text: expected });
      });

      // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, InvalidRange
      test.each([
        ["behind the end", "0123456789", { start: 10, end: 12 }],
        ["of an empty object", "", { end: 8 }],
      ])("a range %s is refused", async (_, body, options) => {
        await store.put(bucket, "key", body);
        await expect(store.get(bucket, "key", options)).rejects.toMatchObject({ name: "InvalidRange" });
      });

      test("by identity gives this content, and refuses another", async () => {
        await store.put(bucket, "key", "first");
        const { etag, body } = await store.get(bucket, "key");
        body.destroy();
        expect(await read("key", { identity: { etag } })).toBe("first");
        await store.put(bucket, "key", "second");
        await expect(store.get(bucket, "key", { identity: { etag } })).rejects.toThrow(ObjectChangedError);
        await expect(store.get(bucket, "key", { identity: { etag }, start: 1, end: 2 })).rejects.toThrow(ObjectChangedError);
      });

      test("of what is not there says what is missing", async () => {
        await store.put(bucket, "gone", "x");
        await subject.remove(bucket, "gone");
        await expect(store.get(bucket, "gone")).rejects.toMatchObject({ name: "ObjectMissingError", bucket, key: "gone" });
        await expect(store.get(bucket, "gone", { identity: { etag: "0" } })).rejects.toThrow(ObjectMissingError);
        await expect(store.get("filemill-no-such-bucket", "key")).rejects.toThrow(BucketMissingError);
      });

      test("an aborted one rejects with the signal's reason", async () => {
        await store.put(bucket, "key", "hello");
        await expect(store.get(bucket, "key", { signal: AbortSignal.abort(new Error("drain")) })).rejects.toThrow("drain");
      });

      test("aborted before anybody reads it, it ends no process; whoever reads it then is told", async () => {
        await store.put(bucket, "key", "hello".repeat(100_000));
        const stop = new AbortController();
        const { body } = await store.get(bucket, "key", { signal: stop.signal });
        const closed = new Promise((resolve) => body.once("close", resolve));
        stop.abort(new Error("drain"));
        // an error that nobody listens to ends the process at this moment
        await closed;
        await expect(text(body)).rejects.toMatchObject({ name: "AbortError" });
      });

      test("what is read stays what it was when the object is put anew", async () => {
        await store.put(bucket, "key", "first");
        const { body } = await store.get(bucket, "key");
        await store.put(bucket, "key", "second");
        expect(await text(body)).toBe("first");
      });
    });

    describe("head", () => {
      test("says what a get says, without the bytes", async () => {
        await store.put(bucket, "key", "hello");
        const { body, ...expected } = await store.get(bucket, "key");
        body.destroy();
        await expect(store.head(bucket, "key")).resolves.toEqual({ ...expected, archived: false });
      });

      test("of what is not there says what is missing", async () => {
        await expect(store.head(bucket, "none")).rejects.toThrow(ObjectMissingError);
        await expect(store.head("filemill-no-such-bucket", "key")).rejects.toThrow(BucketMissingError);
      });
    });

    describe("list", () => {
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/ListingKeysUsingAPIs.html: "UTF-8 binary order"
      test("gives the keys below a prefix in order of their UTF-8 bytes", async () => {
        const below = ["in/", "in/B", "in/a", "in/a/b", "in/a-b", "in/\u00e9", "in/\uff5e", "in/\u{1f600}"];
        for (const key of [...below, "in", "inner", "other/a"]) await store.put(bucket, key, `content of ${key}`);
        const inOrder = below.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(await keys("in/")).toEqual(inOrder);
        for (const [index, key] of inOrder.entries()) expect(await keys("in/", key)).toEqual(inOrder.slice(index + 1));
      });

      test("begins after a key that need not be there, before or after all others", async () => {
        for (const key of ["in/b", "in/d"]) await store.put(bucket, key, "x");
        expect(await keys("in/", "in/c")).toEqual(["in/d"]);
        expect(await keys("in/", "a")).toEqual(["in/b", "in/d"]);
        expect(await keys("in/", "in/d")).toEqual([]);
        expect(await keys("in/", "z")).toEqual([]);
      });

      test("leaves out folder markers, and nothing else that is empty or ends with a slash", async () => {
        await store.put(bucket, "in/", "");
        await store.put(bucket, "in/folder/", "");
        await store.put(bucket, "in/folder/empty", "");
        await store.put(bucket, "in/full/", "x");
        expect(await keys("in/")).toEqual(["in/folder/empty", "in/full/"]);
      });

      test("says of an object what a get says of it", async () => {
        await store.put(bucket, "in/key", "hello");
        const { etag, lastModified, size } = await store.head(bucket, "in/key");
        expect(await listed("")).toEqual([
          expect.objectContaining({ bucket, key: "in/key", etag, lastModified, size, storageClass: "STANDARD", restored: false }),
        ]);
      });

      test("of nothing is empty; of no bucket it fails", async () => {
        expect(await keys("none/")).toEqual([]);
        const [first] = [store.list("filemill-no-such-bucket", "")[Symbol.asyncIterator]()];
        await expect(first.next()).rejects.toThrow(BucketMissingError);
      });

      test("with a delimiter, what lies behind it comes once, in its place, as a folder", async () => {
        for (const key of ["in/a/1", "in/a/2", "in/a/b/3", "in/b", "in/c d/", "in/é/4", "in", "other/a"]) await store.put(bucket, key, "x");
        const { continuation, folders, objects } = await store.listPage(bucket, "in/", { delimiter: "/" });
        expect({ folders, keys: objects.map(({ key }) => key) }).toEqual({ folders: ["in/a/", "in/c d/", "in/é/"], keys: ["in/b"] });
        expect(continuation).toBeUndefined();
        const behind = await store.listPage(bucket, "in/", { delimiter: "/", after: "in/b" });
        expect(behind).toMatchObject({ folders: ["in/c d/", "in/é/"], objects: [] });
        expect((await store.listPage(bucket, "in/", { delimiter: "/", after: "in/z" })).folders).toEqual(["in/é/"]);
      });

      test("goes on over more keys than a page has, wherever it began", async () => {
        const many = Array.from({ length: 1_050 }, (_, index) => `in/${String(index).padStart(5, "0")}`);
        for (let start = 0; start < many.length; start += 50) {
          await Promise.all(many.slice(start, start + 50).map((key) => store.put(bucket, key, key)));
        }
        expect(await keys("in/")).toEqual(many);
        const first = await store.listPage(bucket, "in/", { after: many[9] ?? "" });
        expect(first.objects.map(({ key }) => key)).toEqual(many.slice(10, 1_010));
        const second = await store.listPage(bucket, "in/", { continuation: first.continuation ?? "" });
        expect(second.objects.map(({ key }) => key)).toEqual(many.slice(1_010));
        expect(second.continuation).toBeUndefined();
        // a thousand puts, one file of many at a time on the emulator
      });
    });

    test("odd keys go through every call", async () => {
      for (const key of ODD_KEYS) {
        await store.put(bucket, key, `content of ${key}`);
        await store.copy({ bucket, key }, { bucket: subject.otherBucket, key });
        expect(await text((await store.get(subject.otherBucket, key)).body)).toBe(`content of ${key}`);
        await expect(store.head(bucket, key)).resolves.toMatchObject({ size: Buffer.byteLength(`content of ${key}`) });
      }
      expect(await keys("")).toEqual(ODD_KEYS.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    });

    test("property: any content comes back from a put, whole and by any range", async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(199), fc.nat(200), async (bytes, at, length) => {
          await store.put(bucket, "bytes", bytes);
          const start = at % bytes.length;
          const end = start + 1 + length;
          const part = await buffer((await store.get(bucket, "bytes", { start, end })).body);
          expect([...part]).toEqual([...bytes.subarray(start, end)]);
        }),
        { numRuns: 20 },
      );
    });

    test("the same content has the same ETag, another one another", async () => {
      await store.put(bucket, "a", "one");
      await store.put(bucket, "b", "one");
      await store.put(bucket, "c", "two");
      const [a, b, c] = await Promise.all(["a", "b", "c"].map((key) => store.head(bucket, key)));
      expect(a?.etag).toBe(b?.etag);
      expect(a?.etag).not.toBe(c?.etag);
    });

    test("writing to no bucket fails", async () => {
      await expect(store.put("filemill-no-such-bucket", "key", "x")).rejects.toThrow(BucketMissingError);
    });

    describe("putFile", () => {
      let directory: string;
      beforeEach(async () => {
        directory = await mkdtemp(path.join(tmpdir(), "filemill-contract-"));
      });
      afterEach(() => rm(directory, { recursive: true, force: true }));

      // above 8 MiB the file goes by parts
      test.each([0, 11, 9 * 1_048_576])("a file of %i bytes arrives whole, with its metadata", async (size) => {
        const file = path.join(directory, "file");
        await writeFile(file, Buffer.alloc(size, "0123456789"));
        await store.putFile(bucket, "key", file, { metadata: { top: "3" } });
        const { body, metadata } = await store.get(bucket, "key");
        expect(metadata).toEqual({ top: "3" });
        expect((await buffer(body)).equals(Buffer.alloc(size, "0123456789"))).toBe(true);
      });

      describe.each([3, 9 * 1_048_576])("a file of %i bytes whose content is known beforehand", (size) => {
        const contentOf = (bytes: Uint8Array): ExpectedContent => ({
          size: bytes.length,
          sha256: createHash("sha256").update(bytes).digest("hex"),
        });
        const bytes = Buffer.alloc(size, "abc");

        test("arrives when it is that", async () => {
          const file = path.join(directory, "file");
          await writeFile(file, bytes);
          await store.putFile(bucket, "key", file, { content: contentOf(bytes) });
          expect((await buffer((await store.get(bucket, "key")).body)).equals(bytes)).toBe(true);
        });

        test.each<[how: string, found: Uint8Array]>([
          ["is shorter", bytes.subarray(1)],
          ["is longer", Buffer.concat([bytes, Buffer.from("d")])],
          ["is empty", Buffer.alloc(0)],
          ["ends otherwise", Buffer.concat([bytes.subarray(0, -1), Buffer.from("x")])],
        ])("stores nothing when it %s", async (_, found) => {
          const file = path.join(directory, "file");
          await writeFile(file, found);
          await expect(store.putFile(bucket, "key", file, { content: contentOf(bytes) })).rejects.toThrow(LocalFileChangedError);
          await expect(store.head(bucket, "key")).rejects.toThrow(ObjectMissingError);
        });
      });

      test("a file that is not there is the system's error", async () => {
        await expect(store.putFile(bucket, "key", path.join(directory, "none"))).rejects.toMatchObject({ code: "ENOENT" });
        await expect(store.head(bucket, "key")).rejects.toThrow(ObjectMissingError);
      });
    });

    describe.each([0, 3, 9 * 1_048_576])("putStream of %i bytes", (size) => {
      const bytes = Buffer.alloc(size, "abc");
      const content = { size, sha256: createHash("sha256").update(bytes).digest("hex") };
      async function* inPieces(whole: Uint8Array, failure?: Error): AsyncGenerator<Uint8Array> {
        for (let start = 0; start < whole.length; start += 1_000_000) yield whole.subarray(start, start + 1_000_000);
        await Promise.resolve();
        if (failure !== undefined) throw failure;
      }

      test("arrives whole, with its metadata", async () => {
        await store.putStream(bucket, "key", "name", inPieces(bytes), { content, metadata: { top: "3" } });
        const { body, metadata } = await store.get(bucket, "key");
        expect(metadata).toEqual({ top: "3" });
        expect((await buffer(body)).equals(bytes)).toBe(true);
      });

      test("stores nothing when it is something else, or fails on its way", async () => {
        const other = Buffer.concat([bytes, Buffer.from("d")]);
        await expect(store.putStream(bucket, "key", "name", inPieces(other), { content })).rejects.toThrow(/'name' was changed/);
        const failure = new Error("the archive is broken");
        await expect(store.putStream(bucket, "key", "name", inPieces(bytes, failure), { content })).rejects.toThrow(
          "the archive is broken",
        );
        await expect(store.head(bucket, "key")).rejects.toThrow(ObjectMissingError);
      });
    });

    describe("copy", () => {
      test("takes content and metadata along, over what was there", async () => {
        const file = path.join(await mkdtemp(path.join(tmpdir(), "filemill-contract-")), "file");
        try {
          await writeFile(file, "hello");
          await store.putFile(bucket, "from", file, { metadata: { top: "3" } });
        } finally {
          await rm(path.dirname(file), { recursive: true, force: true });
        }
        await store.put(subject.otherBucket, "to", "something else");
        await store.copy({ bucket, key: "from" }, { bucket: subject.otherBucket, key: "to" });
        const { body, etag, metadata } = await store.get(subject.otherBucket, "to");
        expect({ metadata, text: await text(body) }).toEqual({ metadata: { top: "3" }, text: "hello" });
        await expect(store.head(bucket, "from")).resolves.toMatchObject({ etag });
      });

      test("S1.73: of the content that was looked at copies that one; another one is refused and leaves the target as it was", async () => {
        await store.put(bucket, "from", "looked at");
        const { etag } = await store.head(bucket, "from");
        const to = { bucket: subject.otherBucket, key: "to" };
        await store.copy({ bucket, key: "from" }, to, { etag });
        await store.put(bucket, "from", "written since");
        await expect(store.copy({ bucket, key: "from" }, to, { etag })).rejects.toThrow(ObjectChangedError);
        await expect(store.copy({ bucket, key: "from" }, to, { etag, metadata: { top: "3" } })).rejects.toThrow(ObjectChangedError);
        expect(await text((await store.get(subject.otherBucket, "to")).body)).toBe("looked at");
      });

      test("S1.73: with metadata of its own has these and none of its source's; the source keeps them", async () => {
        const to = { bucket: subject.otherBucket, key: "to" };
        await store.put(bucket, "plain", "hello");
        await store.copy({ bucket, key: "plain" }, to, { metadata: { top: "3" } });
        await store.copy(to, { bucket, key: "back" }, { metadata: { run: "r" } });
        const { body, metadata } = await store.get(bucket, "back");
        expect({ metadata, text: await text(body) }).toEqual({ metadata: { run: "r" }, text: "hello" });
        await expect(store.head(to.bucket, to.key)).resolves.toMatchObject({ metadata: { top: "3" } });
      });

      test("that is called off stores nothing", async () => {
        await store.put(bucket, "from", "hello");
        const signal = AbortSignal.abort(new Error("called off"));
        await expect(store.copy({ bucket, key: "from" }, { bucket: subject.otherBucket, key: "off" }, { signal })).rejects.toThrow(
          "called off",
        );
        await expect(store.head(subject.otherBucket, "off")).rejects.toThrow(ObjectMissingError);
      });

      test("of what is not there fails and leaves the target as it was", async () => {
        await store.put(subject.otherBucket, "to", "before");
        for (const options of [{}, { metadata: { top: "3" } }]) {
          const copying = store.copy({ bucket, key: "none" }, { bucket: subject.otherBucket, key: "to" }, options);
          await expect(copying).rejects.toThrow(ObjectMissingError);
        }
        expect(await text((await store.get(subject.otherBucket, "to")).body)).toBe("before");
      });
    });
  });
}
