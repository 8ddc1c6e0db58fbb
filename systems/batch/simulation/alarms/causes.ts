import { MINUTE } from "../../../../kit/simulator/kernel/times";
import { batchCause, type CauseWorld } from "./cause-world";

/** More messages than make any policy add a worker. */
const MANY = 12;
const HANGS_SECONDS = 86_400;
/** An execution that was asked for runs by then. */
const STARTED_BY_MILLISECONDS = 3 * MINUTE;

const nothingToMend = (): void => undefined;

/** Work that waits for hosts that do not start until the cause is mended. */
const withoutHosts =
  (ask: (world: CauseWorld) => void) =>
  (world: CauseWorld): (() => void) => {
    world.hostsFailToStart();
    ask(world);
    return () => {
      world.hostsStart();
    };
  };

/** What each alarm of the batch system is for. */
export const ALARM_CAUSES = [
  batchCause({
    alarm: "wordfreq-jobs-oldest",
    cause: "hosts of the fleet do not start, and an upload waits",
    begin: withoutHosts((world) => {
      world.upload(1);
    }),
  }),
  batchCause({
    alarm: "wordfreq-chunks-oldest",
    cause: "hosts of the fleet do not start, and a batch's chunks wait",
    begin: withoutHosts((world) => {
      world.submit(2);
    }),
  }),
  batchCause({
    alarm: "wordfreq-jobs-dead-letters",
    cause: "an uploaded file kills every worker that reads it",
    begin: (world) => {
      world.upload(1, "killer");
      return () => {
        void world.clear(world.world.deployed.queueUrls.jobDeadLetters);
      };
    },
  }),
  batchCause({
    alarm: "wordfreq-chunks-dead-letters",
    cause: "workers are lost before they can say which file does it",
    faultRates: { "worker-killed": 0.5 },
    begin: (world) => {
      world.submit(4);
      return nothingToMend;
    },
  }),
  batchCause({
    alarm: "wordfreq-results-dead-letters",
    cause: "whoever reads results fails at each",
    begin: (world) => {
      world.upload(1);
      const { results, resultDeadLetters } = world.world.deployed.queueUrls;
      const end = world.readWithoutDeleting(results);
      return () => {
        end();
        void world.clear(resultDeadLetters);
      };
    },
  }),
  batchCause({
    alarm: "wordfreq-fleet-halted",
    cause: "hosts of the fleet do not start, until nothing is launched any more",
    begin: withoutHosts((world) => {
      world.upload(1);
    }),
  }),
  batchCause({
    alarm: "wordfreq-jobs-scale-out",
    cause: "more uploads wait than the fleet has workers for",
    begin: withoutHosts((world) => {
      world.upload(MANY);
    }),
  }),
  batchCause({
    alarm: "wordfreq-chunks-scale-out",
    cause: "more chunks wait than the fleet has workers for",
    begin: withoutHosts((world) => {
      world.submit(MANY);
    }),
  }),
  batchCause({
    alarm: "wordfreq-scale-in",
    cause: "workers poll queues in which nothing is",
    // work waits until then
    before: (world) => {
      world.hostsFailToStart();
      world.upload(1);
    },
    begin: (world) => {
      world.hostsStart();
      return () => {
        world.upload(1, "hangs");
      };
    },
  }),
  batchCause({
    alarm: "wordfreq-files-quarantined",
    cause: "a folder of files that are cut off is uploaded",
    begin: (world) => {
      world.upload(2 * MANY, "broken-gzip");
      return nothingToMend;
    },
  }),
  batchCause({
    alarm: "wordfreq-progress-stalled",
    cause: "a worker keeps its chunks and gets nowhere",
    begin: (world) => {
      world.hostsFailToStart();
      world.submit(2);
      const end = world.hold(world.world.deployed.queueUrls.chunks);
      return () => {
        end();
        world.hostsStart();
      };
    },
  }),
  batchCause({
    alarm: "wordfreq-steps-failing",
    cause: "each Lambda is lost at one of its calls",
    faultRates: { "lambda-crashed": 1 },
    begin: (world) => {
      for (let batch = 0; batch < MANY; batch += 1) world.submit(2);
      return nothingToMend;
    },
  }),
  batchCause({
    alarm: "wordfreq-backstops-failing",
    cause: "DynamoDB is out of reach",
    faultRates: { "dynamodb-throttled": 1 },
    begin: () => nothingToMend,
  }),
  batchCause({
    alarm: "wordfreq-functions-throttled",
    cause: "the account's concurrency is used up",
    faultRates: { "lambda-throttled": 1 },
    begin: () => nothingToMend,
  }),
  batchCause({
    alarm: "wordfreq-functions-near-timeout",
    cause: "services take half a minute for each answer",
    settings: () => ({ latencyMilliseconds: 60_000 }),
    begin: (world) => {
      world.submit(MANY);
      return nothingToMend;
    },
  }),
  batchCause({
    alarm: "wordfreq-executions-failed",
    cause: "S3 is out of reach, and a plan can't be written",
    faultRates: { "s3-error": 1 },
    before: (world) => {
      world.world.limits.hostsStartFrom = Number.POSITIVE_INFINITY;
      world.submit(MANY);
    },
    begin: (world) => {
      world.hostsStart();
      return nothingToMend;
    },
  }),
  batchCause({
    alarm: "wordfreq-tables-throttled",
    cause: "DynamoDB refuses every other call",
    faultRates: { "dynamodb-throttled": 0.5 },
    begin: (world) => {
      world.submit(MANY);
      return nothingToMend;
    },
  }),
  batchCause({
    alarm: "wordfreq-fleet-at-maximum",
    cause: "more uploads than the largest fleet can take, for hours",
    settings: ({ groups }) => ({ maximumWorkers: groups[0]?.maximum ?? 0, progressTimeoutSeconds: HANGS_SECONDS }),
    begin: (world) => {
      world.occupy(world.world.settings.maximumWorkers);
      return () => {
        void world.clear(world.world.deployed.queueUrls.jobs);
      };
    },
  }),
  batchCause({
    alarm: "wordfreq-fleet-short",
    cause: "EC2 has no instance for the fleet",
    begin: ({ world }) => {
      world.limits.spotCapacity = 0;
      void world.fleet.setDesired(2);
      return () => {
        world.limits.spotCapacity = Number.POSITIVE_INFINITY;
      };
    },
  }),
  batchCause({
    alarm: "wordfreq-spot-losses",
    cause: "EC2 takes each instance back within a quarter of an hour",
    faultRates: { "spot-notice": 1 },
    settings: () => ({ maximumWorkers: MANY, progressTimeoutSeconds: HANGS_SECONDS }),
    begin: (world) => {
      world.occupy(MANY);
      return nothingToMend;
    },
  }),
  batchCause({
    alarm: "wordfreq-batches-unended",
    cause: "an execution was stopped in the console, and Step Functions is out of reach for whoever ends its batch",
    begin: (causing) => {
      const { faults, machine, time } = causing.world;
      causing.hostsFailToStart();
      causing.submit(2);
      time.after(STARTED_BY_MILLISECONDS, () => {
        faults.begin({ "sfn-error": 1 });
        for (const name of machine.openExecutions()) machine.stopExecution(name, "Aborted", "stopped in the console");
      });
      return nothingToMend;
    },
  }),
  batchCause({
    alarm: "wordfreq-chunks-given-up",
    cause: "workers are lost at nearly every call",
    faultRates: { "worker-killed": 0.9 },
    begin: (world) => {
      world.submit(4);
      return nothingToMend;
    },
    instead: {
      // four looks at the dead letters, five minutes apart
      local: {
        cause: "fed by hand: tasks of chunks end after 15 minutes there, before a chunk is given up",
        begin: (world) => world.say("reconcile", "dead_chunk_given_up"),
      },
    },
  }),
  batchCause({
    alarm: "wordfreq-hosts-silent",
    cause: "hosts hang",
    faultRates: { "host-stuck": 1 },
    begin: (world) => {
      world.submit(4);
      return nothingToMend;
    },
  }),
  batchCause({
    alarm: "wordfreq-workers-failing",
    cause: "the script that starts a host's worker fails",
    begin: withoutHosts((world) => {
      world.upload(1);
    }),
  }),
];
