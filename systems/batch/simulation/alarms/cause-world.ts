import type { EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import type { ReceivedMessage } from "../../../../kit/ports/job-queue";
import { StackModel } from "../../../../kit/simulator/stack/stack-model";
import type { FaultRates } from "../../../../kit/simulator/kernel/faults";
import { SECOND } from "../../../../kit/simulator/kernel/times";
import type { AlarmCause, MadeCause } from "../../../../kit/simulator/survey/alarm-cause";
import { liveThroughCause } from "../../../../kit/simulator/survey/live-cause";
import { beginWorld, newWorld } from "../world/begin-world";
import { putFile } from "../world/disturbances";
import type { DrawnSettings } from "../world/settings";
import type { LambdaName } from "../../../../lambdas/batch/functions";
import { functionLogs } from "../world/process-logs";
import { keyOf, type FileKind } from "../world/sim-files";
import { submitOnce } from "../world/submitter";
import { upload } from "../world/uploads";
import type { World } from "../world/world";
import { portsOf } from "../world/world-ports";

/** Any: what happens is made, not drawn. */
const SEED = 1;
/** Messages that a worker takes from the queue at a time, at most. */
const JOBS_AT_A_TIME = 10;
/** One file a chunk, one chunk at a time, and calls that take no time to speak of. */
const SETTINGS: Partial<DrawnSettings> = {
  slots: 1,
  filesPerChunk: 1,
  maximumWorkers: 2,
  chunkReceives: 3,
  maximumOpenBatches: 2,
  latencyMilliseconds: 20,
  readMilliseconds: 50,
};

/** What a cause can do to its world. */
export class CauseWorld {
  private files = 0;

  public constructor(public readonly world: World) {}

  /** Hosts that are there are lost, and no host of the fleet starts, until told otherwise. */
  public hostsFailToStart(): void {
    const { fleet, limits } = this.world;
    limits.hostsStartFrom = Number.POSITIVE_INFINITY;
    void fleet.inService().then((hosts) => {
      for (const host of hosts) fleet.fail(host);
    });
  }

  /** Hosts start again; whoever mended it ends those that did not, as the runbook says. */
  public hostsStart(): void {
    const { fleet, limits, time } = this.world;
    limits.hostsStartFrom = time.now();
    void fleet.inService().then((hosts) => Promise.all(hosts.map((host) => fleet.replace(host))));
  }

  public upload(count: number, kind: FileKind = "text"): void {
    for (let index = 0; index < count; index += 1) upload(this.world, this.world.random, this.nextKey("uploaded ", kind), kind);
  }

  /** A batch of files that the fleet is to work on. */
  public submit(count: number, kind: FileKind = "text"): void {
    const { names, services, settings, time } = this.world;
    const batchId = this.world.newBatchId();
    const prefix = `in ${batchId}/`;
    for (let index = 0; index < count; index += 1) putFile(this.world, names.source, this.nextKey(prefix, kind), kind);
    this.world.facts.submitted.set(batchId, { bringsFiles: false, keys: new Set() });
    const process = this.world.process("operator");
    const terms = { requestId: batchId, requestedRoute: "fleet", deadlineAfter: undefined } as const;
    const operator = { names, settings, now: () => time.now() };
    const source = { kind: "objects", sources: [{ bucket: names.source, prefix }] } as const;
    void submitOnce(operator, portsOf(process, services, process.name), source, batchId, terms);
  }

  /** Somebody takes messages out of a queue and deletes none, again and again. @returns ends it */
  public readWithoutDeleting(url: string): () => void {
    let isOver = false;
    const read = (): void => {
      if (isOver) return;
      void this.world.queueAt(url).receive({ maximumMessages: 10, waitSeconds: 0, leaseSeconds: 30 });
      this.world.time.after(60 * SECOND, read);
    };
    read();
    return () => {
      isOver = true;
    };
  }

  /** Somebody has looked at the messages of a queue, and takes them away. */
  public async clear(url: string): Promise<void> {
    const queue = this.world.queueAt(url);
    for (;;) {
      const messages = await queue.receive({ maximumMessages: 10, waitSeconds: 0, leaseSeconds: 60 });
      if (messages.length === 0) return;
      await queue.delete(messages);
    }
  }

  /** A worker keeps what it received, and gets nowhere. @returns ends it */
  public hold(url: string): () => void {
    let held: readonly ReceivedMessage[] = [];
    let isOver = false;
    const goOn = async (): Promise<void> => {
      if (isOver) return;
      const queue = this.world.queueAt(url);
      await queue.extend(held, 120);
      held = [...held, ...(await queue.receive({ maximumMessages: 10, waitSeconds: 0, leaseSeconds: 120 }))];
      this.world.time.after(60 * SECOND, () => void goOn());
    };
    void goOn();
    return () => {
      isOver = true;
    };
  }

  /** Workers are busy for as long as they are let, and more waits than any of them holds at a time. */
  public occupy(workers: number): void {
    this.upload((workers + 1) * JOBS_AT_A_TIME, "hangs");
    void this.world.fleet.setDesired(workers);
  }

  /** A function logs a line each five minutes. @returns ends it */
  public say(code: LambdaName, event: string): () => void {
    const { deployed, services, time } = this.world;
    let isOver = false;
    const goOn = (): void => {
      if (isOver) return;
      services.addLine?.(functionLogs(deployed, code), { level: "error", event, fields: {} });
      time.after(300 * SECOND, goOn);
    };
    goOn();
    return () => {
      isOver = true;
    };
  }

  private nextKey(prefix: string, kind: FileKind): string {
    this.files += 1;
    return keyOf(prefix, this.files, kind);
  }
}

export interface BatchCause extends MadeBatchCause {
  readonly alarm: string;
  /** By environment; see AlarmCause. @default none */
  readonly instead?: Readonly<Record<string, MadeBatchCause>>;
}

/** A cause, and what makes it. */
export interface MadeBatchCause {
  readonly cause: string;
  /** Faults, for as long as the cause lasts. @default none */
  readonly faultRates?: FaultRates;
  /** Sizes of the world that differ from those of the other causes' worlds, by the stack that it lives with. @default none */
  readonly settings?: (deployed: StackModel) => Partial<DrawnSettings>;
  /** What is so from the world's beginning. @default all is well */
  readonly before?: (world: CauseWorld) => void;
  /** Makes the cause. @returns takes it away */
  readonly begin: (world: CauseWorld) => () => void;
}

/** A cause with its world, that lives with any environment's stack. */
export const batchCause = ({ alarm, instead = {}, ...usual }: BatchCause): AlarmCause => ({
  alarm,
  ...made(usual),
  instead: Object.fromEntries(Object.entries(instead).map(([environment, cause]) => [environment, made(cause)])),
});

const made = ({ before, begin, cause, faultRates = {}, settings }: MadeBatchCause): MadeCause => ({
  cause,
  live: async (stack: EvaluatedStack, alarmName: string) => {
    const sizes = { ...SETTINGS, ...settings?.(new StackModel(stack)) };
    const world = newWorld(SEED, stack, { keepTrace: false, isUndisturbed: true, watchesAlarms: true, settings: sizes });
    const { cloudWatch, faults, time } = world;
    if (cloudWatch === undefined) throw new Error("nobody looks at the alarms");
    // services are quick until the cause begins
    faults.cease();
    const causing = new CauseWorld(world);
    before?.(causing);
    beginWorld(world);
    return liveThroughCause({ cloudWatch, time }, alarmName, () => {
      faults.begin(faultRates);
      const end = begin(causing);
      return () => {
        faults.cease();
        end();
      };
    });
  },
});
