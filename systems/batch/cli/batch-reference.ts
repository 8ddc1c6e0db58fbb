import { closest, distance } from "fastest-levenshtein";
import { batchIdSchema } from "../contracts/batch";
import type { BatchRecord } from "../contracts/ledger-rows";
import { UnknownBatchError } from "../core/stored-batch/errors";
import type { Ledger } from "../ports/ledger";
import { UsageError } from "../../../kit/cli/command-errors";

/** Stands for the batch that was submitted last. */
export const LATEST_BATCH = "latest";

/** Longest request id the ledger takes. */
export const MAXIMUM_REQUEST_ID_CHARACTERS = 256;
/** Shorter ones name too much: the first four characters of an id stay the same for twelve days. */
const SHORTEST_PREFIX = 4;
/** Among so many a beginning is looked for: some reads of the ledger. */
const NEWEST_BATCHES = 1_000;
/** Candidates that an error names. */
const NAMED = 5;
/** Changes of characters by which a name is still taken for a slip. */
const SLIP = 3;
/** Characters of a ULID. https://github.com/ulid/spec */
const ID_PREFIX = /^[0-9A-HJKMNP-TV-Z]{1,25}$/;
const LIST = "`npx filemill status` lists the batches; `latest` is the newest";

/** Checks what can be checked before anything is asked. @throws UsageError */
export function checkBatchReference(text: string): void {
  if (text.trim() === "") throw new UsageError("an empty name is no batch's", LIST);
  if (text.length <= MAXIMUM_REQUEST_ID_CHARACTERS) return;
  throw new UsageError(
    `a name of ${text.length} characters is no batch's: ids have 26, request ids up to ${MAXIMUM_REQUEST_ID_CHARACTERS}`,
    LIST,
  );
}

/**
 * The batch that a name stands for: `latest`, an id (in upper or lower case), a request id, or the beginning of one of the newest ids. An
 * id goes before a request id, and that before a beginning.
 *
 * @throws UsageError, UnknownBatchError
 */
export async function findBatch(ledger: Ledger, text: string): Promise<BatchRecord> {
  checkBatchReference(text);
  if (text === LATEST_BATCH) return newestBatch(ledger);
  const id = text.toUpperCase();
  const isId = batchIdSchema.safeParse(id).success;
  const batch = (isId ? await ledger.getBatch(id) : undefined) ?? (await ledger.getBatchOfRequest(text));
  if (batch !== undefined) return batch;
  if (isId) throw new UnknownBatchError(id);
  const newest = await ledger.listBatches(NEWEST_BATCHES);
  const candidates = newest.filter(({ batchId }) => id.length >= SHORTEST_PREFIX && ID_PREFIX.test(id) && batchId.startsWith(id));
  const [only, ...others] = candidates;
  if (only === undefined) throw unknown(text, newest);
  if (others.length === 0) return only;
  const named = candidates.slice(0, NAMED).map(({ batchId }) => batchId);
  const more = candidates.length - named.length;
  throw new UsageError(
    `'${text}' is the beginning of ${candidates.length} batches' ids: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
    "give more of it",
  );
}

async function newestBatch(ledger: Ledger): Promise<BatchRecord> {
  const [newest] = await ledger.listBatches(1);
  if (newest === undefined) throw new UsageError("there is no batch yet", "submit one with `npx filemill submit`");
  return newest;
}

function unknown(text: string, newest: readonly BatchRecord[]): UsageError {
  const isShort = text.length < SHORTEST_PREFIX;
  const tried = isShort
    ? `it is too short for the beginning of an id (${SHORTEST_PREFIX} characters)`
    : newest.length < NEWEST_BATCHES
      ? "and no batch's id begins like that"
      : `and none of the newest ${NEWEST_BATCHES} batches' ids begins like that`;
  const names = newest.flatMap(({ batchId, requestId }) => [batchId, requestId]);
  const near = names.length === 0 ? undefined : closest(text, names);
  const meant = near !== undefined && distance(text, near) <= SLIP ? `did you mean ${near}? ` : "";
  return new UsageError(`'${text}' is not a batch's id and no request id, ${tried}`, `${meant}${LIST}`);
}
