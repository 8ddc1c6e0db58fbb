import { brotliCompressSync, gzipSync } from "node:zlib";
import type { RequestedEncoding } from "../../../workloads/text/text-encodings";
import { contentKind, isNamedGzip, PROBE_BYTES } from "../../../workloads/text/content-kind";
import { COMPRESSED_SAMPLES } from "../../support/compressed-samples";

const kindOf = (bytes: readonly number[] | Uint8Array, requested: RequestedEncoding = "auto"): string => {
  const content = contentKind(Uint8Array.from(bytes), requested);
  return content.kind === "text" ? content.encoding : content.kind;
};

test.each([
  ["no bytes", [], "utf-8"],
  ["ASCII", [0x61], "utf-8"],
  ["UTF-8 with a byte order mark", [0xef, 0xbb, 0xbf, 0x61], "utf-8"],
  ["bytes that are no UTF-8", [0xff, 0x61], "utf-8"],
  ["UTF-16, little end first", [0xff, 0xfe, 0x61, 0], "utf-16le"],
  ["UTF-16, its mark and no more", [0xff, 0xfe], "utf-16le"],
  ["UTF-16, its mark and half a character", [0xff, 0xfe, 0], "utf-16le"],
  ["UTF-16, big end first", [0xfe, 0xff, 0, 0x61], "utf-16be"],
  ["UTF-32, little end first", [0xff, 0xfe, 0, 0, 0x61, 0, 0, 0], "utf-32le"],
  ["UTF-32, big end first", [0, 0, 0xfe, 0xff, 0, 0, 0, 0x61], "utf-32be"],
  ["half a byte order mark", [0xfe], "utf-8"],
  ["three quarters of that of UTF-32", [0, 0, 0xfe], "not-text"],
  ["a NUL byte", [0x61, 0], "not-text"],
  ["gzip", gzipSync("text"), "gzip"],
  ["the beginning of gzip", [0x1f, 0x8b, 8], "gzip"],
  ["nearly the beginning of gzip", [0x1f, 0x8b, 7], "utf-8"],
  ["brotli, which has no beginning of its own", brotliCompressSync("text"), "utf-8"],
])("%s is %j", (_, bytes, expected) => {
  expect(kindOf(bytes)).toBe(expected);
});

test.each(COMPRESSED_SAMPLES)("$format is compressed, in whatever encoding files are read", ({ bytes }) => {
  for (const requested of ["auto", "utf-8", "windows-1252", "shift_jis", "utf-16le", "utf-32be"] as const) {
    expect(kindOf(bytes, requested)).toBe("compressed");
  }
});

test.each(["BZh is how it begins", "BZh91AY is not enough", "PK", "PK, or so", "LZIP", "Rar!", "7z", "MZ", "P*M"])(
  "'%s' is text",
  (text) => {
    expect(kindOf(Buffer.from(text))).toBe("utf-8");
  },
);

test("what is asked for goes before byte order marks, and not before NUL bytes, which only wide encodings have in their texts", () => {
  const marked = [0xff, 0xfe, 0x61, 0x62];
  expect(kindOf(marked, "windows-1252")).toBe("windows-1252");
  expect(kindOf(marked, "utf-8")).toBe("utf-8");
  expect(kindOf([0x61, 0, 0x62, 0], "utf-16le")).toBe("utf-16le");
  expect(kindOf([0x61, 0, 0, 0], "utf-32le")).toBe("utf-32le");
  for (const requested of ["utf-8", "iso-8859-1", "gb18030"] as const) expect(kindOf([0x61, 0, 0x62, 0], requested)).toBe("not-text");
});

test("only the first 8 KiB are judged", () => {
  const bytes = new Uint8Array(PROBE_BYTES + 1).fill(0x61, 0, PROBE_BYTES);
  expect(kindOf(bytes)).toBe("utf-8");
  expect(kindOf(bytes.subarray(2))).toBe("not-text");
});

test("a name promises gzip by its end, in capitals too", () => {
  expect(["a.gz", "a.txt.GZ", "a.Gz", ".gz"].map(isNamedGzip)).toEqual([true, true, true, true]);
  expect(["a.tgz", "a.gzip", "a.gz.1", "gz", "a.gz/b"].map(isNamedGzip)).toEqual([false, false, false, false, false]);
});
