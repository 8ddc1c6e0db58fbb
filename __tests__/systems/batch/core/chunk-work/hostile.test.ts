import { readFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { systemClock } from "../../../../../kit/aws/system-clock";
import { isDoubtful } from "../../../../../workloads/word-count/results";
import type { ObjectStore } from "../../../../../kit/ports/object-store";
import { workSplit, type WorkedSplit } from "../../../../../systems/batch/core/chunk-work/work-split";
import { countDeps, temporaryDirectory } from "../../../../support/count-harness";
import {
  HOSTILE_FILES,
  hostileChunks,
  hostileJobs,
  TEST_DECOMPRESSION_LIMIT_MIB,
  type StatedOutcome,
} from "../../../../support/hostile-corpus";
import { PROJECT } from "../../../../support/command";
import { resultWords, sessionsIn, wordCountOf } from "../../../../support/word-count";

const MEBIBYTE = 1_048_576;
const work = temporaryDirectory();
afterAll(() => {
  work.remove();
});
afterEach(() => {
  work.assertEmpty();
});

/** Works on one object as a slot does. */
async function outcomeOf(key: string, body: Readable, memoryBytes = 8 * MEBIBYTE): Promise<StatedOutcome> {
  const get: ObjectStore["get"] = () =>
    Promise.resolve({ body, etag: "e", size: 1, lastModified: "2026-01-01T00:00:00.000Z", metadata: {} });
  const room = countDeps(work.path, { memoryBytes, decompressionLimitBytes: TEST_DECOMPRESSION_LIMIT_MIB * MEBIBYTE });
  const store = { get } as ObjectStore;
  const sessions = sessionsIn({ store, stateBucket: "batch-state", directory: work.path });
  const deps = { store, clock: systemClock, room, sessions };
  const worked = await workSplit(deps, { bucket: "bucket", key }, () => wordCountOf(), new AbortController().signal);
  return stated(worked);
}

async function stated(worked: WorkedSplit): Promise<StatedOutcome> {
  switch (worked.status) {
    case "processed": {
      await worked.partial?.dispose();
      const counted = resultWords(worked.result);
      return { status: "processed", words: counted.words.map(({ word }) => word), ...(isDoubtful(counted) && { doubtful: true }) };
    }
    case "skipped":
      return { status: "skipped", reason: worked.reason };
    case "quarantined":
      return { status: "quarantined", reason: worked.reason };
  }
}

/** In pieces of 1,000 bytes, as a network delivers. */
const pieces = (content: Uint8Array): Readable =>
  Readable.from(
    (function* () {
      for (let at = 0; at < content.length; at += 1_000) yield content.subarray(at, at + 1_000);
    })(),
  );

describe("invariant 7: what is wrong with a file is its own outcome, nobody else's", () => {
  test.each(HOSTILE_FILES)("$title", async ({ name, content, outcome }) => {
    expect(await outcomeOf(name, pieces(content))).toEqual(outcome);
  });

  test("invariant 9: a zip bomb of 4 GiB costs what its first 8 MiB cost", async () => {
    const packer = createGzip({ level: 1 });
    let made = 0;
    const zeros = Buffer.alloc(MEBIBYTE, "a ");
    const bomb = Readable.from(
      (function* () {
        for (; made < 4_096; made += 1) yield zeros;
      })(),
    ).pipe(packer);
    expect(await outcomeOf("bomb.txt.gz", bomb)).toEqual({ status: "quarantined", reason: "decompression-limit" });
    expect(made).toBeLessThan(256);
  });

  test("invariant 9: 100 MiB without a separator are one overlong word, in memory that does not grow", async () => {
    const chunk = Buffer.alloc(MEBIBYTE, "x");
    const usedBytes = (): number => {
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      return arrayBuffers + heapUsed;
    };
    const before = usedBytes();
    let peakBytes = 0;
    const endless = Readable.from(
      (function* () {
        for (let made = 0; made < 100; made += 1) {
          peakBytes = Math.max(peakBytes, usedBytes() - before);
          yield chunk;
        }
      })(),
      { highWaterMark: 1 },
    );
    expect(await outcomeOf("one-word.txt", endless)).toEqual({ status: "processed", words: [] });
    expect(peakBytes).toBeLessThan(32 * MEBIBYTE);
  });
});

describe("docs/hostile-input.md states these outcomes and no others", () => {
  const lines = readFileSync(path.join(PROJECT, "docs", "hostile-input.md"), "utf8").split("\n");
  const sample = { batchId: "01JD3Z0T2V5Y8W4KQ6R7M9N1PX", generation: 1, chunk: { index: 0, offset: 0, length: 1, sha256: "" } };
  const statedOf = ({ outcome }: (typeof HOSTILE_FILES)[number]): string =>
    outcome.status === "processed"
      ? outcome.doubtful === true
        ? "processed, doubtful"
        : "processed"
      : `${outcome.status}, \`${outcome.reason}\``;

  test.each([
    ["Files", HOSTILE_FILES.map((file) => [file.title, statedOf(file)])],
    [
      "Messages on `wordfreq-jobs`",
      hostileJobs({ processingBucket: "ours", foreignBucket: "theirs" }).map(({ outcome, title }) => [title, outcome]),
    ],
    ["Messages on `wordfreq-chunks`", hostileChunks(sample).map(({ outcome, title }) => [title, outcome])],
  ])("%s", (heading, expected) => {
    const section = lines.slice(lines.indexOf(`## ${heading}`) + 1);
    const end = section.findIndex((line) => line.startsWith("## "));
    const rows = section.slice(0, end).filter((line) => line.startsWith("| "));
    // below the head and its rule
    const cells = rows.slice(2).map((row) => row.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));
    expect(cells).toEqual(expected);
  });
});
