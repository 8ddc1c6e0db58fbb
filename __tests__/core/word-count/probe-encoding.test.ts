import { PROBE_BYTES, probeEncoding } from "../../../core/word-count/probe-encoding";

test.each([
  ["no bytes", [], "utf-8"],
  ["ASCII", [0x61], "utf-8"],
  ["UTF-8 with a byte order mark", [0xef, 0xbb, 0xbf, 0x61], "utf-8"],
  ["bytes that are no UTF-8", [0xff, 0x61], "utf-8"],
  ["UTF-16, little end first", [0xff, 0xfe, 0x61, 0], "utf-16le"],
  ["UTF-16, big end first", [0xfe, 0xff, 0, 0x61], "utf-16be"],
  ["half a byte order mark", [0xfe], "utf-8"],
  ["a NUL byte", [0x61, 0], "not-text"],
])("%s is %j", (_, bytes, expected) => {
  expect(probeEncoding(Uint8Array.from(bytes))).toBe(expected);
});

test("only the first 8 KiB are judged", () => {
  const bytes = new Uint8Array(PROBE_BYTES + 1).fill(0x61, 0, PROBE_BYTES);
  expect(probeEncoding(bytes)).toBe("utf-8");
  expect(probeEncoding(bytes.subarray(2))).toBe("not-text");
});
