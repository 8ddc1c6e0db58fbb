import { uploadAcknowledgedKey, uploadAcknowledgedPrefix, uploadRunPrefix } from "../../contracts/state-keys";
import { tableFilename } from "../../core/results/watch-upload";
import type { SourceFile } from "../../core/submission/submission";
import type { CommandContext } from "../context";
import type { Services } from "../services";
import { wordCountOptionsSchema } from "../../../../workloads/word-count/options";
import { byteSize, duration, plural } from "../../../../kit/cli/render/numbers";
import { withCommandFolder } from "../../../../kit/cli/temporary-folder";
import type { ScalingActivity } from "../../../../kit/ports/fleet-view";
import { checkItems, type ItemCheck } from "./check-items";
import { checkBefore, type Preflight } from "./preflight";
import { Sampler, type Look, type Sample } from "./samples";
import { copyLoad, planCopies, uploadLoad, type CopyPlan, type SentFile } from "./send-load";
import { summarise, type LoadSummary } from "./summary";

export interface LoadTestOptions {
  readonly files: readonly SourceFile[];
  readonly purge: boolean;
  /** How long the load may take, in seconds of the clock. */
  readonly withinSeconds: number;
  /** How long to wait for the group's minimum afterwards, in seconds of policies; 0: not at all. */
  readonly scaleInSeconds: number;
  /** Seconds of policies in a second: 1 for a deployed stack. */
  readonly timeFactor: number;
  /** Told when the first object is put: from then on something stays that was not there before. */
  readonly onBegun: (runId: string) => void;
}

/** All that is known of a test in the end. */
export interface LoadTest {
  readonly runId: string;
  readonly files: number;
  readonly bytes: number;
  readonly timeFactor: number;
  readonly plan: CopyPlan;
  readonly preflight: Preflight;
  readonly samples: readonly Sample[];
  readonly summary: LoadSummary;
  readonly items: ItemCheck;
  /** Messages in the results queue at the last look. */
  readonly results: number;
  /** false: nobody waited for the scale-in. */
  readonly waitedForScaleIn: boolean;
  /** Of the group since the first copy request, the earliest first. */
  readonly activities: readonly ScalingActivity[];
}

/** A look a second: SQS gives approximate numbers that it makes anew about as often. */
const PAUSE_MILLISECONDS = 1_000;
/** Where a second is several of policies, nobody needs more than this: the emulator has other things to do. */
const LEAST_PAUSE_MILLISECONDS = 250;
/** As many as one call gives. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html */
const ACTIVITIES = 100;

/** Runs the load test on a stack (requirements S1.70 to S1.90); nothing goes out before everything was looked at. */
export async function runLoadTest(services: Services, context: CommandContext, options: LoadTestOptions): Promise<LoadTest> {
  const { reporter, signal } = context;
  const { files, timeFactor } = options;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  reporter.wait("looking at the queues and the fleet");
  const preflight = await checkBefore(services, { purge: options.purge, reporter, signal });
  for (const unseen of preflight.unseen) reporter.say(`can't be seen from here: ${unseen}`);

  const runId = services.newId();
  const words = wordCountOptionsSchema.parse({});
  options.onBegun(runId);
  reporter.say(`uploading ${plural(files.length, "file")}, ${byteSize(bytes)}`);
  const onUploaded = (done: number): void => {
    reporter.advance("uploaded", done, files.length, "files");
  };
  const sent = await uploadLoad(services, runId, files, words, { onUploaded, signal });
  const plan = await planCopies(services, runId);
  reporter.step(`copying ${plural(plan.keys.length, "object")} from bucket to bucket, ${plan.leftOut.length} left out by the filter`);

  const pause = Math.max(LEAST_PAUSE_MILLISECONDS, PAUSE_MILLISECONDS / timeFactor);
  // told by what they say: a local stack's clock of policies is ahead of this one
  const before = new Set((await services.loadTest.fleet.activities(ACTIVITIES)).map(activityKey));
  const sampler = new Sampler(lookOf(services, runId, sent), services.clock, pause);
  const copiedSeconds = await copyWatched(services, plan, sampler, signal);
  const acknowledged = await sampler.until(
    (sample) => {
      reporter.advance(
        "acknowledged",
        sample.acknowledged,
        files.length,
        `files, ${sample.visible} waiting, ${sample.inFlight} in flight, ${sample.instances.length} instances`,
      );
      return sample.acknowledged === files.length;
    },
    options.withinSeconds,
    signal,
  );
  reporter.finish();
  if (acknowledged === undefined) reporter.say(`not all are acknowledged within ${duration(options.withinSeconds)}`);
  const scaledIn = await untilScaledIn(sampler, preflight.group.minimum, options, context);

  const prefix = uploadRunPrefix(runId);
  const items = await withCommandFolder(context, (directory) =>
    checkItems(services, sent, prefix, words, {
      directory,
      onChecked: (done) => {
        reporter.advance("checked", done, files.length, "files");
      },
      signal,
    }),
  );
  reporter.finish();
  const activities = (await services.loadTest.fleet.activities(ACTIVITIES)).filter((activity) => !before.has(activityKey(activity)));
  const { samples } = sampler;
  return {
    runId,
    files: files.length,
    bytes,
    timeFactor,
    plan,
    preflight,
    samples,
    summary: summarise({ samples, copiedSeconds, acknowledgedSeconds: acknowledged, scaledInSeconds: scaledIn }),
    items,
    results: samples.at(-1)?.results ?? 0,
    waitedForScaleIn: options.scaleInSeconds > 0,
    activities: [...activities].reverse(),
  };
}

