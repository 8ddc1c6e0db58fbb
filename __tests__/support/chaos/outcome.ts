import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import type { ResultMessage } from "../../../systems/batch/contracts/messages";
import type { UpStack } from "../up-stack";
import { readResultFiles, type ResultFiles } from "../result-files";

/** All that a run leaves for its users, without what differs from run to run by right: ids, times, the folder of the upload. */
export interface Outcome {
  readonly result: Pick<ResultFiles["batch"], "status" | "files" | "bytes" | "workload" | "result" | "outputs">;
  readonly lines: ResultFiles["lines"];
  /** `wordfreq` items by file name. */
  readonly items: Readonly<Record<string, unknown>>;
  /** Different bodies by message id; undisturbed, and after any fault, one each. */
  readonly messages: Readonly<Record<string, number>>;
}

/** Where a run's files lie, whatever way they took. */
const FOLDER = /^[^/]+\/(?:batches|uploads)\/([^/]+)\//;

/** Gathers what a submission came to. `messages`: everything taken off the results queue, of whatever run. */
export async function outcomeOf(stack: UpStack, out: string, batchId: string, messages: readonly ResultMessage[]): Promise<Outcome> {
  const { batch, lines } = await readResultFiles(out, batchId);
  const { status, files, bytes, workload, result, outputs } = batch;
  const isOurs = (message: ResultMessage): boolean =>
    "batchId" in message && message.batchId !== undefined ? message.batchId === batchId : `${keyOf(message)}/`.includes(`/${batchId}/`);
  return {
    result: { status, files, bytes, workload, result, outputs },
    lines,
    items: await itemsOf(stack, batchId),
    messages: bodiesById(messages.filter(isOurs), batchId),
  };
}

const keyOf = (message: ResultMessage): string => ("key" in message ? `/${message.key}` : "");

/**
 * Acknowledgements of a batch are numbered after its id; those of uploads are hashes of the content's identity, so the file's name stands
 * for them.
 */
function bodiesById(messages: readonly ResultMessage[], batchId: string): Record<string, number> {
  const bodies = new Map<string, Set<string>>();
  for (const message of messages) {
    const place = message.messageId.startsWith(batchId) ? message.messageId.slice(batchId.length) : baseName(keyOf(message));
    const id = `${message.type} ${place}`;
    bodies.set(id, (bodies.get(id) ?? new Set()).add(JSON.stringify(message)));
  }
  return Object.fromEntries([...bodies].map(([id, different]): [string, number] => [id, different.size]).sort());
}

const baseName = (key: string): string => key.slice(key.lastIndexOf("/") + 1);

/** The items of a run's files: what they count, and of which content. */
async function itemsOf(stack: UpStack, batchId: string): Promise<Record<string, unknown>> {
  const client = new DynamoDBClient(stack.clientSettings);
  const items: [string, unknown][] = [];
  try {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: stack.outputs.results_table })) {
      for (const { Filename, Words, ETag } of Items) {
        const name = Filename?.S ?? "";
        if (FOLDER.exec(name)?.[1] === batchId) items.push([name.replace(FOLDER, ""), { Words, ETag }]);
      }
    }
  } finally {
    client.destroy();
  }
  return Object.fromEntries(items.sort());
}
