import { z } from "zod";
import type { GenerationRef } from "../../contracts/batch";
import { BatchStateError } from "../stored-batch/errors";
import { BucketMissingError, ObjectChangedError, ObjectMissingError } from "../../../../kit/ports/object-store";
import { SubmissionListMissingError } from "../stored-batch/submission-list";
import { WorkloadResultError } from "../../../../workloads/checked-work";
import { BadCountLineError } from "../../../../workloads/word-count/count-lines";
import { BadCountsError } from "../../../../workloads/word-count/counter/section-format";
import { schemaProblem } from "../../../../kit/lib/schema-problem";
import { StoredFormatError } from "../../../../kit/lib/stored-json";

/** What a verification looks at, in its order. */
export const CHECK_NAMES = [
  /** META is sealed, and reported. */
  "ledger",
  /** `manifest.jsonl` is the one the plan hashed, with as many files and bytes. */
  "manifest",
  /** Splits and chunks are those of the plan; each chunk's bytes have the hash that its line tells. */
  "chunks",
  /** Where the batch was submitted with its files: the manifest holds those, all of them and no others. */
  "submission",
  /** What was sealed has the hash that META holds. */
  "sealed",
  /** Files and counts made again from what is sealed and from the partials, of this and of earlier generations. */
  "partials",
  /** `results.jsonl` equals the files made again. */
  "results",
  /** `result.json` equals the result made again. */
  "result",
  /** `receipt.json` equals the receipt made again. */
  "receipt",
  /** The completion message in META equals the one made again. */
  "completion",
  /** Every processed file has an item in `wordfreq` that is this content or newer. */
  "table",
  /** Source files that still have the identity the plan froze, read and counted again. */
  "recount",
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/** What a check found. */
export interface Check {
  readonly name: CheckName;
  readonly holds: boolean;
  /** How much was looked at: files, chunks, items. */
  readonly counts: Readonly<Record<string, number>>;
  /** What is wrong, or why the check could not be made. */
  readonly detail?: string;
}

export interface Verification {
  readonly ref: GenerationRef;
  /** true when every check that was made holds. */
  readonly holds: boolean;
  readonly checks: readonly Check[];
}

/** A check's finding before it has a name. */
export interface Finding {
  readonly counts: Readonly<Record<string, number>>;
  /** Absent when all is well. */
  readonly wrong?: string;
}

/**
 * Carries a check out. What is damaged makes it fail; what says nothing about the batch (network, access) is thrown.
 *
 * @throws what is no sign of damage
 */
export async function check(name: CheckName, look: () => Promise<Finding>): Promise<Check> {
  try {
    const { counts, wrong } = await look();
    return { name, holds: wrong === undefined, counts, ...(wrong === undefined ? {} : { detail: wrong }) };
  } catch (error) {
    if (!(error instanceof Error && isDamage(error))) throw error;
    return { name, holds: false, counts: {}, detail: error instanceof z.ZodError ? schemaProblem(error) : error.message };
  }
}

/** Errors that readers throw when what is stored is missing, cut or not what its writer promises. */
const isDamage = (error: Error): boolean =>
  error instanceof BatchStateError ||
  error instanceof SubmissionListMissingError ||
  error instanceof ObjectMissingError ||
  error instanceof ObjectChangedError ||
  error instanceof BucketMissingError ||
  error instanceof BadCountLineError ||
  error instanceof BadCountsError ||
  error instanceof StoredFormatError ||
  error instanceof WorkloadResultError ||
  error instanceof z.ZodError ||
  error instanceof SyntaxError ||
  isInvalidText(error) ||
  isInvalidRange(error);

/** Bytes that are no UTF-8. https://nodejs.org/api/util.html#textdecoderdecodeinput-options */
const isInvalidText = (error: Error): boolean => "code" in error && error.code === "ERR_ENCODING_INVALID_ENCODED_DATA";
/** A range behind the end of an object that was cut. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const isInvalidRange = (error: Error): boolean => error.name === "InvalidRange";
