/**
 * Our counter as a program of its own: `count-words FILE` prints every word of a text file as a line `["word",count]`, in the order of
 * their bytes. It reads piece by piece and keeps within `MEMORY_BYTES`, whatever the file holds.
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { codeOf } from "../../kit/folders/system-errors";
import { nodeZlib } from "../../kit/aws/node-zlib";
import { countSplit } from "../../workloads/word-count/count-split";
import type { CountedWords } from "../../workloads/word-count/merge";

/** What a split gets in the smallest environment (systems/batch/config/coursework.ts). */
const MEMORY_BYTES = 128 * 1_048_576;
const PIECE_BYTES = 65_536;
/** `process.stdout` makes a stream for it, which costs as much as some MB of text. */
const STANDARD_OUTPUT = 1;

/** A file's bytes. The same room is used again for each piece but the first, which the counter keeps until it knows what the text is. */
// eslint-disable-next-line @typescript-eslint/require-await -- the counter takes bodies from the network, which are waited for
async function* piecesOf(file: string): AsyncGenerator<Uint8Array, void> {
  const descriptor = openSync(file, "r");
  try {
    let room = Buffer.allocUnsafeSlow(PIECE_BYTES);
    for (let isFirst = true; ; isFirst = false) {
      const read = readSync(descriptor, room);
      if (read === 0) return;
      yield room.subarray(0, read);
      if (isFirst || read < PIECE_BYTES) room = Buffer.allocUnsafeSlow(PIECE_BYTES);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** A pipe may take a part only, and one that its reader has made non-blocking may take nothing for now. */
async function write(block: Uint8Array): Promise<void> {
  for (let at = 0; at < block.length;) {
    try {
      at += writeSync(STANDARD_OUTPUT, block, at);
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") throw error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

/** Lines of words and counts, in blocks: a call of the system for each line would take longer than counting. */
async function* linesOf(counts: CountedWords): AsyncGenerator<Buffer, void> {
  let text = "";
  for await (const { count, word } of counts.entries()) {
    text += `["${word}",${String(count)}]\n`;
    if (text.length < PIECE_BYTES) continue;
    yield Buffer.from(text);
    text = "";
  }
  yield Buffer.from(text);
}

async function main([file]: readonly string[]): Promise<void> {
  if (file === undefined) throw new Error("name a text file: count-words FILE");
  const result = await countSplit(
    { body: piecesOf(file), namedGzip: false },
    { minimumWordLength: 1, top: 10, encoding: "auto" },
    { decompressor: nodeZlib, memoryBytes: MEMORY_BYTES, directory: tmpdir(), decompressionLimitBytes: Number.MAX_SAFE_INTEGER },
  );
  if (result.status !== "processed") throw new Error(`'${file}' was not counted: ${result.reason}; give a text that is not packed`);
  try {
    for await (const block of linesOf(result.counts)) await write(block);
  } finally {
    await result.counts.dispose();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
