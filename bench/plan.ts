import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { withTemporaryFolder } from "../kit/folders/process-folder";
import type { ListedObject, ListedPage, ObjectStore } from "../kit/ports/object-store";
import { listedFiles } from "../systems/batch/core/planning/listed-files";
import { writePlan, type WrittenPlan } from "../systems/batch/core/planning/write-plan";
import { listedSourcePages } from "../systems/batch/core/sources/listed-sources";
import { Watch } from "./watch";

/** A listing that is made, and what its plan must come to. */
export interface PlanScenario {
  readonly description: string;
  readonly files: number;
}

/** Named plans. A million files are to be packed in 10 s within 150 MB, ten million in 100 s within as much. */
export const PLANS: Readonly<Record<string, PlanScenario>> = {
  "plan-1000000": { files: 1_000_000, description: "one million listed files" },
  "plan-10000000": { files: 10_000_000, description: "ten million listed files" },
};

export interface PlanMeasurement {
  readonly files: number;
  readonly chunks: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly maximumResidentMegabytes: number;
}

/** The plan is not that of the listing. */
class WrongPlanError extends Error {
  public override readonly name = "WrongPlanError";
}

const BUCKET = "made";
const PREFIX = "in/";
const FILE_BYTES = 10_240;
const FILES_A_FOLDER = 10_000;
const KEYS_A_PAGE = 1_000;
/** As the environment `dev` packs (systems/batch/config/dev.ts), but for the number of files. */
const PACKING = { targetChunkBytes: 67_108_864, maximumFilesPerChunk: 1_000, fileOverheadBytes: 524_288, splitBytes: 268_435_456 };

/** Lists, inspects and packs as the planner does, to its three files. */
export async function measurePlan({ files }: PlanScenario): Promise<PlanMeasurement> {
  return withTemporaryFolder(tmpdir(), "filemill-bench-", async (directory) => {
    const store = madeStore(files);
    const inspection = {
      ...{ store, splitBytes: PACKING.splitBytes, unsplittableLimitBytes: Number.POSITIVE_INFINITY },
      ...({ cut: "words", encoding: "auto" } as const),
      log: (): void => undefined,
    };
    const watch = new Watch();
    const plan = await watch.during(() =>
      writePlan(listedFiles(inspection, objects(store)), { ...PACKING, maximumFiles: files, directory }),
    );
    await check(plan, files);
    return {
      files,
      chunks: plan.chunkCount,
      seconds: Math.round(watch.milliseconds / 100) / 10,
      cpuSeconds: Math.round(watch.cpuMicroseconds / 1e5) / 10,
      maximumResidentMegabytes: watch.maximumResidentMegabytes,
    };
  });
}

async function* objects(store: ObjectStore): AsyncGenerator<readonly ListedObject[]> {
  for await (const page of listedSourcePages(store, [{ bucket: BUCKET, prefix: PREFIX }], undefined))
    yield page.map(({ object }) => object);
}

async function check(plan: WrittenPlan, files: number): Promise<void> {
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(plan.manifestPath) })) {
    if (!line.startsWith(`{"file":${lines},"bucket":"${BUCKET}","key":"${keyOf(lines)}"`))
      throw new WrongPlanError(`line ${lines} of the manifest is ${line}`);
    lines += 1;
  }
  if (lines !== files || plan.splitCount !== files || plan.bytes !== files * FILE_BYTES)
    throw new WrongPlanError(`${files} files came to ${lines} lines and ${plan.splitCount} splits`);
}

const keyOf = (file: number): string =>
  `${PREFIX}part-${String(Math.floor(file / FILES_A_FOLDER)).padStart(4, "0")}/${String(file).padStart(8, "0")}.txt`;

/** A store that does nothing but list, a thousand keys at a time as S3 does. */
function madeStore(files: number): ObjectStore {
  const made: Pick<ObjectStore, "listPage"> = {
    listPage(_bucket, prefix, { after = "", continuation, delimiter } = {}): Promise<ListedPage> {
      const first = continuation === undefined ? firstBehind(after, files) : Number(continuation);
      if (delimiter !== undefined) return Promise.resolve({ objects: [], folders: prefix === PREFIX ? foldersFrom(first, files) : [] });
      const count = Math.min(KEYS_A_PAGE, files - first);
      const objects = Array.from({ length: count }, (_, index) => listedObject(first + index));
      return Promise.resolve({ objects, folders: [], ...(first + count === files ? {} : { continuation: String(first + count) }) });
    },
  };
  return made as ObjectStore;
}

/** Number of the first file behind a key, or a folder. */
function firstBehind(after: string, files: number): number {
  let low = 0;
  let high = files;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyOf(middle) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

function foldersFrom(first: number, files: number): string[] {
  const folders: string[] = [];
  for (let file = first - (first % FILES_A_FOLDER); file < files && folders.length < KEYS_A_PAGE; file += FILES_A_FOLDER)
    folders.push(keyOf(file).slice(0, keyOf(file).lastIndexOf("/") + 1));
  return folders;
}

const listedObject = (file: number): ListedObject => ({
  bucket: BUCKET,
  key: keyOf(file),
  etag: "0123456789abcdef0123456789abcdef",
  size: FILE_BYTES,
  lastModified: "2026-01-01T00:00:00.000Z",
  storageClass: "STANDARD",
  restored: false,
});
