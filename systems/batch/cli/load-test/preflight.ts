import type { FleetGroup } from "../../../../kit/ports/fleet-view";
import type { Reporter } from "../../../../kit/cli/render/reporter";
import { RunFailedError, UsageError } from "../../../../kit/cli/command-errors";
import { plural } from "../../../../kit/cli/render/numbers";
import type { Services } from "../services";

type Parts = Pick<Services, "clock" | "ledger" | "loadTest" | "outputs" | "chunks">;

/** What the queues of the load test held before. */
export type Depths = Readonly<Record<"jobs" | "results", { readonly visible: number; readonly inFlight: number }>>;

/** What was looked at before the load went out. */
export interface Preflight {
  /** Messages that were deleted; absent: there were none. */
  readonly purged?: Depths;
  readonly group: FleetGroup;
  /** What nobody can see from here. */
  readonly unseen: readonly string[];
}

/** A sign of life is of now for five minutes: workers give one a minute (worker/host-watch.ts). */
const SIGN_OF_LIFE_MILLISECONDS = 5 * 60_000;
/** A purge takes up to 60 s, and depths are known some seconds later. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html */
const PURGE_PATIENCE_MILLISECONDS = 120_000;
/** A worker that was woken for nothing ends after its idle time, five minutes where policies are as fast as the clock; and some. */
const SETTLE_PATIENCE_MILLISECONDS = 15 * 60_000;
const LOOK_MILLISECONDS = 1_000;

/** Names of consumers that SQS has for nobody, so no look finds them. */
const UNSEEN = [
  "who else may receive from the jobs queue (SQS lists no consumers): a program elsewhere that polls it shows only while it has a message",
  "instances of other accounts and machines outside of EC2 that give no sign of life",
] as const;

/**
 * Sees that the fleet is alone with an empty queue (requirements S1.71 and S1.72), before anything goes out.
 *
 * @param purge true: messages of the two queues of the upload path are deleted; those of batches never are
 * @throws UsageError with the numbers
 */
