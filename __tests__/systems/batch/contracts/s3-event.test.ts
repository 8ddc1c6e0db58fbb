import fc from "fast-check";
import { parseUploadMessage, uploadEventOf } from "../../../../systems/batch/contracts/s3-event";

const record = (key: string, eventName = "ObjectCreated:Put") => ({
  eventSource: "aws:s3",
  eventName,
  s3: { bucket: { name: "filemill-data-processing-test" }, object: { key, size: 1 } },
});
/** S3's encoding of keys in notifications: form encoding, a plus for a space. */
const encoded = (key: string): string => encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");

describe("messages of the jobs queue", () => {
  test("O.9: any key comes back as it was, whatever characters it has", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (key) => {
        const parsed = parseUploadMessage(JSON.stringify({ Records: [record(encoded(key))] }));
        expect(parsed).toEqual({ kind: "records", records: [{ bucket: "filemill-data-processing-test", key, size: 1 }] });
      }),
    );
  });

  test("the content that it is about is named without quotes, if it is named", () => {
    const file = { bucket: "filemill-data-processing-test", key: "a.txt" };
    const withEtag = { ...file, etag: "0cc175b9c0f1b6a831c399e269772661" };
    expect(parseUploadMessage(uploadEventOf(withEtag))).toEqual({ kind: "records", records: [withEtag] });
    expect(parseUploadMessage(uploadEventOf({ ...withEtag, etag: `"${withEtag.etag}"` }))).toEqual({
      kind: "records",
      records: [withEtag],
    });
    expect(parseUploadMessage(uploadEventOf(file))).toEqual({ kind: "records", records: [file] });
  });

  test("O.5: several records of one message are several files, in order", () => {
    const parsed = parseUploadMessage(JSON.stringify({ Records: ["a.txt", "b+c.txt", "d%25.txt"].map((key) => record(key)) }));
    expect(parsed.kind === "records" && parsed.records.map(({ key }) => key)).toEqual(["a.txt", "b c.txt", "d%.txt"]);
  });

  test("O.6: S3's test event is nothing to do", () => {
    expect(parseUploadMessage(JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "b" }))).toEqual({ kind: "test" });
  });

  test.each([
    ["no JSON", "{"],
    ["no records", JSON.stringify({ Records: [] })],
    ["a foreign message", JSON.stringify({ hello: "world" })],
    ["a removal", JSON.stringify({ Records: [record("a", "ObjectRemoved:Delete")] })],
    ["one bad record among good ones", JSON.stringify({ Records: [record("a"), { eventSource: "aws:sns" }] })],
    ["a key that is not URL-encoded", JSON.stringify({ Records: [record("100%")] })],
    ["a bare string", JSON.stringify("s3:TestEvent")],
  ])("S1.52: %s is unreadable and says why", (_name, body) => {
    const parsed = parseUploadMessage(body);
    expect(parsed.kind).toBe("unreadable");
    expect(parsed.kind === "unreadable" && parsed.problem).not.toBe("");
  });

  const FILE = { bucket: "filemill-data-processing-test", key: "a b.txt", etag: "e", size: 3, happenedAt: Date.UTC(2026, 0, 1) };

  test("size and time are told where they are known", () => {
    expect(parseUploadMessage(uploadEventOf(FILE))).toEqual({ kind: "records", records: [FILE] });
    expect(parseUploadMessage(JSON.stringify({ Records: [{ ...record("a+b.txt"), eventTime: "yesterday" }] }))).toEqual({
      kind: "records",
      records: [{ bucket: FILE.bucket, key: FILE.key, size: 1 }],
    });
  });

  test.each([
    ["RetriesExhausted", "tried"],
    ["EventAgeExceeded", "expired"],
    [undefined, "tried"],
  ])("S1.116: what Lambda keeps of an event that failed as %s is a message about its files", (condition, failedAs) => {
    const kept = {
      version: "1.0",
      requestContext: { condition, approximateInvokeCount: 3 },
      requestPayload: JSON.parse(uploadEventOf(FILE)) as object,
    };
    expect(parseUploadMessage(JSON.stringify(kept))).toEqual({ kind: "records", records: [FILE], failedAs });
  });

  test("what it keeps of anything else is unreadable, as that is", () => {
    expect(parseUploadMessage(JSON.stringify({ requestPayload: { hello: "world" } })).kind).toBe("unreadable");
  });
});
