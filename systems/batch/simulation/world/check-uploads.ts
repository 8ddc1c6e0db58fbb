import { BoundWorkload } from "../../../../workloads/bound-workload";
import { fileWordsSchema } from "../../../../workloads/word-count/results";
import { fileProcessedSchema } from "../../contracts/messages";
import { parseUploadMessage } from "../../contracts/s3-event";
import { RowLedger } from "../../core/ledger/row-ledger";
import { topOf } from "./sim-files";
import type { Upload } from "./uploads";
import type { World } from "./world";

/** Contents that dead letters are about; one about older content says nothing of what is there now. */
const deadContents = (world: World): ReadonlySet<string> =>
  new Set(
    world.memoryQueues.jobDeadLetters.bodies.flatMap((body) => {
      const message = parseUploadMessage(body);
      return message.kind === "records" ? message.records.map(contentOf) : [];
    }),
  );

const contentOf = ({ etag = "", key }: { readonly etag?: string; readonly key: string }): string => `${key} ${etag}`;

/** Every uploaded file is in the table as it is now, or has its exception, and was acknowledged as such. */
export async function checkUploads(world: World, uploads: readonly Upload[]): Promise<void> {
  const ledger = new RowLedger(world.rows, world.time);
  const acknowledged = [...world.facts.sent.values()]
    .flat()
    .map((body) => JSON.parse(body) as { type: string; bucket?: string; key?: string; etag?: string; reason?: string });
  const dead = deadContents(world);
  for (const { key } of uploads) {
    const filename = `${world.names.processing}/${key}`;
    const etag = world.expectations.latestEtagOf(key) ?? "";
    const own = acknowledged.filter((message) => message.bucket === world.names.processing && message.key === key);
    const counts = world.expectations.countsOf({ key, etag });
    const [item] = await world.results.get([filename]);
    const exception = await ledger.getUploadException(filename);
    const readable = counts !== undefined && !world.store.denied.has(filename) && !key.includes("archived");
    // workers were lost under it: it waits for `filemill dlq replay jobs`, and whoever waits for it was told (check-verdict.ts)
    if (readable && dead.has(contentOf({ key, etag }))) {
      const told = own.filter((message) => message.etag === etag);
      if (told.length === 0) world.facts.violate(2, `the upload '${key}' is a dead letter, and nobody was told`);
      if (told.length === 0 || told.some(({ reason }) => reason === "kills-worker")) continue;
    }
    if (readable) {
      const found = item === undefined ? undefined : fileWordsSchema.parse(BoundWorkload.resultOfItem(item.workload, item.attributes));
      const isRight =
        item?.etag === etag &&
        found?.totalWords === counts.totalWords &&
        JSON.stringify(found.words) === JSON.stringify(topOf(counts.words, world.settings.top));
      if (!isRight)
        world.facts.violate(
          3,
          `the table says of the upload '${key}' ${JSON.stringify(item ?? null)}, it has ${counts.totalWords} words: ${JSON.stringify(topOf(counts.words, world.settings.top))}`,
        );
    } else if (exception === undefined) world.facts.violate(1, `the upload '${key}' has neither a result nor an exception`);
    const isAcknowledged = own.some((message) =>
      readable ? fileProcessedSchema.safeParse(message).success && message.etag === etag : message.type !== "file-processed",
    );
    if (!isAcknowledged) world.facts.violate(4, `the upload '${key}' was not acknowledged as it is`);
  }
}
