import type { EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import { CloudWatch } from "../../../../kit/simulator/cloudwatch/cloud-watch";
import { classifyFunction } from "../../../../lambdas/media/classify/function";
import { type FaultKind, FaultPlan } from "../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../kit/simulator/kernel/random";
import { drawServiceLimits, type ServiceLimits } from "../../../../kit/simulator/kernel/service-limits";
import type { ProcessWorld, SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import { Throughput } from "../../../../kit/simulator/kernel/throughput";
import { START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import { Trace } from "../../../../kit/simulator/kernel/trace";
import { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";
import type { MemoryQueue } from "../../../../kit/simulator/memory/memory-queue";
import { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";
import { deployedFunctions } from "../../../../kit/simulator/services/deployed-functions";
import { EventBus } from "../../../../kit/simulator/services/event-bus";
import { FunctionsService } from "../../../../kit/simulator/services/functions-service";
import { ProcessRowStore } from "../../../../kit/simulator/services/process-row-store";
import { memoryQueues } from "../../../../kit/simulator/stack/memory-queues";
import { ROUTES, type Route } from "../../contracts/media-types";
import { DeployedMedia } from "./deployed-media";
import { Facts } from "./facts";
import { mediaFunctions, type MediaPorts } from "./functions";
import { late, readerOf, sinkOf, WatchedUploads } from "./process-ports";

/** How a world differs from those that draw everything. */
export interface MediaWorldOptions {
  readonly keepTrace: boolean;
  /** Nothing goes wrong by itself. @default what goes wrong is drawn */
  readonly isUndisturbed?: boolean;
  /** Faults that do happen. @default none is sure to */
  readonly provoked?: readonly FaultKind[];
  /** Metrics are reported, and the stack's alarms evaluated. @default false - thousands of worlds go without */
  readonly watchesAlarms?: boolean;
  /** People do nothing wrong either: every file is of a type that is known, with options of that type. @default false */
  readonly isCalm?: boolean;
}

/** An environment of the media system in memory, before anything is uploaded. */
export class MediaWorld {
  public readonly random: Random;
  public readonly time = new VirtualTime(START_MILLISECONDS);
  public readonly trace: Trace;
  public readonly faults: FaultPlan;
  public readonly limits: ServiceLimits;
  /** What a request travels at most. */
  public readonly latencyMilliseconds: number;
  public readonly deployed: DeployedMedia;
  public readonly facts: Facts;
  public readonly rows = new MemoryRowStore();
  public readonly functions: FunctionsService;
  public readonly events: EventBus;
  /** Given where somebody looks at the alarms. */
  public readonly cloudWatch: CloudWatch | undefined;
  private readonly queues: ReadonlyMap<string, MemoryQueue>;
  private claims = 0;
  /** Events that lie in the queue of failed events. */
  public failedEventCount = 0;

  /** @param stack as synthesized and evaluated in memory */
  public constructor(
    seed: number,
    stack: EvaluatedStack,
    public readonly options: MediaWorldOptions,
  ) {
    this.random = new Random(seed);
    this.trace = new Trace(START_MILLISECONDS, () => this.time.now(), options.keepTrace);
    this.faults = new FaultPlan(this.random.fork(), options.isUndisturbed, [], options.provoked);
    this.limits = drawServiceLimits(this.faults);
    this.latencyMilliseconds = Math.round(this.random.logUniform(5, 1_500));
    this.deployed = new DeployedMedia(stack);
    this.facts = new Facts(this.trace);
    const order = this.random.fork();
    this.queues = memoryQueues(this.deployed, { clock: this.time, random: () => order.fraction() });
    if (options.watchesAlarms === true) {
      // random numbers of its own: whether somebody looks changes nothing of what happens
      const { deployed: model, time } = this;
      this.cloudWatch = new CloudWatch({ time, model, queueAt: (url) => this.queueAt(url), random: new Random(seed) });
    }
    this.functions = this.makeFunctions();
    const keep = (queueArn: string, event: object): void => {
      this.keepFailed(queueArn, event);
    };
    this.events = new EventBus({
      time: this.time,
      random: this.random.fork(),
      faults: this.faults,
      model: this.deployed,
      functions: () => this.functions,
      onUndelivered: keep,
    });
  }

  /** Where events lie that came to nothing. */
  public get failedEvents(): MemoryQueue {
    return this.queueAt(this.deployed.failedEventsUrl);
  }

  public queueOf(route: Route): MemoryQueue {
    return this.queueAt(this.deployed.queueUrls[route]);
  }

  /** Any queue of the stack. */
  public queueAt(url: string): MemoryQueue {
    const queue = this.queues.get(url);
    if (queue === undefined) throw new RangeError(`the queue at ${url} was not made`);
    return queue;
  }

  private makeFunctions(): FunctionsService {
    const { cloudWatch, deployed, facts, faults, latencyMilliseconds, limits, time, trace } = this;
    const world: ProcessWorld = {
      time,
      faults,
      trace,
      latencyMilliseconds,
      random: this.random.fork(),
      retryTokens: limits.retryTokens,
      onThrottled: (operation) => {
        cloudWatch?.tables.throttled(deployed.uploadsTable, operation);
      },
    };
    const throughput = new Throughput(this, limits.writes);
    const rows = new WatchedUploads(this.rows, facts);
    const portsOf = (process: SimProcess): MediaPorts => ({
      rows: new ProcessRowStore(process, rows, throughput),
      reader: readerOf(process, facts),
      sinks: Object.fromEntries(
        ROUTES.map((route) => [route, sinkOf(process, route, late(this.queueOf(route), faults), facts)]),
      ) as MediaPorts["sinks"],
      newClaim: () => {
        this.claims += 1;
        return `claim-${this.claims}`;
      },
      log: (level, event, fields) => {
        trace.add(process.name, event, fields);
        cloudWatch?.addLine(logGroupName, { event, fields, level });
      },
    });
    // Lambda's own name for it. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
    const logGroupName = `/aws/lambda/${deployed.functionOfCode(classifyFunction.name).name}`;
    return new FunctionsService(
      {
        ...world,
        onLoss: () => undefined,
        onTwice: () => undefined,
        onFailedEvent: ({ queueArn, record }) => {
          this.keepFailed(queueArn, record);
        },
        concurrency: limits.concurrency,
        observer: cloudWatch?.functions,
      },
      deployedFunctions(deployed, mediaFunctions(portsOf, facts)),
    );
  }

  private keepFailed(queueArn: string, body: object): void {
    this.failedEventCount += 1;
    void this.queueAt(this.deployed.queueOfArn(queueArn).url).send([JSON.stringify(body)]);
  }
}