export async function checkBefore(
  parts: Parts,
  { purge, reporter, signal }: { readonly purge: boolean; readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<Preflight> {
  refuseWithoutFleet(parts);
  const group = await parts.loadTest.fleet.group();
  refuseWithoutRoom(group);
  const chunks = await parts.chunks.read();
  if (chunks.visible + chunks.inFlight > 0) {
    throw new UsageError(
      `a batch is at work: ${plural(chunks.visible + chunks.inFlight, "message")} in the chunks queue, which the same workers take from`,
      "wait for its end (`npx filemill status`), or cancel it",
    );
  }
  // in flight before the queue is emptied: somebody has it in hand
  const before = await depthsOf(parts);
  refuseBusy(group, before);
  await refuseOthers(parts, group);
  const purged = await emptyQueues(parts, before, purge, reporter, signal);
  return { ...(purged ? { purged: before } : {}), group, unseen: UNSEEN };
}

/**
 * Sees that a stack that was started a moment ago is at rest: S3 has sent its test message to the jobs queue, which may have woken a
 * worker; and simple policies wait for the group's default cooldown after its first instances, which a fleet that has been up for long
 * has behind it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 *
 * @throws RunFailedError when it doesn't come to rest
 */
export async function settleNewStack(
  { clock, loadTest }: Pick<Parts, "clock" | "loadTest">,
  timeFactor: number,
  signal: AbortSignal,
): Promise<void> {
  await loadTest.jobs.purge();
  const { defaultCooldownSeconds, minimum } = await loadTest.fleet.group();
  if (minimum > 0) await clock.sleep((defaultCooldownSeconds * 1_000) / timeFactor, signal);
  const until = clock.monotonic() + SETTLE_PATIENCE_MILLISECONDS;
  for (;;) {
    const [depths, group] = await Promise.all([depthsOf({ loadTest }), loadTest.fleet.group()]);
    if (totalOf(depths.jobs) === 0 && isAtMinimum(group)) return;
    if (clock.monotonic() >= until) {
      throw new RunFailedError(
        `the new stack does not come to rest: ${plural(group.instances.length, "instance")} of ${group.minimum}, ${plural(totalOf(depths.jobs), "message")} in the jobs queue`,
        "try again; `npx filemill local up` and `npx filemill local scale` show what its fleet does",
      );
    }
    await clock.sleep(LOOK_MILLISECONDS, signal);
  }
}

const isAtMinimum = ({ desired, instances, minimum }: FleetGroup): boolean =>
  desired === minimum && instances.length === minimum && instances.every(({ state }) => state === "InService");

const depthsOf = async ({ loadTest }: Pick<Parts, "loadTest">): Promise<Depths> => {
  const [jobs, results] = await Promise.all([loadTest.jobs.read(), loadTest.results.read()]);
  return { jobs, results };
};

/** @throws UsageError */
function refuseWithoutFleet({ outputs }: Parts): void {
  if (outputs.ingest === "queue") return;
  throw new UsageError(
    "uploads of this stack go to Lambda (FILEMILL_INGEST=lambda): no queue fills and no fleet scales",
    "deploy it with FILEMILL_INGEST=queue, or test another stack",
  );
}

/** @throws UsageError */
function refuseWithoutRoom({ maximum, minimum }: FleetGroup): void {
  if (maximum > minimum) return;
  throw new UsageError(
    `the group has ${minimum} to ${maximum} instances: it can't scale`,
    minimum === maximum && maximum > 0
      ? "give it more room (FILEMILL_MAXIMUM_INSTANCES, or --workers)"
      : "give it a maximum above its minimum",
  );
}

/** @throws UsageError */
function refuseBusy(group: FleetGroup, { jobs }: Depths): void {
  const { desired, instances, minimum } = group;
  if (jobs.inFlight > 0) {
    throw new UsageError(
      `${plural(jobs.inFlight, "message")} of the jobs queue ${jobs.inFlight === 1 ? "is" : "are"} in flight: somebody works on them, or had them and died`,
      "stop whoever takes them, and wait until their visibility timeout is over",
    );
  }
  if (isAtMinimum(group)) return;
  throw new UsageError(
    `the group is not at its minimum: ${plural(instances.length, "instance")}, ${desired} desired, ${minimum} at least`,
    "wait until it has scaled in (`npx filemill local scale` tells of a local one)",
  );
}

/** The one published run had stopped its developer's instance first. @throws UsageError with the ids */
async function refuseOthers({ clock, ledger, loadTest }: Parts, { instances }: FleetGroup): Promise<void> {
  const members = new Set(instances.map(({ id }) => id));
  const [running, notes] = await Promise.all([loadTest.fleet.runningInstances(), ledger.hostNotes()]);
  const alive = notes.filter(({ at }) => clock.now() - at < SIGN_OF_LIFE_MILLISECONDS).map(({ worker }) => worker);
  // an instance of the group that has ended of late gave signs, too: it takes nothing any more
  const gone = await endedOfLate(loadTest);
  const others = [...new Set([...running, ...alive])].filter((id) => !members.has(id) && !gone.has(id));
  if (others.length === 0) return;
  throw new UsageError(
    `others than the group's instances may take messages: ${others.join(", ")}`,
    "stop them; a worker that was stopped is taken for running until five minutes after its last sign of life",
  );
}

/** Instances that the group's activities say are terminated. */
async function endedOfLate({ fleet }: Parts["loadTest"]): Promise<ReadonlySet<string>> {
  const activities = await fleet.activities(100);
  return new Set(
    activities
      .filter(({ status }) => status === "Successful")
      .flatMap(({ description }) => /^Terminating EC2 instance: (\S+)/.exec(description)?.[1] ?? []),
  );
}

/** @returns whether there was anything to delete @throws UsageError without leave to delete, RunFailedError when it doesn't help */
async function emptyQueues(parts: Parts, before: Depths, purge: boolean, reporter: Reporter, signal: AbortSignal): Promise<boolean> {
  const [jobs, results] = [totalOf(before.jobs), totalOf(before.results)];
  if (jobs + results === 0) return false;
  const numbers = `${plural(jobs, "message")} in the jobs queue and ${plural(results, "message")} in the results queue`;
  if (!purge) {
    throw new UsageError(
      `the queues are not empty: ${numbers}`,
      "let workers and readers take them, or delete them with --purge: what was not worked on or not read is lost then",
    );
  }
  reporter.say(`deleting ${numbers}`);
  reporter.wait("purging the queues");
  await Promise.all([jobs > 0 ? parts.loadTest.jobs.purge() : undefined, results > 0 ? parts.loadTest.results.purge() : undefined]);
  const until = parts.clock.monotonic() + PURGE_PATIENCE_MILLISECONDS;
  for (;;) {
    const left = await depthsOf(parts);
    if (totalOf(left.jobs) + totalOf(left.results) === 0) return true;
    if (parts.clock.monotonic() >= until) {
      throw new RunFailedError(
        `the queues were purged and have ${totalOf(left.jobs)} and ${totalOf(left.results)} messages: somebody goes on sending`,
        "stop whoever uploads, then try again",
      );
    }
    await parts.clock.sleep(LOOK_MILLISECONDS, signal);
  }
}

const totalOf = ({ inFlight, visible }: Depths["jobs"]): number => visible + inFlight;
