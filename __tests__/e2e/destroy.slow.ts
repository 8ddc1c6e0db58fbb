import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { runCommand, testHome } from "../support/command";
import { FakeTerraform } from "../support/fake-terraform";
import { UpStack } from "../support/up-stack";

const HOME = testHome("destroy");
const OTHER = "somebodys-files";
/** What Terraform puts on every bucket of a deployment; a local stack's have no tags. */
const TAGS = { Project: "filemill", Environment: "dev", Owner: "jane" };
/** Beyond a page of a listing, which has 1,000. */
const SMALL_OBJECTS = 1_050;

/** A local stack, reached as a deployed one is: by outputs and the variables of an AWS client. */
describe("a deployed stack that is to go", () => {
  let folder: string;
  let stack: UpStack;
  let s3: S3Client;
  let terraform: FakeTerraform;
  let own: string[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-destroy-"));
    stack = await UpStack.start(HOME);
    s3 = new S3Client({ ...stack.clientSettings, forcePathStyle: true });
    const { outputs } = stack;
    own = [outputs.uploading_bucket, outputs.processing_bucket, outputs.state_bucket];
    const named = Object.fromEntries(
      Object.entries({ ...outputs, source_buckets: [...outputs.source_buckets, OTHER] }).map(([name, value]) => [name, { value }]),
    );
    await writeFile(path.join(folder, "outputs.json"), JSON.stringify(named));
    terraform = await FakeTerraform.make(path.join(folder, "bin"), named);
    await s3.send(new CreateBucketCommand({ Bucket: OTHER }));
    await tag(OTHER, { Project: "payroll" });
    await s3.send(new PutObjectCommand({ Bucket: OTHER, Key: "precious", Body: "words" }));
  });
  afterAll(async () => {
    s3.destroy();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const tag = (bucket: string, tags: Readonly<Record<string, string>>) =>
    s3.send(
      new PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } }),
    );
  const run = (...options: string[]) => {
    const { AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = stack.environment;
    return runCommand(HOME, ["destroy", "--stack-outputs", path.join(folder, "outputs.json"), ...options], folder, {
      ...{ AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY },
      PATH: terraform.searchPath,
      CDKTF_OUTDIR: path.join(folder, "cdktf.out"),
    });
  };
  const versionsIn = async (bucket: string): Promise<number> => {
    const { DeleteMarkers = [], Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    return DeleteMarkers.length + Versions.length;
  };

  test("its buckets are emptied, every version and marker, with its batches ended; another bucket keeps what it has", async () => {
    await mkdir(path.join(folder, "texts"));
    await writeFile(path.join(folder, "texts/a.txt"), "somebody counts these words");
    expect(await runCommand(HOME, ["submit", "texts"], folder)).toMatchObject({ exitCode: 0 });
    const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: stack.outputs.processing_bucket, Key, Body: "words" }));
    for (const key of ["again", "again", "gone", "a+b %20 ü", "line\nfeed", "\u0001control", "日本語"]) await put(key);
    await s3.send(new DeleteObjectCommand({ Bucket: stack.outputs.processing_bucket, Key: "gone" }));
    await Promise.all(
      Array.from({ length: SMALL_OBJECTS }, (_, index) =>
        s3.send(new PutObjectCommand({ Bucket: stack.outputs.uploading_bucket, Key: `many/${index}`, Body: "w" })),
      ),
    );

    // before Terraform has tagged them they are nobody's
    const untagged = await run("--yes", "batch-dev");
    expect(untagged).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("it has no tag Project") as string });
    await Promise.all(own.map((bucket) => tag(bucket, TAGS)));
    expect(await run()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("standard input is no terminal") as string });
    const before = await Promise.all(own.map(versionsIn));
    const dry = await run("--dry-run", "--json");
    expect(JSON.parse(dry.stdout)).toMatchObject({ stack: "batch-dev", destroyed: false, untouchedBuckets: [OTHER] });
    expect(await Promise.all(own.map(versionsIn))).toEqual(before);

    const { exitCode, stderr, stdout } = await run("--yes", "batch-dev");
    expect({ exitCode, stdout, error: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stdout: "batch-dev destroyed\n", error: "" });
    expect(await terraform.calls()).toEqual([
      "batch-dev init -input=false -no-color -reconfigure",
      "batch-dev output -json -no-color",
      "batch-dev destroy -auto-approve -input=false -no-color",
    ]);
    // S3 deletes no bucket that holds anything
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name).filter((name) => own.includes(name ?? ""))).toEqual([]);
    expect(await versionsIn(OTHER)).toBe(1);
  });
});
