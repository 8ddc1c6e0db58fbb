import type { z } from "zod";
import type { ReceivedMessage } from "../../../../kit/ports/job-queue";
import { jsonOf } from "../../../../kit/lib/json-of";
import { deadChunkSchema, resultMessageSchema } from "../../contracts/messages";
import { parseUploadMessage } from "../../contracts/s3-event";
import { schemaProblem } from "../../../../kit/lib/schema-problem";

/** Queues that have dead letters, by the word of the command line. */
export const DEAD_LETTER_QUEUES = ["jobs", "chunks", "results"] as const;
export type DeadLetterQueueName = (typeof DEAD_LETTER_QUEUES)[number];

/** What a message is, without its body: that may hold a task token, which is never shown. */
export type DeadLetterContent =
  | { readonly kind: "chunk"; readonly batchId: string; readonly generation: number; readonly index: number; readonly problem?: string }
  | { readonly kind: "objects"; readonly objects: readonly { readonly bucket: string; readonly key: string }[] }
  | { readonly kind: "result"; readonly type: string; readonly batchId?: string; readonly generation?: number; readonly filename?: string }
  | { readonly kind: "unreadable"; readonly problem: string };

export interface DeadLetter {
  readonly queue: DeadLetterQueueName;
  readonly messageId: string;
  /** Times it was received, this look included. */
  readonly receiveCount: number;
  readonly bytes: number;
  readonly content: DeadLetterContent;
}

export const deadLetterOf = (queue: DeadLetterQueueName, { body, messageId, receiveCount }: ReceivedMessage): DeadLetter => ({
  queue,
  messageId,
  receiveCount,
  bytes: Buffer.byteLength(body),
  content: READERS[queue](body),
});

type Reader = (body: string) => DeadLetterContent;

/** What is meant to be on each queue. */
const READERS: Readonly<Record<DeadLetterQueueName, Reader>> = { jobs: readJob, chunks: readChunk, results: readResult };

function readJob(body: string): DeadLetterContent {
  // the problem with JSON is worded here: the parser's own words quote the body
  if (jsonOf(body) === undefined) return NOT_JSON;
  const parsed = parseUploadMessage(body);
  switch (parsed.kind) {
    case "records":
      return { kind: "objects", objects: parsed.records };
    case "test":
      return { kind: "unreadable", problem: "S3's test event: nothing to do" };
    case "unreadable":
      return unreadable(parsed.problem);
  }
}

function readChunk(body: string): DeadLetterContent {
  const parsed = parse(deadChunkSchema, body);
  if (!parsed.success) return parsed.unreadable;
  const { batchId, generation, chunk, problem, token } = parsed.data;
  const shown = problem === undefined ? {} : { problem: shortened(problem.replaceAll(token, "TOKEN")) };
  return { kind: "chunk", batchId, generation, index: chunk.index, ...shown };
}

function readResult(body: string): DeadLetterContent {
  const parsed = parse(resultMessageSchema, body);
  if (!parsed.success) return parsed.unreadable;
  const { batchId, generation, type } = parsed.data;
  return {
    kind: "result",
    type,
    ...(batchId === undefined ? {} : { batchId }),
    ...(generation === undefined ? {} : { generation }),
    ...("filename" in parsed.data ? { filename: parsed.data.filename } : {}),
  };
}

const NOT_JSON: DeadLetterContent = { kind: "unreadable", problem: "not JSON" };

function parse<S extends z.ZodType>(
  schema: S,
  body: string,
): { readonly success: true; readonly data: z.output<S> } | { readonly success: false; readonly unreadable: DeadLetterContent } {
  const json = jsonOf(body);
  if (json === undefined) return { success: false, unreadable: NOT_JSON };
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed;
  return { success: false, unreadable: unreadable(schemaProblem(parsed.error)) };
}

const unreadable = (problem: string): DeadLetterContent => ({ kind: "unreadable", problem: shortened(problem.replaceAll(/\s+/g, " ")) });

/** A message of a mebibyte may have a problem at each byte. */
const PROBLEM_CHARACTERS = 300;
const shortened = (problem: string): string =>
  problem.length <= PROBLEM_CHARACTERS
    ? problem
    : `${problem.slice(0, PROBLEM_CHARACTERS)}... (${problem.length - PROBLEM_CHARACTERS} more characters)`;
