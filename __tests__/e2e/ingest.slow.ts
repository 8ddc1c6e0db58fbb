import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetBucketNotificationConfigurationCommand, S3Client } from "@aws-sdk/client-s3";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";
import { INGEST_KINDS } from "../../systems/batch/contracts/upload-events";
import { testHome } from "../support/command";
import { writeOddFiles, type OddFile } from "../support/data-sets";
import { readResultFiles } from "../support/result-files";
import { UpStack } from "../support/up-stack";

type Ingest = (typeof INGEST_KINDS)[number];

/** What came of a run of the upload path; what differs by its time and name is left out. */
interface Came {
  readonly route: string | null;
  readonly told: { readonly queues: number; readonly functions: number };
  readonly items: readonly string[];
  readonly acknowledgements: readonly string[];
  readonly lines: readonly unknown[];
}

/** Of each run its own; `Version` begins with the time. */
const OWN = new Set(["messageId", "lastModified", "LastModified", "versionId", "VersionId", "Version"]);

describe("uploads, whoever takes them (S1.116)", () => {
  let folder: string;
  let files: readonly OddFile[];
  const came: Partial<Record<Ingest, Came>> = {};

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-ingest-"));
    files = await writeOddFiles(path.join(folder, "texts"), 2_000);
    for (const ingest of INGEST_KINDS) came[ingest] = await runOf(ingest);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function runOf(ingest: Ingest): Promise<Came> {
    const stack = await UpStack.startAs(testHome("ingest"), { FILEMILL_INGEST: ingest });
    const [s3, dynamodb] = [new S3Client({ ...stack.clientSettings, forcePathStyle: true }), new DynamoDBClient(stack.clientSettings)];
    try {
      const out = path.join(folder, ingest);
      const { batchId } = await stack.submit(out, path.join(folder, "texts"), "--keep-archives", "--via", "upload");
      const { batch, lines } = await readResultFiles(out, batchId);
      const Bucket = stack.outputs.processing_bucket;
      const told = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
      const items: Record<string, unknown>[] = [];
      const table = { TableName: stack.outputs.results_table };
      for await (const { Items = [] } of paginateScan({ client: DynamoDBDocumentClient.from(dynamodb) }, table)) items.push(...Items);
      const withoutOwn = (value: object): string =>
        JSON.stringify(value, (name, part: unknown) => (OWN.has(name) ? undefined : part)).replaceAll(batchId, "RUN");
      return {
        route: batch.route,
        told: { queues: told.QueueConfigurations?.length ?? 0, functions: told.LambdaFunctionConfigurations?.length ?? 0 },
        items: items.map(withoutOwn).sort(),
        acknowledgements: (await stack.takeMessages(files.length)).map(withoutOwn).sort(),
        lines: lines.map((line) => JSON.parse(withoutOwn(line)) as unknown),
      };
    } finally {
      s3.destroy();
      dynamodb.destroy();
      await stack.stop();
    }
  }

  test("exactly one is told of the bucket, and the run says who", () => {
    expect(came.queue).toMatchObject({ route: "fleet", told: { queues: 1, functions: 0 } });
    expect(came.lambda).toMatchObject({ route: "lambda", told: { queues: 0, functions: 1 } });
  });

  test("items, acknowledgements and results are the same", () => {
    expect(files.length).toBeGreaterThan(12);
    expect(came.queue?.acknowledgements).toHaveLength(files.length);
    expect(came.queue?.items).toHaveLength(files.filter(({ status }) => status === "processed").length);
    const { items, acknowledgements, lines } = came.lambda ?? {};
    expect({ items, acknowledgements, lines }).toEqual({
      items: came.queue?.items,
      acknowledgements: came.queue?.acknowledgements,
      lines: came.queue?.lines,
    });
  });
});
