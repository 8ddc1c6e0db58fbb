import path from "node:path";
import { ulid } from "ulid";
import type { WrittenFile } from "../__tests__/support/data-sets";
import { connect } from "../cli/connect";
import { tableFilename, watchUpload } from "../core/results/watch-upload";
import { watchBatch } from "../core/results/watch-batch";
import { uploadRunPrefix } from "../core/contracts/state-keys";
import { hashFiles } from "../core/submission/hash-files";
import { submitBatch } from "../core/submission/submit-batch";
import { submitUpload } from "../core/submission/submit-upload";
import type { LocalStack } from "../local";
import type { Scenario } from "./scenarios";

export interface Measurement {
  readonly files: number;
  readonly bytes: number;
  /** Wall time from the first upload to the completion (a batch) or to the last item (uploads). */
  readonly wallSeconds: number;
  readonly cpuSeconds: { readonly emulator: number; readonly workers: number; readonly lambdas: number; readonly command: number };
  /** AWS calls of the run, provisioning excluded, by service and operation, and all of them per file. */
  readonly calls: Readonly<Record<string, number>>;
  readonly callsPerFile: number;
}

/** Sends a data set through a started stack once. */
export async function measure(
  stack: LocalStack,
  scenario: Scenario,
  directory: string,
  written: readonly WrittenFile[],
): Promise<Measurement> {
  const before = { usage: await stack.usage(), calls: stack.calls(), command: process.cpuUsage(), wall: performance.now() };
  await run(stack, scenario, directory, written);
  const wallSeconds = (performance.now() - before.wall) / 1_000;
  const command = process.cpuUsage(before.command);
  // calls are up to 200 ms old
  await new Promise((resolve) => setTimeout(resolve, 400));
  const usage = await stack.usage();
  const calls = difference(stack.calls(), before.calls);
  const callCount = Object.values(calls).reduce((sum, count) => sum + count, 0);
  return {
    files: written.length,
    bytes: written.reduce((sum, { bytes }) => sum + bytes, 0),
    wallSeconds: rounded(wallSeconds),
    cpuSeconds: {
      emulator: rounded(usage.emulator - before.usage.emulator),
      workers: rounded(sum(usage.workers) - sum(before.usage.workers)),
      lambdas: rounded(usage.lambdas - before.usage.lambdas),
      command: rounded((command.user + command.system) / 1e6),
    },
    calls,
    callsPerFile: rounded(callCount / written.length),
  };
}

async function run(stack: LocalStack, scenario: Scenario, directory: string, written: readonly WrittenFile[]): Promise<void> {
  const services = connect({ description: "the benchmark's stack", outputs: stack.outputs, environment: stack.environment });
  const files = written.map(({ name, bytes }) => ({ name, path: path.join(directory, name), size: bytes }));
  const options = { minimumWordLength: 5, top: 10, encoding: "auto" } as const;
  const { processing_bucket: processingBucket, uploading_bucket: uploadingBucket } = stack.outputs;
  if (scenario.via === "batch") {
    const { hashed } = await hashFiles(files);
    const source = { kind: "files", files: hashed, uploadingBucket, stateBucket: stack.outputs.state_bucket } as const;
    const { batch } = await submitBatch(services, { source, options, requestedRoute: scenario.route });
    const { files: counts } = await watchBatch(
      { ...services, stateBucket: services.outputs.state_bucket },
      { batchId: batch.batchId, generation: 1 },
    );
    if (counts?.processed !== files.length) throw new Error(`only ${counts?.processed ?? 0} of ${files.length} files were processed`);
    return;
  }
  const runId = ulid();
  await submitUpload(services.objects, { runId, files, uploadingBucket, processingBucket, options });
  await watchUpload(
    services,
    files.map(({ name }) => tableFilename({ bucket: processingBucket, key: uploadRunPrefix(runId) + name })),
  );
}

const difference = (after: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(after)
      .map(([name, count]): [string, number] => [name, count - (before[name] ?? 0)])
      .filter(([, count]) => count > 0)
      .sort(([, a], [, b]) => b - a),
  );
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const rounded = (value: number): number => Math.round(value * 100) / 100;
