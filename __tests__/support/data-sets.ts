import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { QuarantineReason, SkipReason } from "../../systems/batch/contracts/files";
import { PROJECT } from "./project";
import { ProseWriter } from "../../systems/batch/cli/load-test/prose";
import { writeWordFreqSet, type WrittenFile } from "../../systems/batch/cli/load-test/word-freq-set";
import { seededRandom } from "../../kit/lib/seeded-random";

export { writeWordFreqSet, type WrittenFile };

/** D.2, small variant: 120 files of 10 kB. */
export const writeSmallWordFreqSet = (directory: string, seed = 1): Promise<WrittenFile[]> =>
  writeWordFreqSet(directory, { files: 120, totalBytes: 1_200_000, seed });

/** D.3: very many files of some 200 bytes, `00001.txt` and on. */
export async function writeManySmallFiles(directory: string, files: number, seed = 1): Promise<WrittenFile[]> {
  await mkdir(directory, { recursive: true });
  const prose = new ProseWriter();
  const random = seededRandom(seed);
  const written = Array.from({ length: files }, (_, index) => ({
    name: `${String(index + 1).padStart(5, "0")}.txt`,
    bytes: 150 + Math.floor(100 * random()),
  }));
  for (let from = 0; from < files; from += 64) {
    const group = written.slice(from, from + 64);
    await Promise.all(
      group.map(({ name, bytes }, index) => writeFile(join(directory, name), prose.write(bytes, seed + from + index, "\n"))),
    );
  }
  return written;
}

type Expected =
  | { readonly status: "processed" }
  | { readonly status: "skipped"; readonly reason: SkipReason }
  | { readonly status: "quarantined"; readonly reason: QuarantineReason };
export type OddFile = WrittenFile & Expected;

const utf16 = (text: string, bigEndian: boolean): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, "utf16le");
  return bigEndian ? bytes.swap16() : bytes;
};
const utf32 = (text: string): Buffer => Buffer.from(Uint32Array.from(`\ufeff${text}`, (character) => character.codePointAt(0) ?? 0).buffer);
/** All different. */
export const numberedWords = (count: number): string => Array.from({ length: count }, (_, index) => `word${index.toString(36)}`).join("\n");
const SENTENCE = "Filemill turns very many files into results; counting words counts every word.\n";
const packed = gzipSync(SENTENCE.repeat(50));

/** Contents that each rule of the workload and each way of naming a file must get right. */
const PROCESSED: Readonly<Record<string, string | Uint8Array>> = {
  "name with spaces.txt": SENTENCE,
  "plus+and+plus.txt": SENTENCE,
  "100% percent %20 and %2B.txt": SENTENCE,
  "naïve Ünïcödé 日本語 😀.txt": SENTENCE,
  "ampersand&question?hash#quote'.txt": SENTENCE,
  "line\nfeed and \u2028 separator.txt": SENTENCE,
  "sub/folder/deep.txt": SENTENCE,
  "sub/folder with space/deep+.txt": SENTENCE,
  "empty.txt": "",
  "empty.txt.gz": "",
  "packed.txt.gz": packed,
  "two-members.txt.gz": Buffer.concat([packed, gzipSync(" another member of this file")]),
  "utf-8-bom.txt": `\ufeff${SENTENCE}`,
  "utf-16-le.txt": utf16(`${SENTENCE}Žluťoučký kůň \u{1d49c}\u{1d49c}\u{1d49c}\u{1d49c}\u{1d49c}`, false),
  "utf-16-be.txt": utf16(`${SENTENCE}Žluťoučký kůň \u{1d49c}\u{1d49c}\u{1d49c}\u{1d49c}\u{1d49c}`, true),
  "utf-32-le.txt": utf32(`${SENTENCE}Žluťoučký kůň \u{1d49c}\u{1d49c}\u{1d49c}\u{1d49c}\u{1d49c}`),
  "packed-without-a-name": packed,
  "packed.GZ": packed,
  "packed.tgz": packed,
  "padded.txt.gz": Buffer.concat([packed, Buffer.alloc(512)]),
  "invalid-utf-8.txt": Buffer.concat([
    Buffer.from("before\u00e9after broken"),
    Buffer.from([0xff, 0xc3, 0x28, 0xe2, 0x82]),
    Buffer.from("middle end"),
  ]),
  "one-long-word.txt": `start ${"x".repeat(70_000)} finish`,
  "ties-at-rank-10.txt": Array.from({ length: 14 }, (_, index) => `equal${String.fromCharCode(0x6e - index)} `.repeat(3)).join(""),
  "crlf.txt": SENTENCE.repeat(3).replaceAll("\n", "\r\n"),
  "nfd.txt": "Résumé RÉSUMÉ résumé élève ÉLÈVES".normalize("NFD") + " résumé élève",
  "apostrophes.txt": "couldn't COULDN\u2019T 'quoted' rock'n'roll ''twice''again dogs' o\u2019clock\u2019 trailing'",
  "only-short-words.txt": "a to the and four\n",
  "no-line-end.txt": "alpha betas gamma",
};

/**
 * Files with unusual names, encodings and contents. Their counts: `referenceCountFile`.
 *
 * @param distinctWords of the file that has many
 */
export async function writeOddFiles(directory: string, distinctWords = 20_000): Promise<OddFile[]> {
  const zip = Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0, ...Buffer.from("looks like words but is an archive")]);
  const binary = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, ...Buffer.from("looks like words but is a program")]);
  const contents: [string, string | Uint8Array, Expected][] = [
    ...Object.entries({ ...PROCESSED, "many-distinct-words.txt": numberedWords(distinctWords) }).map(
      ([name, content]): [string, string | Uint8Array, { status: "processed" }] => [name, content, { status: "processed" }],
    ),
    // the object that the course's own bucket held beside the texts (S1.32)
    ["lsde-wordfreq-app.zip", zip, { status: "skipped", reason: "compressed" }],
    ["zip-inside.txt.gz", gzipSync(zip), { status: "skipped", reason: "compressed" }],
    ["binary.bin", binary, { status: "skipped", reason: "not-text" }],
    ["binary-inside.txt.gz", gzipSync(binary), { status: "skipped", reason: "not-text" }],
    ["cut-short.txt.gz", packed.subarray(0, packed.length - 5), { status: "quarantined", reason: "corrupt-gzip" }],
    ["not-packed.txt.gz", SENTENCE, { status: "quarantined", reason: "corrupt-gzip" }],
  ];
  const written: OddFile[] = [];
  for (const [name, content, expected] of contents) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    written.push({ name, bytes: Buffer.byteLength(content), ...expected });
  }
  return written;
}

/** The 233 State of the Union addresses: real English prose. */
export async function addresses(): Promise<{ readonly directory: string; readonly names: string[] }> {
  const directory = join(PROJECT, "examples", "addresses");
  return { directory, names: (await readdir(directory)).sort() };
}
