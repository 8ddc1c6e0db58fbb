import path from "node:path";
import { ulid } from "ulid";
import type { WrittenFile } from "../../__tests__/support/data-sets";
import { watchAcknowledged } from "../../systems/batch/core/results/watch-acknowledged";
import { tableFilename, watchUpload } from "../../systems/batch/core/results/watch-upload";
import { uploadRunPrefix } from "../../systems/batch/contracts/state-keys";
import { submitUpload } from "../../systems/batch/core/submission/submit-upload";
import type { LocalStack } from "../../kit/local";
import { countBatch, servicesOf, WORD_COUNT_OPTIONS } from "./local-batch";
import type { SystemScenario } from "./scenarios";

export interface Measurement {
  readonly files: number;
  readonly bytes: number;
  /** Total processing time (S1.90): from the first upload to the last acknowledgement, as `seconds` of a result (docs/json.md). */
  readonly wallSeconds: number;
  readonly cpuSeconds: { readonly emulator: number; readonly workers: number; readonly lambdas: number; readonly command: number };
  /** AWS calls of the run, provisioning excluded, by service and operation, and all of them per file. */
  readonly calls: Readonly<Record<string, number>>;
  readonly callsPerFile: number;
}

/** Sends a data set through a started stack once. */
export async function measure(
  stack: LocalStack,
  scenario: SystemScenario,
  directory: string,
  written: readonly WrittenFile[],
): Promise<Measurement> {
  const before = { usage: await stack.usage(), calls: stack.calls(), command: process.cpuUsage() };
  const wallSeconds = await run(stack, scenario, directory, written);
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

/** @returns the total processing time in seconds */
async function run(stack: LocalStack, scenario: SystemScenario, directory: string, written: readonly WrittenFile[]): Promise<number> {
  const files = written.map(({ name, bytes }) => ({ name, path: path.join(directory, name), size: bytes }));
  if (scenario.via === "batch") {
    const { processed, seconds } = await countBatch(stack, files, scenario.route);
    if (processed !== files.length) throw new Error(`only ${processed} of ${files.length} files were processed`);
    return known(seconds);
  }
  const services = servicesOf(stack);
  const { processing_bucket: processingBucket, state_bucket: stateBucket, uploading_bucket: uploadingBucket } = services.outputs;
  const runId = ulid();
  const startedAt = services.clock.monotonic();
  await submitUpload(services.objects, {
    runId,
    source: { kind: "files", files },
    uploadingBucket,
    processingBucket,
    options: WORD_COUNT_OPTIONS,
  });
  const filenames = files.map(({ name }) => tableFilename({ bucket: processingBucket, key: uploadRunPrefix(runId) + name }));
  await watchUpload(services, filenames);
  const unseen = await watchAcknowledged({ ...services, stateBucket }, runId, filenames);
  return known(unseen === 0 ? (services.clock.monotonic() - startedAt) / 1_000 : null);
}

function known(seconds: number | null): number {
  if (seconds === null) throw new Error("how long the run took is not known: an acknowledgement was not seen, or the clock was set");
  return seconds;
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
