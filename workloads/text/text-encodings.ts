/** Those of Unicode: a text may begin with a byte order mark, which says which of them it is in. */
const UNICODE_ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"] as const;

/** A byte is a character; the first 128 are ASCII. */
export const SINGLE_BYTE_ENCODINGS = [
  "iso-8859-1",
  "iso-8859-2",
  "iso-8859-3",
  "iso-8859-4",
  "iso-8859-5",
  "iso-8859-6",
  "iso-8859-7",
  "iso-8859-8",
  "iso-8859-9",
  "iso-8859-10",
  "iso-8859-11",
  "iso-8859-13",
  "iso-8859-14",
  "iso-8859-15",
  "iso-8859-16",
  "windows-874",
  "windows-1250",
  "windows-1251",
  "windows-1252",
  "windows-1253",
  "windows-1254",
  "windows-1255",
  "windows-1256",
  "windows-1257",
  "windows-1258",
  "koi8-r",
  "koi8-u",
  "macintosh",
  "mac-cyrillic",
  "cp437",
  "cp850",
  "cp852",
  "cp855",
  "cp858",
  "cp866",
] as const;

/** A character is one to four bytes; single bytes below 128 are ASCII. */
export const MULTI_BYTE_ENCODINGS = ["shift_jis", "euc-jp", "gbk", "gb18030", "big5", "euc-kr"] as const;

/** Encodings that text is read in, by the one name that each has here. */
export const TEXT_ENCODINGS = [...UNICODE_ENCODINGS, ...SINGLE_BYTE_ENCODINGS, ...MULTI_BYTE_ENCODINGS] as const;
export type TextEncoding = (typeof TEXT_ENCODINGS)[number];
export type SingleByteEncoding = (typeof SINGLE_BYTE_ENCODINGS)[number];
export type MultiByteEncoding = (typeof MULTI_BYTE_ENCODINGS)[number];

/** What files are to be read in; `auto`: each says so by a byte order mark, and is UTF-8 without one. */
export const REQUESTED_ENCODINGS = ["auto", ...TEXT_ENCODINGS] as const;
export type RequestedEncoding = (typeof REQUESTED_ENCODINGS)[number];

/** Bytes of the least that a text of this encoding can be cut by. */
export function codeUnitBytes(encoding: TextEncoding): 1 | 2 | 4 {
  if (encoding.startsWith("utf-16")) return 2;
  return encoding.startsWith("utf-32") ? 4 : 1;
}

/** Later bytes of their characters may be what ASCII's separators are: only who reads from the beginning knows which are some. */
const UNSPLITTABLE: ReadonlySet<TextEncoding> = new Set(["shift_jis", "gbk", "gb18030", "big5"]);

/** Whether a text can be counted in byte ranges. */
export const isSplittable = (encoding: TextEncoding): boolean => !UNSPLITTABLE.has(encoding);

/** Other names of encodings, as letters and digits only. */
const ALIASES: Readonly<Record<string, TextEncoding>> = {
  latin1: "iso-8859-1",
  latin2: "iso-8859-2",
  latin3: "iso-8859-3",
  latin4: "iso-8859-4",
  latin5: "iso-8859-9",
  latin6: "iso-8859-10",
  latin7: "iso-8859-13",
  latin8: "iso-8859-14",
  latin9: "iso-8859-15",
  latin10: "iso-8859-16",
  tis620: "iso-8859-11",
  cp874: "windows-874",
  cp1250: "windows-1250",
  cp1251: "windows-1251",
  cp1252: "windows-1252",
  cp1253: "windows-1253",
  cp1254: "windows-1254",
  cp1255: "windows-1255",
  cp1256: "windows-1256",
  cp1257: "windows-1257",
  cp1258: "windows-1258",
  koi8: "koi8-r",
  macroman: "macintosh",
  xmaccyrillic: "mac-cyrillic",
  ibm437: "cp437",
  ibm850: "cp850",
  ibm852: "cp852",
  ibm855: "cp855",
  ibm866: "cp866",
  sjis: "shift_jis",
  cp932: "shift_jis",
  windows31j: "shift_jis",
  gb2312: "gbk",
  euccn: "gbk",
  cp936: "gbk",
  big5hkscs: "big5",
  cp949: "euc-kr",
  windows949: "euc-kr",
};

const bare = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
const BY_NAME: ReadonlyMap<string, RequestedEncoding> = new Map([
  ...Object.entries(ALIASES),
  ...REQUESTED_ENCODINGS.map((name): [string, RequestedEncoding] => [bare(name), name]),
]);

/** The encoding of a name, however that is written: `Latin-1`, `UTF8`. @returns undefined for a name that is none */
export const encodingNamed = (name: string): RequestedEncoding | undefined => BY_NAME.get(bare(name));
