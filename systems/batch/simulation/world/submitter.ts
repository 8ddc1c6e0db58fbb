import { BoundWorkload } from "../../../../workloads/bound-workload";
import { workloadNameOf } from "./settings";
import { createHash } from "node:crypto";
import type { FailureLimit, RequestedRoute } from "../../contracts/batch";
import type { HashedFile, SubmissionSource } from "../../core/submission/submission";
import { submitBatch } from "../../core/submission/submit-batch";
import type { SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import { currentVolume } from "../../../../kit/simulator/memory/memory-file-system";
import type { OperatorWorld } from "./operator";
import { persistently } from "./persistently";
import { MINIMUM_WORD_LENGTH } from "./sim-files";
import { MINUTE, SECOND } from "../../../../kit/simulator/kernel/times";
import type { WorldPorts } from "./world-ports";

/** What is submitted: objects that are there, or files of the operator's machine. */
export type Submitted =
  { readonly kind: "objects"; readonly prefix: string } | { readonly kind: "files"; readonly files: readonly HashedFile[] };

/** Ends of a submission's process after which nobody submits again. */
const ABANDONED_SHARE = 0.15;

/**
 * Submits a batch by commands that may be killed at any call, each followed by another one with the same request id, or by none.
 *
 * @returns whether the submission came to its end
 */
export async function submitPersistently(world: OperatorWorld, batchId: string, submitted: Submitted): Promise<boolean> {
  const { random } = world;
  const terms = {
    requestId: `request ${batchId}`,
    requestedRoute: random.pick<RequestedRoute>(["fleet", "fleet", "lambda", "auto"]),
    deadlineAfter: random.chance(0.08) ? random.int(1, 30) * MINUTE : undefined,
  };
  const source = sourceOf(world, submitted);
  for (;;) {
    const { ports, process } = world.command();
    const end = await Promise.race([
      killed(process),
      persistently(ports, () => submitOnce(world, ports, source, batchId, terms)).then(() => "submitted" as const),
    ]);
    process.end();
    if (end === "submitted") return true;
    if (random.chance(ABANDONED_SHARE)) return false;
    await world.ports.clock.sleep(random.int(1, 60) * SECOND);
  }
}

const killed = (process: SimProcess): Promise<"killed"> =>
  new Promise((resolve) => {
    process.whenKilled(() => {
      resolve("killed");
    });
  });

export async function submitOnce(
  { now, settings }: Pick<OperatorWorld, "now" | "names" | "settings">,
  { clock, ledger, store, workflow }: WorldPorts,
  source: SubmissionSource,
  batchId: string,
  terms: { readonly requestId: string; readonly requestedRoute: RequestedRoute; readonly deadlineAfter: number | undefined },
): Promise<void> {
  const { deadlineAfter, requestId, requestedRoute } = terms;
  const failureLimit = failureLimitOf(batchId);
  await submitBatch(
    { ledger, objects: store, workflow, clock, newId: () => batchId },
    {
      requestId,
      source,
      workload: BoundWorkload.of(workloadNameOf(settings), { minimumWordLength: MINIMUM_WORD_LENGTH, top: settings.top, encoding: "auto" })
        .record,
      requestedRoute,
      acknowledgePerFileUpTo: settings.acknowledgePerFileUpTo,
      ...(failureLimit === undefined ? {} : { failureLimit }),
      ...(deadlineAfter === undefined ? {} : { deadline: new Date(now() + deadlineAfter).toISOString() }),
    },
  );
}

/** By the batch's id, which is drawn: each fourth batch is stopped when more than one file, or than a third of them, fails. */
function failureLimitOf(batchId: string): FailureLimit | undefined {
  const drawn = batchId.charCodeAt(batchId.length - 1) % 8;
  if (drawn === 0) return { files: 1 };
  return drawn === 1 ? { percent: 33 } : undefined;
}

const sourceOf = ({ names }: OperatorWorld, submitted: Submitted): SubmissionSource =>
  submitted.kind === "objects"
    ? { kind: "objects", sources: [{ bucket: names.source, prefix: submitted.prefix }] }
    : { kind: "files", files: submitted.files, uploadingBucket: names.source, stateBucket: names.state };

/** Puts a file on the operator's disk. */
export function localFile(batchId: string, name: string, bytes: Buffer): HashedFile {
  const folder = `/submitted/${batchId}`;
  const path = `${folder}/${name}`;
  const volume = currentVolume();
  volume.makeFolder(folder, true);
  volume.write(volume.open(path, "w"), bytes);
  return { name, path, size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}
