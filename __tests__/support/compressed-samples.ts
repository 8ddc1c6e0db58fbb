export interface CompressedSample {
  readonly format: string;
  /** Of file names, without a dot. */
  readonly extension: string;
  readonly bytes: Uint8Array;
}

/** A file that the format's own tool made of `hello hello hostile world`. */
const made = (format: string, extension: string, base64: string): CompressedSample => ({
  format,
  extension,
  bytes: Uint8Array.from(Buffer.from(base64, "base64")),
});
/** A file that begins as the format's specification says: its tools are not everywhere. */
const begun = (format: string, extension: string, ...beginning: readonly number[]): CompressedSample => ({
  format,
  extension,
  bytes: Uint8Array.from([...beginning, ...Buffer.from("hello hello hostile world")]),
});

/** Files of compressions other than gzip. */
export const COMPRESSED_SAMPLES: readonly CompressedSample[] = [
  made("bzip2", "bz2", "QlpoOTFBWSZTWcHwgM8AAARRgAAQQAAGZJyAIAAhKTRmp6mhA0DQlHEWVZ5tCDOsx/F3JFOFCQwfCAzw"),
  made("bzip2 of nothing", "bz2", "QlpoORdyRThQkAAAAAA="),
  made("xz", "xz", "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAZaGVsbG8gaGVsbG8gaG9zdGlsZSB3b3JsZAoAAADCUbDq6pfHYgABMhogGJQwH7bzfQEAAAAABFla"),
  made("zstd", "zst", "KLUv/SQa0QAAaGVsbG8gaGVsbG8gaG9zdGlsZSB3b3JsZApIeg/C"),
  made("zstd after a skippable frame", "zst", "UCpNGAQAAAAAAAAAKLUv/SQa0QAAaGVsbG8gaGVsbG8gaG9zdGlsZSB3b3JsZApIeg/C"),
  made("lz4", "lz4", "BCJNGGRApxcAAABjaGVsbG8gBgDQb3N0aWxlIHdvcmxkCgAAAAAJ2h9u"),
  made("lz4 of long ago", "lz4", "AiFMGBcAAABjaGVsbG8gBgDQb3N0aWxlIHdvcmxkCg=="),
  made(
    "zip",
    "zip",
    "UEsDBBQACAAIAMQNfF0AAAAAAAAAABoAAAAFAAAAdC50eHTLSM3JyVfIgJD5xSWZOakK5flFOSlcAFBLBwgvGw5rFwAAABoAAABQSwECHgMUAAgACADEDXxdLxsOaxcAAAAaAAAABQAAAAAAAAABAAAApIEAAAAAdC50eHRQSwUGAAAAAAEAAQAzAAAASgAAAAAA",
  ),
  made("zip of nothing", "zip", "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="),
  begun("zip of several parts", "zip", 0x50, 0x4b, 7, 8),
  begun("compress", "Z", 0x1f, 0x9d, 0x90),
  begun("7z", "7z", 0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c),
  begun("rar", "rar", 0x52, 0x61, 0x72, 0x21, 0x1a, 7, 1, 0),
  begun("lzip", "lz", 0x4c, 0x5a, 0x49, 0x50, 1),
  begun("lzop", "lzo", 0x89, 0x4c, 0x5a, 0x4f, 0, 0x0d, 0x0a, 0x1a, 0x0a),
  begun("snappy", "sz", 0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59),
];
