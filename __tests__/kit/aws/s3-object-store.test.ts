import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import {
  BucketMissingError,
  ObjectAccessDeniedError,
  ObjectArchivedError,
  ObjectChangedError,
  ObjectMissingError,
  type GetOptions,
} from "../../../kit/ports/object-store";
import { xmlError, type StubAnswer } from "../../support/stub-handler";
import { storeWith } from "../../support/stub-s3";

const HEADERS = { etag: '"0123abc"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT", "content-length": "5" };

describe("get", () => {
  test("gives the head without quotes and user metadata without their prefix", async () => {
    const { store } = storeWith(() => ({ headers: { ...HEADERS, "x-amz-version-id": "v1", "x-amz-meta-top": "3" }, body: "hello" }));
    const { body, ...head } = await store.get("bucket", "key");
    expect(head).toEqual({ etag: "0123abc", size: 5, lastModified: "2026-01-01T00:00:00.000Z", versionId: "v1", metadata: { top: "3" } });
    expect(await text(body)).toBe("hello");
  });

  test.each<[GetOptions, string | undefined]>([
    [{}, undefined],
    [{ start: 0 }, undefined],
    [{ start: 10 }, "bytes=10-"],
    [{ end: 8_192 }, "bytes=0-8191"],
    [{ start: 10, end: 20 }, "bytes=10-19"],
  ])("%j asks for range %s", async (options, range) => {
    const { store, stub } = storeWith(() => ({ headers: HEADERS, body: "hello" }));
    (await store.get("bucket", "key", options)).body.destroy();
    expect(stub.requests[0]?.headers.range).toBe(range);
  });

  test("the size is the whole object's when only a range came", async () => {
    const { store } = storeWith(() => ({ status: 206, headers: { ...HEADERS, "content-range": "bytes 0-4/12345" }, body: "hello" }));
    const { body, size } = await store.get("bucket", "key", { end: 5 });
    body.destroy();
    expect(size).toBe(12_345);
  });

  test("by identity it insists on ETag and version", async () => {
    const { store, stub } = storeWith(() => ({ headers: HEADERS, body: "hello" }));
    (await store.get("bucket", "key", { identity: { etag: "abc", versionId: "v1" } })).body.destroy();
    expect(stub.requests[0]?.headers["if-match"]).toBe('"abc"');
    expect(stub.requests[0]?.query.versionId).toBe("v1");
  });

  test.each([
    ["NoSuchKey", 404, ObjectMissingError],
    ["NoSuchVersion", 404, ObjectMissingError],
    ["NoSuchBucket", 404, BucketMissingError],
    ["PreconditionFailed", 412, ObjectChangedError],
    ["AccessDenied", 403, ObjectAccessDeniedError],
    ["InvalidObjectState", 403, ObjectArchivedError],
  ])("%s (%i) is told in the port's words, with its cause", async (code, status, expected) => {
    const { store } = storeWith(() => xmlError(code, status));
    const failing = store.get("bucket", "some/key");
    await expect(failing).rejects.toThrow(expected);
    await expect(failing).rejects.toMatchObject({
      bucket: "bucket",
      key: "some/key",
      cause: expect.objectContaining({ name: code }) as unknown,
    });
  });

  test("a denial names the action that the role lacks", async () => {
    const { store } = storeWith(() => xmlError("AccessDenied", 403));
    await expect(store.get("bucket", "key")).rejects.toThrow("s3:GetObject");
    await expect(store.put("bucket", "key", "x")).rejects.toThrow("s3:PutObject");
  });

  test.each([
    ["RequestTimeTooSkewed", 403],
    ["SlowDown", 503],
    ["InternalError", 500],
  ])("%s is not about the object and stays what it is", async (code, status) => {
    const { store } = storeWith(() => xmlError(code, status));
    await expect(store.get("bucket", "key")).rejects.toMatchObject({ name: code });
  });

  // encrypted with the customer's own key that only they have (SSE-C), or with a KMS key that is disabled, gone or elsewhere
  test.each(["InvalidRequest", "KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException"])(
    "invariant 7: an object whose key can't be used (%s) is that object's fault, not the call's",
    async (code) => {
      const { store } = storeWith(() => xmlError(code, 400));
      const error = await store.get("bucket", "key").catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ObjectAccessDeniedError);
      expect(error).toMatchObject({ message: expect.stringContaining(code) as string });
    },
  );

  test("a transfer that breaks off fails the reader, and does not end the body early", async () => {
    const broken = new Readable({
      read() {
        this.push("hel");
        this.destroy(new Error("socket hang up"));
      },
    });
    const { store } = storeWith(() => ({ headers: HEADERS, body: broken }));
    const { body } = await store.get("bucket", "key");
    await expect(text(body)).rejects.toThrow("socket hang up");
  });

  test("an abort ends a body that is being read", async () => {
    const controller = new AbortController();
    const endless = new Readable({ read: () => undefined });
    const { store } = storeWith(() => ({ headers: HEADERS, body: endless }));
    const { body } = await store.get("bucket", "key", { signal: controller.signal });
    const reading = text(body);
    controller.abort(new Error("drain"));
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("head", () => {
  test("gives what a GET would without the bytes", async () => {
    const { store, stub } = storeWith(() => ({ headers: { ...HEADERS, "x-amz-version-id": "v1", "x-amz-meta-top": "3" } }));
    await expect(store.head("bucket", "key")).resolves.toEqual({
      etag: "0123abc",
      size: 5,
      lastModified: "2026-01-01T00:00:00.000Z",
      versionId: "v1",
      metadata: { top: "3" },
      archived: false,
    });
    expect(stub.requests.map(({ method }) => method)).toEqual(["HEAD"]);
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
  test.each([
    [{ "x-amz-storage-class": "GLACIER" }, true],
    [{ "x-amz-storage-class": "DEEP_ARCHIVE", "x-amz-restore": 'ongoing-request="true"' }, true],
    [{ "x-amz-storage-class": "GLACIER", "x-amz-restore": 'ongoing-request="false", expiry-date="Fri, 01 May 2026 00:00:00 GMT"' }, false],
    [{ "x-amz-storage-class": "GLACIER_IR" }, false],
    [{ "x-amz-storage-class": "INTELLIGENT_TIERING" }, false],
    [{ "x-amz-storage-class": "INTELLIGENT_TIERING", "x-amz-archive-status": "ARCHIVE_ACCESS" }, true],
  ])("%j is archived: %s", async (headers, archived) => {
    await expect(storeWith(() => ({ headers: { ...HEADERS, ...headers } })).store.head("bucket", "key")).resolves.toMatchObject({
      archived,
    });
  });

  test.each([
    ["NoSuchKey", 404, ObjectMissingError],
    ["NoSuchBucket", 404, BucketMissingError],
    ["InvalidRequest", 400, ObjectAccessDeniedError],
    ["AccessDenied", 403, ObjectAccessDeniedError],
  ])("%s (%i), which its answer has no body to say, is told in the port's words", async (code, status, expected) => {
    const { store } = storeWith(({ method }) => (method === "HEAD" ? { status } : xmlError(code, status)));
    const failing = store.head("bucket", "some/key");
    await expect(failing).rejects.toThrow(expected);
    await expect(failing).rejects.toMatchObject({ bucket: "bucket", key: "some/key" });
  });
});

describe("list", () => {
  const entry = (key: string, size: number, more = ""): string =>
    `<Contents><Key>${key}</Key><ETag>&quot;e-${size}&quot;</ETag><Size>${size}</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified>${more}</Contents>`;
  const page = (entries: string, next?: string): StubAnswer => ({
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType>${
      next === undefined
        ? "<IsTruncated>false</IsTruncated>"
        : `<IsTruncated>true</IsTruncated><NextContinuationToken>${next}</NextContinuationToken>`
    }${entries}</ListBucketResult>`,
  });

  test("goes through all pages; leaves out folder markers and nothing else; decodes keys", async () => {
    const { store, stub } = storeWith((_, index) =>
      index === 0
        ? page(entry("in/", 0) + entry("in/a+b%26%01", 1) + entry("in/not-empty/", 7), "token-2")
        : page(
            entry("in/empty", 0, "<StorageClass>STANDARD</StorageClass>") +
              entry(
                "in/frozen",
                2,
                "<StorageClass>GLACIER</StorageClass><RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>",
              ) +
              entry(
                "in/thawed",
                3,
                "<StorageClass>GLACIER</StorageClass><RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2026-02-01T00:00:00.000Z</RestoreExpiryDate></RestoreStatus>",
              ),
          ),
    );
    const listed = [];
    for await (const { etag, key, restored, size, storageClass } of store.list("bucket", "in/"))
      listed.push([key, size, etag, storageClass, restored]);
    expect(listed).toEqual([
      ["in/a b&\u0001", 1, "e-1", "STANDARD", false],
      ["in/not-empty/", 7, "e-7", "STANDARD", false],
      ["in/empty", 0, "e-0", "STANDARD", false],
      ["in/frozen", 2, "e-2", "GLACIER", false],
      ["in/thawed", 3, "e-3", "GLACIER", true],
    ]);
    expect(stub.requests.map(({ query }) => query["continuation-token"])).toEqual([undefined, "token-2"]);
    expect(stub.requests[0]?.headers["x-amz-optional-object-attributes"]).toBe("RestoreStatus");
  });

  test("a listing after a key asks S3 for no earlier one", async () => {
    const { store, stub } = storeWith(() => page(entry("in/c", 1)));
    const keys = [];
    for await (const { key } of store.list("bucket", "in/", "in/b")) keys.push(key);
    expect(keys).toEqual(["in/c"]);
    expect(stub.requests.map(({ query }) => query["start-after"])).toEqual(["in/b"]);
  });

  test("a time is in whole seconds, as a GET tells it", async () => {
    const { store } = storeWith(() => page(entry("in/a", 1).replace("00.000Z", "00.934Z")));
    const times = [];
    for await (const { lastModified } of store.list("bucket", "in/")) times.push(lastModified);
    expect(times).toEqual(["2026-01-01T00:00:00.000Z"]);
  });

  test("a denial, a missing bucket and one of another region are told apart", async () => {
    const listing = async (code: string, status: number): Promise<void> => {
      for await (const listed of storeWith(() => xmlError(code, status)).store.list("bucket", "in/")) throw new Error(listed.key);
    };
    await expect(listing("AccessDenied", 403)).rejects.toThrow(ObjectAccessDeniedError);
    await expect(listing("AccessDenied", 403)).rejects.toThrow("s3:ListBucket");
    await expect(listing("NoSuchBucket", 404)).rejects.toThrow(BucketMissingError);
    await expect(listing("PermanentRedirect", 301)).rejects.toThrow("the bucket bucket is in another region");
  });
});

describe("putFile", () => {
  let directory = "";
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "filemill-s3-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test.each([0, 5, 9_000_000])("a file of %i bytes arrives whole, with its metadata", async (size) => {
    const file = path.join(directory, "file");
    await writeFile(file, "x".repeat(size));
    const { store, stub } = storeWith(({ method, query }) => {
      const xml = (body: string): StubAnswer => ({ headers: { "content-type": "application/xml", etag: '"e"' }, body });
      if (method === "POST" && "uploads" in query)
        return xml("<InitiateMultipartUploadResult><UploadId>up</UploadId></InitiateMultipartUploadResult>");
      return method === "POST"
        ? xml("<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")
        : { headers: { etag: '"e"' } };
    });
    await store.putFile("bucket", "key", file, { metadata: { top: "3" } });
    const puts = stub.requests.filter(({ method }) => method === "PUT");
    expect(puts.reduce((sum, { body }) => sum + body.length, 0)).toBe(size);
    expect(stub.requests.some(({ headers }) => headers["x-amz-meta-top"] === "3")).toBe(true);
  });

  test("a file that is not there is the system's error", async () => {
    await expect(storeWith(() => ({})).store.putFile("bucket", "key", path.join(directory, "none"))).rejects.toMatchObject({
      code: "ENOENT",
    });
  });
});
