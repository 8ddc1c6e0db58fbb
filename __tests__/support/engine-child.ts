/** Prints what this Node counts with, and what it counts: a process of its own that `fallback.test.ts` bundles. Argument: folder. */
import { nodeZlib } from "../../kit/aws/node-zlib";
import { countSplit } from "../../workloads/word-count/count-split";
import { countingEngine } from "../../workloads/word-count/engine";

async function* text(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from("Whale, whale, wa\u0301l"));
}

async function main(directory: string): Promise<void> {
  const result = await countSplit(
    { body: text(), namedGzip: false },
    { minimumWordLength: 1, top: 2, encoding: "auto" },
    { decompressor: nodeZlib, memoryBytes: 8 * 2 ** 20, directory, decompressionLimitBytes: 1_000 },
  );
  console.log(JSON.stringify({ engine: countingEngine(), words: result.status === "processed" ? result.stats.words : result }));
}

void main(process.argv[2] ?? "");
