import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App, TerraformStack, Testing } from "cdktf";
import { NodeFunction } from "../../constructs/functions/node-function";
import { WorkQueue, type WorkQueueProps } from "../../constructs/messaging/work-queue";
import { PrivateBucket } from "../../constructs/storage/private-bucket";

/** Resources of a stack by type, then by id. */
export type Resources = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/** What `build` adds to a stack of its own, synthesized. */
export function synthesizedFrom(build: (stack: TerraformStack) => void): Resources {
  const outdir = mkdtempSync(path.join(tmpdir(), "filemill-constructs-"));
  try {
    const stack = new TerraformStack(Testing.stubVersion(new App({ stackTraces: false, outdir })), "s");
    writeFileSync(path.join(outdir, "x.zip"), "stand-in");
    stack.node.setContext(ZIP_FILE, path.join(outdir, "x.zip"));
    build(stack);
    return (JSON.parse(Testing.synth(stack)) as { resource: Resources }).resource;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
const ZIP_FILE = "zipFile";

/** A resource by its type and its construct path, `Queue_Policy`; its address is what references name. */
export function resourceIn(resources: Resources, type: string, constructPath: string) {
  const ids = Object.keys(resources[type] ?? {});
  const [id, ...more] = ids.filter((each) => each.replace(/_[0-9A-F]{8}$/, "") === constructPath);
  if (id === undefined || more.length > 0) throw new Error(`no one ${type} is '${constructPath}'; there are ${ids.join(", ")}`);
  return { address: `${type}.${id}`, body: resources[type]?.[id] ?? {} };
}

export const queueIn = (stack: TerraformStack, id = "Queue", changes: Partial<WorkQueueProps> = {}): WorkQueue =>
  new WorkQueue(stack, id, {
    queueName: id,
    visibilityTimeoutSeconds: 60,
    maximumReceives: 5,
    retentionSeconds: 345_600,
    ...changes,
  });

export const bucketIn = (stack: TerraformStack, id = "Bucket"): PrivateBucket =>
  new PrivateBucket(stack, id, { bucketName: id.toLowerCase(), forceDestroy: false, lifecycle: { noncurrentVersionDays: 1 } });

/** Its timeout is 10 s. */
export const functionIn = (stack: TerraformStack, id = "Function"): NodeFunction =>
  new NodeFunction(stack, id, {
    functionName: id,
    description: "x",
    zipFile: String(stack.node.getContext(ZIP_FILE)),
    environment: {},
    memoryMebibytes: 128,
    timeoutSeconds: 10,
    ephemeralStorageMebibytes: 512,
    logRetentionDays: 1,
  });
