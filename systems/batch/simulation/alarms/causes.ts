import { batchCause } from "./cause-world";

/** More messages than make any policy add a worker. */
const MANY = 12;

/** What each alarm of the batch system is for. */
export const ALARM_CAUSES = [
  batchCause({
    alarm: "wordfreq-jobs-oldest",
    cause: "hosts of the fleet do not start, and an upload waits",
    begin: (world) => {
      world.hostsFailToStart();
      world.upload(1);
      return () => {
        world.hostsStart();
      };
    },
  }),
  batchCause({
    alarm: "wordfreq-chunks-oldest",
    cause: "hosts of the fleet do not start, and a batch's chunks wait",
    begin: (world) => {
      world.hostsFailToStart();
      world.submit(2);
      return () => {
        world.hostsStart();
      };
    },
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
      return () => undefined;
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
    begin: (world) => {
      world.hostsFailToStart();
      world.upload(1);
      return () => {
        world.hostsStart();
      };
    },
  }),
  batchCause({
    alarm: "wordfreq-jobs-scale-out",
    cause: "more uploads wait than the fleet has workers for",
    begin: (world) => {
      world.hostsFailToStart();
      world.upload(MANY);
      return () => {
        world.hostsStart();
      };
    },
  }),
  batchCause({
    alarm: "wordfreq-chunks-scale-out",
    cause: "more chunks wait than the fleet has workers for",
    begin: (world) => {
      world.hostsFailToStart();
      world.submit(MANY);
      return () => {
        world.hostsStart();
      };
    },
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
];
