import { MemoryObjectStore } from "../../kit/simulator/memory/memory-object-store";
import { MemoryQueue } from "../../kit/simulator/memory/memory-queue";
import { MemoryResultStore } from "../../systems/batch/simulation/world/memory-result-store";
import { MemoryRowStore } from "../../kit/simulator/memory/memory-row-store";
import { FakeClock } from "../support/fakes/clock";
import { describeObjectStoreContract } from "./object-store-contract";
import { describeQueueContract, MAXIMUM_RECEIVES } from "./queue-contract";
import { describeResultStoreContract } from "./result-store-contract";
import { interpretedTasks } from "./interpreted-tasks";
import { describeRowStoreContract } from "./row-store-contract";
import { describeTaskCallbackContract } from "./task-callback-contract";

// each suite in memory; the same suites on the SDK's adapters are in emulator.slow.ts

describeObjectStoreContract("in memory", () => {
  const store = new MemoryObjectStore(["bucket", "other-bucket"]);
  const remove = (bucket: string, key: string): Promise<void> => {
    store.deleteObject(bucket, key);
    return Promise.resolve();
  };
  return Promise.resolve({ store, bucket: "bucket", otherBucket: "other-bucket", remove });
});

const queueSubject = (random?: () => number) => {
  const clock = new FakeClock();
  const deadLetters = new MemoryQueue({ name: "dead", clock });
  const redrive = { deadLetters, maximumReceives: MAXIMUM_RECEIVES };
  const queue = new MemoryQueue({ name: "queue", clock, redrive, ...(random === undefined ? {} : { random }) });
  return Promise.resolve({ queue, deadLetters });
};
describeQueueContract("in memory, in order", () => queueSubject());
describeQueueContract("in memory, newest first", () => queueSubject(() => 0.999));

describeResultStoreContract("in memory", () => Promise.resolve(new MemoryResultStore()), 300);

describeRowStoreContract("in memory", () => Promise.resolve(new MemoryRowStore()), 300);

describeTaskCallbackContract("on the interpreter", () => Promise.resolve(interpretedTasks()), true);
