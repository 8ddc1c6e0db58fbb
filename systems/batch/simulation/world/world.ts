import { ulid } from "ulid";
import { InterpretedTaskCallback } from "../../../../kit/simulator/interpreter/interpreted-task-callback";
import { InterpretedWorkflow } from "./interpreted-workflow";
import { StepFunctions } from "../../../../kit/simulator/interpreter/step-functions";
import type { CloudWatch } from "../../../../kit/simulator/cloudwatch/cloud-watch";
import { cloudWatchOf, tellThrottled } from "./watched-metrics";
import { FaultPlan, type FaultKind } from "../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../kit/simulator/kernel/random";
import { CALM_LATENCY_MILLISECONDS, SimProcess, type ProcessWorld } from "../../../../kit/simulator/kernel/sim-process";
import { Trace } from "../../../../kit/simulator/kernel/trace";
import { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";
import { MemoryObjectStore } from "../../../../kit/simulator/memory/memory-object-store";
import type { EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import type { MemoryQueue } from "../../../../kit/simulator/memory/memory-queue";
import { MemoryResultStore } from "./memory-result-store";
import { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";
import { Throughput } from "../../../../kit/simulator/kernel/throughput";
import { memoryQueues } from "../../../../kit/simulator/stack/memory-queues";
import { deployedFunctions } from "../../../../kit/simulator/services/deployed-functions";
import { DeployedStack, deployedStack, type BucketNames } from "./deployed-stack";
import { taskServices } from "./task-services";
import { Expectations } from "./expectations";
import { Facts, type ServiceViews } from "./facts";
import { EventBus } from "../../../../kit/simulator/services/event-bus";
import { FaultyQueue } from "../../../../kit/simulator/services/faulty-queue";
import type { Fleet } from "./fleet";
import { ScalingCheck } from "./check-scaling";
import { capacityOf } from "./fleet-calls";
import { functionLogs } from "./process-logs";
import { byRole, type QueuesByRole } from "./queues-by-role";
import { functionEvents } from "./function-events";
import { simFunctions } from "./functions";
import { FunctionsService } from "../../../../kit/simulator/services/functions-service";
import { LedgerHistory } from "./ledger-watch";
import { WatchedChunksQueue, WatchedDeadLetters, WatchedResultsQueue, WatchedTaskCallback } from "./queue-watch";
import { serviceViews } from "./service-views";
import { drawLimits, type WorldLimits } from "./limits";
import { START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import { afterSpotLossesOf, drawSettings, forPolicies, type WorldSettings } from "./settings";
import type { WorldOptions } from "./world-options";
import { fleetOf, onDemandFleetOf } from "./world-fleet";
import { present } from "../../../../kit/lib/present";
import { portsOf, type WorldServices } from "./world-ports";

/** What nobody mends where nobody looks for silent hosts. */
const UNMENDED: readonly FaultKind[] = ["host-stuck", "host-never-starts"];

/** An environment in memory: all services, the fleet, the Lambdas and the schedules, without any batch yet. */
export class World {
  public readonly random: Random;
  public readonly time = new VirtualTime(START_MILLISECONDS);
  public readonly trace: Trace;
  public readonly faults: FaultPlan;
  public readonly settings: WorldSettings;
  public readonly facts: Facts;
  public readonly expectations = new Expectations();
  /** The stack as it is synthesized, but for the sizes that this world draws. */
  public readonly deployed: DeployedStack;
  /** Whether there is enough to do for alarms to see it. */
  public readonly followsAlarms: boolean;
  public readonly names: BucketNames;
  public readonly store: MemoryObjectStore;
  public readonly rows = new MemoryRowStore();
  public readonly results = new MemoryResultStore();
  public readonly functions: FunctionsService;
  public readonly fleet: Fleet;
  /** For chunks that spot capacity keeps losing, where it has any. */
  public readonly onDemandFleet: Fleet | undefined;
  public readonly scaling = new ScalingCheck(this, () => this.fleet.group);
  public readonly onDemandScaling = new ScalingCheck(this, () => present(this.onDemandFleet, "the on-demand capacity").group);
  public readonly machine: StepFunctions;
  public readonly services: WorldServices;
  public readonly views: ServiceViews;
  public readonly memoryQueues: QueuesByRole;
  public readonly events: EventBus;
  private readonly allQueues: ReadonlyMap<string, MemoryQueue>;
  private ids = 0;
  public readonly limits: WorldLimits;
  /** Given where somebody looks at the alarms, or where some change the fleet's capacity. */
  public readonly cloudWatch: CloudWatch | undefined;

  /** @param stack as synthesized and evaluated in memory */
  public constructor(
    seed: number,
    stack: EvaluatedStack,
    public readonly options: WorldOptions,
  ) {
    this.random = new Random(seed);
    this.trace = new Trace(START_MILLISECONDS, () => this.time.now(), options.keepTrace);
    const faultsRandom = this.random.fork();
    const synthesized = new DeployedStack(stack);
    this.followsAlarms = !synthesized.isOrchestrated && options.isCalm !== true;
    const own = drawSettings(this.random.fork());
    const drawn = { ...(this.followsAlarms ? forPolicies(own) : own), ...options.settings };
    this.deployed = deployedStack(synthesized, drawn);
    this.faults = new FaultPlan(faultsRandom, options.isUndisturbed, this.deployed.isOrchestrated ? [] : UNMENDED, options.provoked);
    this.names = this.deployed.names;
    this.settings = { ...drawn, ...this.deployed.sizes };
    this.store = new MemoryObjectStore(
      this.deployed.buckets.map(({ name }) => name),
      { now: () => this.time.now() },
    );
    this.limits = drawLimits(this.faults, this.settings);
    this.facts = new Facts(this.trace, () => this.time.now(), Math.max(this.settings.latencyMilliseconds, CALM_LATENCY_MILLISECONDS));
    this.views = serviceViews(this.rows, this.store, this.names.state);
    this.events = new EventBus({
      time: this.time,
      random: this.random,
      faults: this.faults,
      model: this.deployed,
      functions: () => this.functions,
    });
    this.allQueues = this.makeQueues();
    this.cloudWatch = cloudWatchOf(this, new Random(seed));
    this.memoryQueues = byRole(this.deployed.queueUrls, (url) => this.queueAt(url));
    this.machine = this.makeMachine();
    this.services = this.makeServices();
    const processes = this.processWorld();
    this.fleet = fleetOf(this, processes);
    this.onDemandFleet = onDemandFleetOf(this, processes);
    this.functions = new FunctionsService(
      {
        ...this.processWorld(),
        ...functionEvents(this),
        concurrency: options.concurrency ?? this.limits.concurrency,
        observer: options.functions ?? this.cloudWatch?.functions,
      },
      deployedFunctions(this.deployed, {
        ...simFunctions({
          settings: this.settings,
          names: this.names,
          portsOf: ({ process }, code, worker = process.name) => portsOf(process, this.services, worker, functionLogs(this.deployed, code)),
          capacityOf: ({ process }, resource) => capacityOf(process, this, resource),
          workerVersion: () => (this.deployed.isOrchestrated ? this.fleet.workerVersion : undefined),
          isThere: (resource) => {
            if (resource === "group") return this.deployed.isOrchestrated;
            if (resource === "onDemandGroup" || resource === "onDemandChunks") return this.onDemandFleet !== undefined;
            return this.deployed.functions.some(({ code }) => code === resource);
          },
          settlingSeconds: this.deployed.settlingSeconds,
          invokeAsync: (name, payload) => {
            this.functions.invokeAsync(name, payload);
          },
        }),
      }),
    );
  }

  /** Any queue of the stack, past every fault. @throws NotInStackError */
  public queueAt(url: string): MemoryQueue {
    const queue = this.allQueues.get(this.deployed.queueAt(url).url);
    if (queue === undefined) throw new RangeError(`the queue at ${url} was not made`);
    return queue;
  }

  /** A process of somebody who looks at the system from outside for as long as the world lasts. */
  public process(name: string): SimProcess {
    return new SimProcess(name, this.processWorld(), 0, () => this.clockStep());
  }

  /** A command that somebody types, and may kill. */
  public command(name: string): SimProcess {
    return new SimProcess(name, this.processWorld(), 0, () => (this.faults.strikes("command-killed") ? "killed" : this.clockStep()));
  }

  private clockStep(): "go" | { readonly skewMilliseconds: number } {
    return this.faults.strikes("clock-stepped") ? { skewMilliseconds: this.faults.drawStep() } : "go";
  }

  public newBatchId(): string {
    this.ids += 1;
    // the same for a seed: a random source of its own, not the machine's
    return ulid(this.time.now() + this.ids, () => this.random.fraction());
  }

  private processWorld(): ProcessWorld {
    const { faults, settings, time, trace } = this;
    const { latencyMilliseconds } = settings;
    return {
      time,
      faults,
      trace,
      random: this.random.fork(),
      latencyMilliseconds,
      retryTokens: this.limits.retryTokens,
      onThrottled: (operation) => {
        tellThrottled(this, operation);
      },
    };
  }

  private makeQueues(): ReadonlyMap<string, MemoryQueue> {
    const random = this.random.fork();
    return memoryQueues(this.deployed, {
      clock: this.time,
      random: () => random.fraction(),
      maximumInFlight: ({ url }) => (url === this.deployed.queueUrls.chunks && this.faults.strikes("sqs-in-flight-limit") ? 1 : undefined),
    });
  }

  private makeMachine(): StepFunctions {
    const random = this.random.fork();
    const { arn, definition, name } = this.deployed.machine;
    const metrics = this.cloudWatch?.executionsOf(arn);
    return new StepFunctions({
      definition,
      machineName: name,
      clock: this.time,
      random: () => random.fraction(),
      services: taskServices(this),
      sendTwice: () => this.faults.strikes("sfn-message-sent-twice"),
      onStart: () => {
        metrics?.started();
      },
      onStatusChange: (event) => {
        metrics?.closed(event.status);
        this.events.emit({
          source: "aws.states",
          "detail-type": "Step Functions Execution Status Change",
          detail: { ...event, stateMachineArn: arn },
        });
      },
      log: (event, fields) => {
        this.trace.add("step-functions", event, fields);
      },
    });
  }

  private makeServices(): WorldServices {
    const { facts, memoryQueues, results, store, views } = this;
    const chunkQueues = [memoryQueues.chunks, memoryQueues.onDemandChunks, memoryQueues.chunkDeadLetters].filter(
      (each) => each !== undefined,
    );
    const faulty = (queue: MemoryQueue): FaultyQueue => new FaultyQueue(queue, this);
    return {
      objects: {
        store,
        faults: this.faults,
        effectOf: (process, bucket, key) => this.effectOf(process, bucket, key),
        readMilliseconds: (bucket) =>
          bucket === this.names.state || this.faults.haveCeased ? 0 : this.random.int(0, this.settings.readMilliseconds),
      },
      ledgerWatch: {
        rows: this.rows,
        results,
        facts,
        views,
        hasObject: (key) => store.has(this.names.state, key),
        now: () => this.time.now(),
        leavesAfter: (worker) =>
          this.onDemandFleet !== undefined && this.fleet.isOnSpot(worker) ? afterSpotLossesOf(this.settings) : undefined,
        worksOneByOne: this.settings.slots === 1,
      },
      throughput: new Throughput(this, this.limits.writes),
      history: new LedgerHistory(),
      results,
      callback: new WatchedTaskCallback(new InterpretedTaskCallback(this.machine), facts, views),
      workflow: new InterpretedWorkflow(this.machine),
      queues: {
        chunks: new WatchedChunksQueue(faulty(memoryQueues.chunks), facts, chunkQueues),
        ...(memoryQueues.onDemandChunks === undefined
          ? {}
          : { onDemandChunks: new WatchedChunksQueue(faulty(memoryQueues.onDemandChunks), facts, chunkQueues) }),
        chunkDeadLetters: new WatchedDeadLetters(memoryQueues.chunkDeadLetters, facts),
        jobs: faulty(memoryQueues.jobs),
        jobDeadLetters: new WatchedDeadLetters(memoryQueues.jobDeadLetters, facts),
        results: new WatchedResultsQueue(memoryQueues.results, facts, views, this),
      },
      ...(this.settings.slots === 1 ? { renewals: { now: () => this.time.now(), ...this.settings } } : {}),
      facts,
      trace: this.trace,
      addLine: ({ carried, groupName }, line) => {
        this.cloudWatch?.addLine(groupName, line, carried);
      },
    };
  }

  private effectOf(process: SimProcess, bucket: string, key: string): "normal" | "kills" | "hangs" {
    if (bucket === this.names.state || process.name.startsWith("plan-")) return "normal";
    const kind = this.expectations.kindOf(key);
    this.facts.reads(process.name, kind === "hangs");
    if (kind === "killer") return "kills";
    return kind === "hangs" ? "hangs" : "normal";
  }
}
