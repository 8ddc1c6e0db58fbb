import { classify } from "../../../../systems/media/core/classify";

const PNG = Buffer.from("89504e470d0a1a0a", "hex");
const ZIP = Buffer.from("504b0304", "hex");
const PLAIN = Buffer.from("v 0 0 0");
const HEIC = Buffer.from("000000186674797068656963", "hex");
const M4A = Buffer.from("00000018667479704d344120", "hex");

test.each([
  ["bytes before every name", "a.pdf", "video/mp4", PNG, "png"],
  ["shared bytes need a name: the extension", "a.docx", undefined, ZIP, "docx"],
  ["or the content type", "a", "application/vnd.oasis.opendocument.text", ZIP, "odt"],
  ["shared bytes without a name", "a.zip", "application/zip", ZIP, undefined],
  ["no bytes to know it by: extension before content type", "a.OBJ", "model/stl", PLAIN, "obj"],
  ["then the content type, parameters left out", "folder.obj/a", "Text/Plain; charset=utf-8", PLAIN, "text"],
  ["a name without the bytes that belong to it", "a.png", "image/png", PLAIN, undefined],
  ["one container, a picture", "a.mp4", undefined, HEIC, "heif"],
  ["one container, sound", "a.mp4", undefined, M4A, undefined],
  ["nothing", "a", undefined, Buffer.alloc(0), undefined],
])("%s (S4.4)", (_, key, contentType, firstBytes, format) => {
  const verdict = classify({ key, metadata: {}, firstBytes, ...(contentType === undefined ? {} : { contentType }) });
  expect(verdict.format).toBe(format);
  expect(verdict.problem === undefined).toBe(format !== undefined);
});

test("an action of another type is a problem, no guess (S4.8)", () => {
  const verdict = classify({ key: "a.png", metadata: { processingoption: "transcode" }, firstBytes: PNG });
  expect(verdict).toEqual({ type: "picture", format: "png", problem: expect.stringContaining("'transcode'") as string });
});