const activityKey = ({ description, startedAt }: ScalingActivity): string => `${startedAt} ${description}`;

/** @returns when the last copy was answered */
async function copyWatched(services: Services, plan: CopyPlan, sampler: Sampler, signal: AbortSignal): Promise<number> {
  let copiedSeconds: number | undefined;
  let isOver = false;
  const copying = copyLoad(services, plan, signal)
    .then(() => {
      copiedSeconds = sampler.seconds;
    })
    .finally(() => {
      isOver = true;
    });
  await Promise.all([copying, sampler.until(() => isOver, Number.POSITIVE_INFINITY, signal)]);
  return copiedSeconds ?? sampler.seconds;
}

/** @returns when the group was seen at its minimum, undefined when it was not, or nobody waited */
async function untilScaledIn(
  sampler: Sampler,
  minimum: number,
  { scaleInSeconds, timeFactor }: LoadTestOptions,
  { reporter, signal }: CommandContext,
): Promise<number | undefined> {
  if (scaleInSeconds === 0) return undefined;
  return sampler.until(
    ({ desired, inFlight, instances, visible }) => {
      reporter.wait(`waiting until the group is at its minimum: ${instances.length} of ${minimum} instances`);
      // what is asked for comes, and what waits brings instances back
      return instances.length === minimum && desired === minimum && visible + inFlight === 0;
    },
    scaleInSeconds / timeFactor,
    signal,
  );
}

/**
 * What is looked at. Nothing is received: the results queue belongs to its readers, so its messages are only counted, and which files are
 * acknowledged is told by the notes that workers make after each acknowledgement (`batch-state`, uploads/RUN/acknowledged/).
 */
function lookOf({ loadTest, objects, outputs }: Services, runId: string, files: readonly SentFile[]): Look {
  const keys = new Set(files.map(({ key }) => uploadAcknowledgedKey(runId, tableFilename({ bucket: outputs.processing_bucket, key }))));
  let acknowledged = 0;
  return async () => {
    const [jobs, results, group, alarms] = await Promise.all([
      loadTest.jobs.read(),
      loadTest.results.read(),
      loadTest.fleet.group(),
      loadTest.fleet.alarms(),
    ]);
    // what is acknowledged stays so
    if (acknowledged < keys.size) {
      let noted = 0;
      for await (const { key } of objects.list(outputs.state_bucket, uploadAcknowledgedPrefix(runId))) if (keys.has(key)) noted += 1;
      acknowledged = noted;
    }
    return {
      visible: jobs.visible,
      inFlight: jobs.inFlight,
      acknowledged,
      results: results.visible + results.inFlight,
      desired: group.desired,
      instances: group.instances,
      alarms: alarms.filter(({ state }) => state === "ALARM").map(({ name }) => name),
    };
  };
}
