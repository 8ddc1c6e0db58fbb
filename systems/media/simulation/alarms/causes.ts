import type { FaultRates } from "../../../../kit/simulator/kernel/faults";
import { SECOND } from "../../../../kit/simulator/kernel/times";
import type { AlarmCause } from "../../../../kit/simulator/survey/alarm-cause";
import { liveThroughCause } from "../../../../kit/simulator/survey/live-cause";
import type { Route } from "../../contracts/media-types";
import { mediaObjects, type MediaObject } from "../media-objects";
import { MediaWorld } from "../world/media-world";
import { upload } from "../world/uploader";

/** Any: what happens is made, not drawn. */
const SEED = 1;
const EVERY_MILLISECONDS = 60 * SECOND;
const MENDS_AFTER_MILLISECONDS = 5 * 60 * SECOND;
const LEASE_SECONDS = 30;
/** Among so many there is one of each route (../media-objects.ts). */
const OBJECTS = mediaObjects(100);

interface MediaCause {
  readonly alarm: string;
  readonly cause: string;
  /** Faults, for as long as the cause lasts. @default none */
  readonly faultRates?: FaultRates;
  /** Each minute, while the cause lasts. */
  readonly eachMinute: (world: MediaWorld, minute: number) => void;
  /** When the cause is over. @default nothing has to be done */
  readonly mend?: (world: MediaWorld) => void;
}

/** A cause with its world, that lives with any environment's stack. */
const mediaCause = ({ alarm, cause, eachMinute, faultRates = {}, mend }: MediaCause): AlarmCause => ({
  alarm,
  cause,
  live: async (stack, alarmName) => {
    const world = new MediaWorld(SEED, stack, { keepTrace: false, isUndisturbed: true, watchesAlarms: true });
    const { cloudWatch, faults, time } = world;
    if (cloudWatch === undefined) throw new Error("nobody looks at the alarms");
    faults.cease();
    cloudWatch.start();
    return liveThroughCause({ cloudWatch, time }, alarmName, () => {
      let isOver = false;
      const goOn = (minute: number): void => {
        if (isOver) return;
        eachMinute(world, minute);
        time.after(EVERY_MILLISECONDS, () => {
          goOn(minute + 1);
        });
      };
      faults.begin(faultRates);
      goOn(0);
      return () => {
        isOver = true;
        faults.cease();
        // what is under way comes after
        time.after(MENDS_AFTER_MILLISECONDS, () => mend?.(world));
      };
    });
  },
});

function objectFor(wanted: Route): MediaObject {
  const object = OBJECTS.find(({ expected }) => expected.route === wanted);
  if (object === undefined) throw new Error(`no object goes to ${wanted}`);
  return object;
}

const uploadOne =
  (route: Route) =>
  (world: MediaWorld, minute: number): void => {
    upload(world, objectFor(route), `v${minute}`);
  };

/** Takes all messages out of a queue, and deletes them. */
async function clear(world: MediaWorld, url: string): Promise<void> {
  for (;;) {
    const messages = await world.queueAt(url).receive({ maximumMessages: 10, waitSeconds: 0, leaseSeconds: LEASE_SECONDS });
    if (messages.length === 0) return;
    await world.queueAt(url).delete(messages);
  }
}

/** What each alarm of the media system is for. */
export const ALARM_CAUSES: readonly AlarmCause[] = [
  mediaCause({
    alarm: "media-events-failed",
    cause: "EventBridge can't deliver what tells of an upload",
    faultRates: { "event-lost": 1 },
    eachMinute: uploadOne("picture"),
    mend: (world) => void clear(world, world.deployed.failedEventsUrl),
  }),
  mediaCause({
    alarm: "media-unprocessable",
    cause: "a file of no type that is known is uploaded",
    eachMinute: uploadOne("unknown"),
    mend: (world) => void clear(world, world.deployed.queueUrls.unknown),
  }),
  mediaCause({
    alarm: "media-dead-letters",
    cause: "whoever takes documents fails at each",
    eachMinute: (world, minute) => {
      uploadOne("document")(world, minute);
      void world.queueOf("document").receive({ maximumMessages: 10, waitSeconds: 0, leaseSeconds: LEASE_SECONDS });
    },
    mend: (world) => {
      for (const { redrive } of world.deployed.queues)
        if (redrive !== undefined) void clear(world, world.deployed.queueOfArn(redrive.deadLetterArn).url);
    },
  }),
  mediaCause({
    alarm: "media-classify-failing",
    cause: "S3 is out of reach",
    faultRates: { "s3-error": 1 },
    eachMinute: uploadOne("picture"),
  }),
  mediaCause({
    alarm: "media-classify-throttled",
    cause: "the account's concurrency is used up",
    faultRates: { "lambda-throttled": 1 },
    eachMinute: uploadOne("picture"),
  }),
  mediaCause({
    alarm: "media-table-throttled",
    cause: "DynamoDB refuses every other call",
    faultRates: { "dynamodb-throttled": 0.5 },
    eachMinute: uploadOne("picture"),
  }),
];
