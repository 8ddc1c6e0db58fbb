import { createReadStream } from "node:fs";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { nodeZlib } from "../../../kit/aws/node-zlib";
import { assertOutputName } from "../../results/collect-outputs";
import { isNamedGzip } from "../../text/content-kind";
import { decodedText, linesOf } from "../../text/decoded-text";
import { textEncodingSchema } from "../../text/encoding-schemas";
import { unpacked } from "../../text/unpacked";
import type { WorkloadFile } from "../authoring";
import type { FileQuestion } from "../protocol";

/** A file as a module sees it. */
export function hostedFile(question: FileQuestion, signal: AbortSignal): WorkloadFile {
  const { name, size, encoding, decompressionLimitBytes } = question;
  const bytes = (): AsyncIterable<Uint8Array> => createReadStream(question.path) as AsyncIterable<Uint8Array>;
  const text = (): AsyncIterable<string> => {
    // a range's text is plain already
    if (encoding !== undefined) return decodedText(bytes(), textEncodingSchema.parse(encoding));
    const source = { body: bytes(), namedGzip: isNamedGzip(name) };
    return decodedText(unpacked(source, { decompressor: nodeZlib, decompressionLimitBytes }));
  };
  return {
    name,
    size,
    signal,
    bytes,
    text,
    lines: () => linesOf(text()),
    async writeOutput(output, content) {
      assertOutputName(output);
      const place = path.join(question.out, output);
      await mkdir(path.dirname(place), { recursive: true });
      if (typeof content === "object" && "path" in content) await copyFile(content.path, place);
      else await writeFile(place, content);
    },
  };
}
