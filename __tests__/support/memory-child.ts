/**
 * Counts a stream that is made as it is read, and prints what memory that took: run in a process of its own by
 * `bounded-memory.ts`, which bundles it. Arguments: kind of stream, its MB, `memoryBytes`, folder.
 */
import { readFileSync } from "node:fs";
import { nodeZlib } from "../../kit/aws/node-zlib";
import { countSplit } from "../../workloads/word-count/count-split";

const CHUNK_BYTES = 65_536;
const [kind = "", megabytes = "0", memoryBytes = "0", directory = ""] = process.argv.slice(2);

/** Between two measurements; each collects garbage, which takes some milliseconds. */
const CHUNKS_PER_MEASUREMENT = 16;
const ENTRIES_PER_MEASUREMENT = 65_536;

let peakHeldBytes = 0;
/** What is held: how much garbage waits beside it is up to how busy the machine is. Needs `--expose-gc`. */
function measure(): void {
  if (gc === undefined) throw new Error("start this with --expose-gc");
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  peakHeldBytes = Math.max(peakHeldBytes, heapUsed + arrayBuffers);
}

type Fill = (chunk: Buffer, firstByte: number) => void;
/** All different: a number in base 36 with a letter before it. */
const distinct = (prefix: string): Fill => {
  let next = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      const word = `${prefix}${(next++).toString(36)} `;
      at += at + Buffer.byteLength(word) <= chunk.length ? chunk.write(word, at) : chunk.fill(0x20, at).length;
    }
  };
};
const FILLS: Readonly<Record<string, Fill>> = {
  "distinct-words": distinct("w"),
  // capital and combining accent: neither lower-case nor normalised yet
  "distinct-spellings": distinct("É".normalize("NFD")),
  "one-word": (chunk) => chunk.fill("a"),
  "one-accented-word": (chunk) => chunk.fill("e\u0301"),
  "no-words": (chunk) => chunk.fill("。"),
};

async function* stream(fill: Fill, bytes: number): AsyncGenerator<Uint8Array, void> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let at = 0; at < bytes; at += CHUNK_BYTES) {
    fill(chunk, at);
    yield await Promise.resolve(chunk);
    if ((at / CHUNK_BYTES) % CHUNKS_PER_MEASUREMENT === 0) measure();
  }
}

async function main(): Promise<void> {
  const fill = FILLS[kind];
  if (fill === undefined) throw new Error(`unknown kind of stream '${kind}'; one of ${Object.keys(FILLS).join(", ")}`);
  const result = await countSplit(
    { body: stream(fill, Number(megabytes) * 1_000_000), namedGzip: false },
    { minimumWordLength: 1, top: 10, encoding: "auto" },
    { decompressor: nodeZlib, memoryBytes: Number(memoryBytes), directory, decompressionLimitBytes: 1e12 },
  );
  if (result.status !== "processed") throw new Error(`not processed: ${result.status}`);
  let read = 0;
  for await (const { count } of result.counts.entries()) {
    read += count;
    if (read % ENTRIES_PER_MEASUREMENT === 0) measure();
  }
  await result.counts.dispose();
  const { totalWords, distinctWords, overlongWords } = result.stats;
  process.stdout.write(
    JSON.stringify({
      peakHeldBytes,
      maximumResidentBytes: maximumResidentBytes(),
      read,
      totalWords,
      distinctWords,
      overlongWords,
    }),
  );
}

/**
 * The most this program ever held. Not `maxRSS` on Linux: that begins with what the parent held when it forked, so under a big test
 * process it says nothing about this one. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html (VmHWM)
 */
function maximumResidentBytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1_024;
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  if (kibibytes === undefined) throw new Error("/proc/self/status does not tell VmHWM");
  return Number(kibibytes) * 1_024;
}

void main();
