import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import iconv from "iconv-lite";
import { nodeZlib } from "../../../../kit/aws/node-zlib";
import { renderDoubtful } from "../../../../systems/batch/cli/render/doubtful";
import { readStart } from "../../../../systems/batch/cli/run/doubtful-files";
import { likelyEncoding } from "../../../../systems/batch/cli/run/likely-encoding";
import type { TextEncoding } from "../../../../workloads/text/text-encodings";
import { ObjectMissingError } from "../../../../kit/ports/object-store";
import { MemoryObjectStore } from "../../../../kit/simulator/memory/memory-object-store";
import { Harness } from "./harness";

const LATIN = Buffer.from("Die Größe der Straße ist übermäßig, sagte er, und ging in das Café. ".repeat(5), "latin1");
const WARNING = /^warning: 1 file is doubtful: more than 1 % of its text is invalid in the encoding that it was read in, so its words/m;

const TOLD = [
  "doubtful: größe.latin1 (25.0 % of it is invalid in utf-8; it looks like windows-1252)",
  "if that is what they are, count them again with --encoding windows-1252",
];

let harness: Harness;
let texts: string;
beforeEach(async () => {
  harness = await Harness.make();
  texts = path.join(harness.directory, "texts");
  await mkdir(texts);
  await writeFile(path.join(texts, "a.txt"), "words");
  await harness.run("local", "up");
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

const doubtfulLines = (stderr: string): string[] => stderr.split("\n").filter((line) => /doubtful|--encoding/.test(line));

test.each([
  ["submit", ["submit", "texts", "--watch"]],
  ["submit --via upload", ["submit", "texts", "--watch", "--via", "upload"]],
  ["local run", ["local", "run", "texts"]],
])(
  "%s warns of a file whose text is mostly another encoding's, names it, guesses which, and says the way out; exit code 0",
  async (_, args) => {
    await writeFile(path.join(texts, "größe.latin1"), LATIN);
    const { exitCode, stderr, stdout } = await harness.run(...args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(WARNING);
    expect(doubtfulLines(stderr)).toEqual(TOLD);
  },
);

test("with --json the numbers are in its line, and what is said to people goes to stderr", async () => {
  await writeFile(path.join(texts, "größe.latin1"), LATIN);
  const { exitCode, stderr, stdout } = await harness.run("submit", "texts", "--watch", "--json");
  expect({ exitCode, result: JSON.parse(stdout) as unknown }).toMatchObject({
    exitCode: 0,
    result: { result: { invalidBytes: 5, doubtfulFiles: 1 } },
  });
  expect(doubtfulLines(stderr)).toEqual(TOLD);
});

test("without a doubtful file nobody is warned", async () => {
  const { stderr, stdout } = await harness.run("submit", "texts", "--watch");
  expect(stdout + stderr).not.toMatch(/doubtful|warning|encoding/);
  for (const args of [
    ["status", "latest"],
    ["results", "latest"],
  ]) {
    const shown = await harness.run(...args);
    expect(shown.stdout + shown.stderr).not.toMatch(/doubtful|warning|encoding/);
  }
});

test("ten are named, how many more there are is said", async () => {
  for (let number = 10; number < 23; number += 1) await writeFile(path.join(texts, `${String(number)}.latin1`), LATIN);
  const { stderr, stdout } = await harness.run("submit", "texts", "--watch");
  expect(stdout).toMatch(/^warning: 13 files are doubtful: .* their text .* they were read in, so their words/m);
  const lines = doubtfulLines(stderr);
  expect(lines).toHaveLength(12);
  expect(lines[0]).toMatch(/^doubtful: 10\.latin1 /);
  expect(lines[9]).toMatch(/^doubtful: 19\.latin1 /);
  expect(lines[10]).toBe("and 3 more doubtful files: results.jsonl has `result.invalidBytes` and `result.textBytes` of each");
});

test("results and status have a word of warning, too, also when the files are gone", async () => {
  await writeFile(path.join(texts, "b.latin1"), LATIN);
  await harness.run("submit", "texts");
  const shown = await harness.run("results", "latest");
  expect(shown.stdout).toMatch(WARNING);
  expect(doubtfulLines(shown.stderr)[0]).toMatch(/^doubtful: b\.latin1 .*windows-1252\)$/);
  expect((await harness.run("status", "latest")).stdout).toMatch(WARNING);
  expect(JSON.parse((await harness.run("status", "latest", "--json")).stdout)).toMatchObject({ doubtfulFiles: 1 });
  for (const key of harness.objects.keys("uploading")) harness.objects.deleteObject("uploading", key);
  const { exitCode, stderr } = await harness.run("results", "latest");
  expect(exitCode).toBe(0);
  expect(doubtfulLines(stderr)).toEqual([
    expect.stringMatching(
      /^doubtful: b\.latin1 \(25\.0 % .*; its first bytes can't be looked at: s3:\/\/uploading\/.*no such object\)$/,
    ) as string,
    "if they are in another encoding, count them again with --encoding NAME (docs/word-count.md has the names)",
  ]);
});

test("a single file's result tells what it was read in when that is doubtful", async () => {
  await writeFile(path.join(texts, "b.latin1"), LATIN);
  await harness.run("submit", "texts", "--via", "upload", "--watch");
  const [name = ""] = [...harness.results.items.keys()].filter((key) => key.endsWith("b.latin1"));
  expect((await harness.run("results", name)).stdout).toMatch(/^warning: 25\.0 % of it is invalid in utf-8, so its words may be wrong$/m);
  const [whole = ""] = [...harness.results.items.keys()].filter((key) => key.endsWith("a.txt"));
  expect((await harness.run("results", whole)).stdout).not.toContain("warning");
});

test("names are made safe for a terminal, and what most files look like is the way out", () => {
  const file = { encoding: "utf-8", textBytes: 200, invalidBytes: 3 } as const;
  expect(
    renderDoubtful(
      [
        { ...file, filename: "a\u001b[2J", likely: "koi8-r" },
        { ...file, filename: "b", likely: "windows-1251" },
        { ...file, filename: "c" },
        { ...file, filename: "d", likely: "windows-1251" },
      ],
      4,
    ),
  ).toEqual([
    "doubtful: a\\u{1b}[2J (1.5 % of it is invalid in utf-8; it looks like koi8-r)",
    "doubtful: b (1.5 % of it is invalid in utf-8; it looks like windows-1251)",
    "doubtful: c (1.5 % of it is invalid in utf-8)",
    "doubtful: d (1.5 % of it is invalid in utf-8; it looks like windows-1251)",
    "if that is what they are, count them again with --encoding windows-1251",
  ]);
});

describe("the likely encoding", () => {
  const SENTENCES: readonly (readonly [TextEncoding, string])[] = [
    ["windows-1252", "Été comme hiver, la forêt était déserte; l’élève répéta sa leçon. "],
    ["windows-1250", "Příliš žluťoučký kůň úpěl ďábelské ódy. Ještě že jsme doma. "],
    ["windows-1251", "Слово и пословица. Он сказал, что всё будет хорошо, и ушёл домой. "],
    ["koi8-r", "Слово и пословица. Он сказал, что всё будет хорошо, и ушёл домой. "],
    ["shift_jis", "言葉ソース「日本語」の文章です。今日はとても良い天気ですね。"],
    ["gb18030", "汉字词语，今天的天气很好，我们去公园散步。"],
    ["big5", "漢字詞語，今天的天氣很好，我們去公園散步。"],
    ["euc-kr", "한국어 문장입니다. 오늘은 날씨가 매우 좋습니다. "],
  ];
  test.each(SENTENCES)("of a text in %s is that", (encoding, sentence) => {
    expect(likelyEncoding(iconv.encode(sentence.repeat(20), encoding), "utf-8")).toBe(encoding);
  });

  test.each<[string, Uint8Array]>([
    ["ASCII", Buffer.from("nothing but ASCII ".repeat(20))],
    ["UTF-8 that is damaged further on", Buffer.from("größe straße café ".repeat(20))],
    ["what it was read in", iconv.encode("Слово и пословица. ".repeat(20), "koi8-r")],
    ["bytes of nothing", Uint8Array.from({ length: 4_000 }, (_, index) => 128 + ((index * 7_919) % 128))],
    ["no bytes", new Uint8Array()],
  ])("of %s is none", (what, bytes) => {
    expect(likelyEncoding(bytes, what === "what it was read in" ? "koi8-r" : "utf-8")).toBeUndefined();
  });
});

describe("a file's start", () => {
  const objects = new MemoryObjectStore(["bucket"]);
  const start = (body: Uint8Array): Promise<Uint8Array> => {
    objects.set("bucket", "key", body);
    return readStart(objects, nodeZlib, [{ bucket: "bucket", key: "key" }]);
  };

  test("is its first 64 KiB, of gzip the unpacked ones, whole or not", async () => {
    const text = Buffer.from(Array.from({ length: 60_000 }, (_, index) => index.toString(36)).join(" "));
    expect(await start(text)).toEqual(text.subarray(0, 65_536));
    expect(await start(text.subarray(0, 10))).toEqual(text.subarray(0, 10));
    expect(await start(gzipSync(text))).toEqual(text.subarray(0, 65_536));
    expect(await start(gzipSync("short"))).toEqual(Buffer.from("short"));
    // what does not pack is cut before 64 KiB of it came out
    const noise = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, index) => (index * index * 31 + index * 17) % 251));
    const unpacked = await start(gzipSync(noise, { level: 0 }));
    expect(unpacked.length).toBeGreaterThan(60_000);
    expect(unpacked).toEqual(noise.subarray(0, unpacked.length));
  });

  test("of a file that is gone is an error", async () => {
    await expect(readStart(objects, nodeZlib, [{ bucket: "bucket", key: "gone" }])).rejects.toThrow(ObjectMissingError);
  });
});
