import { ObjectChangedError } from "../../../kit/ports/object-store";
import { xmlError, type SentRequest, type StubAnswer } from "../../support/stub-handler";
import { storeWith } from "../../support/stub-s3";

const HEADERS = { etag: '"0123abc"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT", "content-length": "5" };

describe("copy", () => {
  test("encodes the source but for its slashes", async () => {
    const { store, stub } = storeWith(() => ({
      headers: { "content-type": "application/xml" },
      body: "<CopyObjectResult><ETag>x</ETag></CopyObjectResult>",
    }));
    await store.copy({ bucket: "from", key: "a/b c+d%é?.txt" }, { bucket: "to", key: "x" });
    expect(stub.requests[0]?.headers["x-amz-copy-source"]).toBe("from/a/b%20c%2Bd%25%C3%A9%3F.txt");
  });

  const DESCRIPTION = {
    "cache-control": "no-store",
    "content-disposition": "attachment",
    "content-encoding": "gzip",
    "content-language": "de",
    "content-type": "text/plain; charset=utf-8",
    expires: "Thu, 01 Jan 2026 00:00:00 GMT",
  };

  test("S1.73: with other metadata everything that the source says of its content goes along, its tags don't, from one content", async () => {
    const { store, stub } = storeWith(({ method }) =>
      method === "HEAD"
        ? { headers: { ...HEADERS, ...DESCRIPTION, "x-amz-meta-top": "3" } }
        : { headers: { "content-type": "application/xml" }, body: "<CopyObjectResult><ETag>x</ETag></CopyObjectResult>" },
    );
    for (const etag of ["0123abc", undefined])
      await store.copy(
        { bucket: "from", key: "a" },
        { bucket: "to", key: "a" },
        { metadata: { run: "r" }, ...(etag === undefined ? {} : { etag }) },
      );
    const copies = stub.requests.filter(({ method }) => method === "PUT");
    expect(copies).toHaveLength(2);
    for (const { headers } of copies) {
      expect(headers).toMatchObject({
        ...DESCRIPTION,
        "x-amz-metadata-directive": "REPLACE",
        "x-amz-tagging-directive": "REPLACE",
        "x-amz-meta-run": "r",
        "x-amz-copy-source-if-match": '"0123abc"',
      });
      expect(headers).not.toHaveProperty("x-amz-meta-top");
    }
  });

  test("S1.73: a denial names the actions and the buckets: of the source alone when it can't even be looked at", async () => {
    const denied = (of: string) =>
      storeWith(({ method }) =>
        method === of || (of === "HEAD" && method === "GET") ? xmlError("AccessDenied", 403) : { headers: HEADERS },
      ).store;
    const copying = (of: string) => denied(of).copy({ bucket: "from", key: "a" }, { bucket: "to", key: "a" }, { metadata: {} });
    await expect(copying("HEAD")).rejects.toMatchObject({ name: "ObjectAccessDeniedError", bucket: "from", action: "s3:GetObject" });
    await expect(copying("PUT")).rejects.toMatchObject({
      name: "ObjectAccessDeniedError",
      action: "s3:GetObject on from and s3:PutObject on to",
    });
  });

  const GIB = 1_073_741_824;
  const bigSource =
    (refusedPart?: number) =>
    (request: SentRequest): StubAnswer => {
      const xml = (body: string): StubAnswer => ({ headers: { "content-type": "application/xml" }, body });
      if (request.method === "HEAD")
        return { headers: { ...HEADERS, "content-encoding": "gzip", "content-length": String(6 * GIB), "x-amz-meta-top": "3" } };
      if (request.method === "DELETE") return { status: 204 };
      if (request.method === "POST" && "uploads" in request.query)
        return xml("<InitiateMultipartUploadResult><UploadId>up</UploadId></InitiateMultipartUploadResult>");
      if (request.method === "POST") return xml("<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>");
      const part = request.query.partNumber;
      if (part === undefined) return xmlError("InvalidRequest", 400);
      if (part === String(refusedPart)) return xmlError("PreconditionFailed", 412);
      return xml(`<CopyPartResult><ETag>part-${String(part)}</ETag></CopyPartResult>`);
    };

  test("a source above 5 GiB goes by parts that cover it, all of one content, with its metadata", async () => {
    const { store, stub } = storeWith(bigSource());
    await store.copy({ bucket: "from", key: "big" }, { bucket: "to", key: "big" });
    const parts = stub.requests.filter(({ query }) => "partNumber" in query);
    const ranges = parts
      .map(
        ({ headers }) =>
          /^bytes=(\d+)-(\d+)$/
            .exec(headers["x-amz-copy-source-range"] ?? "")
            ?.slice(1)
            .map(Number) ?? [],
      )
      .sort(([a = 0], [b = 0]) => a - b);
    expect(ranges).toHaveLength(12);
    expect(ranges.map(([start]) => start)).toEqual([0, ...ranges.slice(0, -1).map(([, end = 0]) => end + 1)]);
    expect(ranges.at(-1)?.[1]).toBe(6 * GIB - 1);
    for (const { headers } of parts) expect(headers["x-amz-copy-source-if-match"]).toBe('"0123abc"');
    expect(stub.requests.find(({ query }) => "uploads" in query)?.headers["x-amz-meta-top"]).toBe("3");
    const complete = stub.requests.find(({ method, query }) => method === "POST" && "uploadId" in query)?.body ?? "";
    expect([...complete.matchAll(/<ETag>(part-\d+)<\/ETag><PartNumber>(\d+)</g)].map(([, etag, part]) => [etag, part])).toEqual(
      Array.from({ length: 12 }, (_, index) => [`part-${index + 1}`, String(index + 1)]),
    );
  });

  test("S1.73: so does one with metadata of its own, at once, with what it says of its content", async () => {
    const { store, stub } = storeWith(bigSource());
    await store.copy({ bucket: "from", key: "big" }, { bucket: "to", key: "big" }, { etag: "listed", metadata: { run: "r" } });
    const parts = stub.requests.filter(({ query }) => "partNumber" in query);
    expect(new Set(parts.map(({ headers }) => headers["x-amz-copy-source-if-match"]))).toEqual(new Set(['"listed"']));
    const created = stub.requests.find(({ query }) => "uploads" in query)?.headers;
    expect(created).toMatchObject({ "x-amz-meta-run": "r", "content-encoding": "gzip" });
    expect(created).not.toHaveProperty("x-amz-meta-top");
    expect(stub.requests.filter(({ method, query }) => method === "PUT" && !("partNumber" in query))).toEqual([]);
  });

  test("one that is called off between two parts leaves none behind", async () => {
    const stop = new AbortController();
    const answer = bigSource();
    const { store, stub } = storeWith((request) => {
      if (request.query.partNumber === "2") stop.abort(new Error("called off"));
      return answer(request);
    });
    const copying = store.copy({ bucket: "from", key: "big" }, { bucket: "to", key: "big" }, { signal: stop.signal });
    await expect(copying).rejects.toThrow("called off");
    expect(stub.requests.filter(({ query }) => "partNumber" in query).length).toBeLessThan(12);
    expect(stub.requests.filter(({ method, query }) => method === "DELETE" && query.uploadId === "up")).toHaveLength(1);
  });

  test("a part that fails fails the copy and leaves no parts behind", async () => {
    const { store, stub } = storeWith(bigSource(3));
    await expect(store.copy({ bucket: "from", key: "big" }, { bucket: "to", key: "big" })).rejects.toThrow(ObjectChangedError);
    expect(stub.requests.filter(({ method, query }) => method === "DELETE" && query.uploadId === "up")).toHaveLength(1);
    expect(stub.requests.filter(({ method, query }) => method === "POST" && "uploadId" in query)).toEqual([]);
  });
});
