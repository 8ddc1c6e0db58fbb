import { z } from "zod";
import { CorruptGzipError } from "../../kit/ports/decompressor";
import { isNamedGzip } from "../text/content-kind";
import { decodedText, linesOf, NoTextError } from "../text/decoded-text";
import { DecompressionLimitError } from "../text/decompression-limit";
import { textOfRange } from "../text/range-text";
import { textEncodingSchema } from "../text/encoding-schemas";
import { unpacked } from "../text/unpacked";
import type { Workload, WorkContext, Worked, WorkSource } from "../workload";
import { parseLine } from "./line";
import { LogMerge } from "./merge";
import { RequestCounts } from "./request-counts";
import { logResultSchema, logTotalSchema, noFacts, STATUS_CLASSES, type LogFacts, type LogResult, type LogTotal } from "./results";

/** Browsers and servers take no longer addresses than 8 KiB; of longer lines this much is looked at. */
const MAXIMUM_LINE_CHARACTERS = 16_384;
/** Names in lists: 100 of them, of four bytes a character at worst, fit a result. */
const NAME_CHARACTERS = 128;
const EXAMPLE_CHARACTERS = 200;

export const accessLogOptionsSchema = z.strictObject({
  /** Length of the lists of paths and clients. @default 10 - as for words */
  top: z.int().min(1).max(50).default(10),
});
export type AccessLogOptions = z.output<typeof accessLogOptionsSchema>;

/** Requests, bytes, status classes, most requested paths and busiest clients of access logs in the common or combined format. */
export const accessLogWorkload: Workload<AccessLogOptions, LogResult, LogTotal> = {
  name: "access-log",
  description: "adds up web servers' access logs: requests, bytes, statuses, top paths and clients",
  options: accessLogOptionsSchema,
  result: logResultSchema,
  total: logTotalSchema,
  cut: () => "lines",
  computes: true,
  open: (options) => Promise.resolve({ work: (source, context) => work(source, options, context), dispose: () => Promise.resolve() }),
  merge: (options, context) => new LogMerge(options.top, context),
  table: ({ files, requests, bytes, statuses, unparsableLines, paths, clients }) => ({
    columns: ["what", "name", "count"],
    rows: [
      ["files", "", files],
      ["requests", "", requests],
      ["bytes", "", bytes],
      ["unparsable lines", "", unparsableLines],
      ...STATUS_CLASSES.filter((each) => statuses[each] > 0).map((each) => ["status", each, statuses[each]] as const),
      ...paths.map(({ name, requests: count }) => ["path", name, count] as const),
      ...clients.map(({ name, requests: count }) => ["client", name, count] as const),
    ],
  }),
};

async function work(source: WorkSource, { top }: AccessLogOptions, context: WorkContext): Promise<Worked<LogResult>> {
  const { memoryBytes, directory, onProgress } = context;
  const counts = new RequestCounts({ memoryBytes, directory, onProgress });
  let keep = false;
  try {
    const facts = await count(
      linesOf(decodedText(watched(textOf(source, context), context), encodingOf(source)), MAXIMUM_LINE_CHARACTERS),
      counts,
    );
    const result = await counts.resultOf(facts, top);
    keep = true;
    return { status: "processed", result, partial: counts };
  } catch (error) {
    if (error instanceof NoTextError) return { status: "skipped", reason: error.reason };
    if (error instanceof CorruptGzipError) return { status: "quarantined", reason: "corrupt-gzip", detail: error.message };
    if (error instanceof DecompressionLimitError) return { status: "quarantined", reason: "decompression-limit", detail: error.message };
    throw error;
  } finally {
    if (!keep) await counts.dispose();
  }
}

async function count(lines: AsyncIterable<string>, counts: RequestCounts): Promise<LogFacts> {
  const facts = { ...noFacts() };
  for await (const line of lines) {
    const request = parseLine(line);
    if (request === undefined) {
      if (line.trim() === "") continue;
      facts.unparsableLines += 1;
      facts.firstUnparsable ??= line.slice(0, EXAMPLE_CHARACTERS);
      continue;
    }
    const statusClass = STATUS_CLASSES[Math.floor(request.status / 100) - 1] ?? "other";
    facts.requests += 1;
    facts.bytes += request.bytes;
    facts.statuses[statusClass] += 1;
    await counts.add({ ...request, client: shortened(request.client), path: shortened(request.path) });
  }
  return facts;
}

/** A longer name is counted by its beginning. */
const shortened = (name: string): string => (name.length <= NAME_CHARACTERS ? name : `${name.slice(0, NAME_CHARACTERS)}…`);

const encodingOf = ({ range, encoding }: WorkSource): ReturnType<typeof textEncodingSchema.parse> | undefined =>
  range === undefined ? undefined : textEncodingSchema.parse(encoding);

function textOf(source: WorkSource, { decompressor, decompressionLimitBytes, onProgress }: WorkContext): AsyncIterable<Uint8Array> {
  const { key, body, range } = source;
  if (range !== undefined) return textOfRange(body, range, textEncodingSchema.parse(source.encoding), "lines");
  const reporting = onProgress === undefined ? {} : { onProgress };
  return unpacked({ body, namedGzip: isNamedGzip(key) }, { decompressor, decompressionLimitBytes, ...reporting });
}

async function* watched(text: AsyncIterable<Uint8Array>, { onProgress, signal }: WorkContext): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of text) {
    signal?.throwIfAborted();
    onProgress?.(chunk.length);
    yield chunk;
  }
}
