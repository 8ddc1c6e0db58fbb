import { BoundWorkload } from "../../../../workloads/bound-workload";
import { wordCount } from "../../../../workloads/word-count/workload";
import { ulid } from "ulid";
import { chunkJobSchema } from "../../contracts/messages";
import { LAMBDA_NAMES, type LambdaName } from "../../../../lambdas/batch/functions";
import type { Capacity, Hosts } from "../../../../kit/ports/capacity";
import { runWorker } from "../../../../worker/compose";
import { StatesError } from "../../../../kit/simulator/interpreter/errors";
import { InterpretedTaskCallback } from "../../../../kit/simulator/interpreter/interpreted-task-callback";
import { InterpretedWorkflow } from "./interpreted-workflow";
import { StepFunctions } from "../../../../kit/simulator/interpreter/step-functions";
import type { TaskServices } from "../../../../kit/simulator/interpreter/world";
import { FaultPlan } from "../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../kit/simulator/kernel/random";
import { CALM_LATENCY_MILLISECONDS, SimProcess, type ProcessWorld } from "../../../../kit/simulator/kernel/sim-process";
import { Trace } from "../../../../kit/simulator/kernel/trace";
import { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";
import { MemoryObjectStore } from "../../../../kit/simulator/memory/memory-object-store";
import { MemoryQueue } from "../../../../kit/simulator/memory/memory-queue";
import { MemoryResultStore } from "./memory-result-store";
import { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";
import { Throughput } from "../../../../kit/simulator/services/throughput";
import { syncDecompressor } from "../../../../kit/simulator/memory/sync-decompressor";
import { checkLaunch } from "./check-cost";
import { checkRetired } from "./check-retired";
import { Expectations } from "./expectations";
import { Facts, type ServiceViews } from "./facts";
import { FaultyQueue } from "./faulty-queue";
import { Fleet, type Instance } from "./fleet";
import { attemptOf, SCRATCH_DIRECTORY, simFunctions } from "./functions";
import { COUNTER_MEMORY_BYTES, DECOMPRESSION_LIMIT_BYTES, groupLimitsOf } from "./function-settings";
import { FunctionError, FunctionsService, type Invocation } from "./functions-service";
import { LedgerHistory } from "./ledger-watch";
import { WatchedChunksQueue, WatchedDeadLetters, WatchedResultsQueue, WatchedTaskCallback } from "./queue-watch";
import { serviceViews } from "./service-views";
import { drawLimits, type WorldLimits } from "./limits";
import { drawSettings, NAMES, SECOND, START_MILLISECONDS, type WorldSettings } from "./settings";
import { MINIMUM_WORD_LENGTH } from "./sim-files";
import { CHUNKS_QUEUE_URL } from "./machine-references";
import type { SynthesizedFacts } from "./synthesized-machine";
import { portsOf, type WorldServices } from "./world-ports";

/** An environment in memory: all services, the fleet, the Lambdas and the schedules, without any batch yet. */
export class World {
  public readonly random: Random;
  public readonly time = new VirtualTime(START_MILLISECONDS);
  public readonly trace: Trace;
  public readonly faults: FaultPlan;
  public readonly settings: WorldSettings;
  public readonly facts: Facts;
  public readonly expectations = new Expectations();
  public readonly store = new MemoryObjectStore([NAMES.source, NAMES.processing, NAMES.state], { now: () => this.time.now() });
  public readonly rows = new MemoryRowStore();
  public readonly results = new MemoryResultStore();
  public readonly functions: FunctionsService;
  public readonly fleet: Fleet;
  public readonly machine: StepFunctions;
  public readonly services: WorldServices;
  public readonly views: ServiceViews;
  public readonly memoryQueues: Readonly<Record<"chunks" | "chunkDeadLetters" | "jobs" | "jobDeadLetters" | "results", MemoryQueue>>;
  private ids = 0;
  private readonly limits: WorldLimits;

  public constructor(seed: number, { definition, timeouts }: SynthesizedFacts, keepTrace: boolean) {
    this.random = new Random(seed);
    this.trace = new Trace(START_MILLISECONDS, () => this.time.now(), keepTrace);
    this.faults = new FaultPlan(this.random.fork());
    this.settings = drawSettings(this.random.fork());
    this.limits = drawLimits(this.faults);
    this.facts = new Facts(this.trace, () => this.time.now(), Math.max(this.settings.latencyMilliseconds, CALM_LATENCY_MILLISECONDS));
    this.views = serviceViews(this.rows, this.store);
    this.memoryQueues = this.makeQueues();
    this.machine = this.makeMachine(definition);
    this.services = this.makeServices();
    this.fleet = this.makeFleet();
    const onLoss = (name: string, payload: unknown): void => {
      if (name === "process-chunk") this.facts.lost(attemptOf(payload));
    };
    const onTwice = (name: string, payload: unknown): void => {
      if (name !== "process-chunk") return;
      // whichever of the two works on when the other has answered is heard of no more: it is as good as lost, whenever it claimed
      this.facts.lost(attemptOf(payload), Number.POSITIVE_INFINITY);
    };
    this.functions = new FunctionsService(
      { ...this.processWorld(), onLoss, onTwice, concurrency: this.limits.concurrency },
      simFunctions({
        settings: this.settings,
        timeouts,
        portsOf: ({ process }, worker = process.name) => portsOf(process, this.services, worker),
        capacityOf: ({ process }) => this.capacityOf(process),
        workerVersion: () => this.fleet.workerVersion,
        invokeAsync: (name, payload) => {
          this.functions.invokeAsync(name, payload);
        },
      }),
    );
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

  /**
   * An event that EventBridge delivers, perhaps late, twice or not at all. Twice whatever retries the function is configured for: the queue
   * of asynchronous events is eventually consistent, and may deliver one again that did not fail.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  public emit(target: LambdaName, payload: unknown): void {
    if (this.faults.strikes("event-lost")) return;
    const deliver = (): void => {
      this.functions.invokeAsync(target, payload);
    };
    this.time.after(this.random.int(100, 3_000), deliver);
    if (this.faults.strikes("event-delivered-twice")) this.time.after(this.faults.draw(1, 120) * SECOND, deliver);
  }

  private processWorld(): ProcessWorld {
    const { faults, settings, time, trace } = this;
    const { latencyMilliseconds } = settings;
    return { time, faults, trace, random: this.random.fork(), latencyMilliseconds, retryTokens: this.limits.retryTokens };
  }

  private makeQueues(): World["memoryQueues"] {
    const random = this.random.fork();
    const queue = (name: string, options: Partial<ConstructorParameters<typeof MemoryQueue>[0]> = {}): MemoryQueue =>
      new MemoryQueue({ name, clock: this.time, random: () => random.fraction(), ...options });
    const chunkDeadLetters = queue("wordfreq-chunks-dlq");
    const jobDeadLetters = queue("wordfreq-jobs-dlq");
    const { chunkReceives, jobReceives } = this.settings;
    return {
      chunkDeadLetters,
      jobDeadLetters,
      chunks: queue("wordfreq-chunks", {
        redrive: { deadLetters: chunkDeadLetters, maximumReceives: chunkReceives },
        ...(this.faults.strikes("sqs-in-flight-limit") ? { maximumInFlight: 1 } : {}),
      }),
      jobs: queue("wordfreq-jobs", { redrive: { deadLetters: jobDeadLetters, maximumReceives: jobReceives } }),
      results: queue("wordfreq-results"),
    };
  }

  private makeMachine(definition: unknown): StepFunctions {
    const random = this.random.fork();
    return new StepFunctions({
      definition,
      machineName: "wordfreq-batch",
      clock: this.time,
      random: () => random.fraction(),
      services: this.taskServices(),
      faults: {
        sendTwice: () => this.faults.strikes("sfn-message-sent-twice"),
      },
      onStatusChange: (event) => {
        if (event.status === "SUCCEEDED") return;
        this.emit("finish", { "detail-type": "Step Functions Execution Status Change", detail: event });
      },
      log: (event, fields) => {
        this.trace.add("step-functions", event, fields);
      },
    });
  }

  private taskServices(): TaskServices {
    return {
      invokeFunction: async (functionArn, payload) => {
        const name = LAMBDA_NAMES.find((candidate) => functionArn.endsWith(`:${candidate}`));
        if (name === undefined) throw new StatesError("Lambda.ResourceNotFoundException", functionArn);
        try {
          return await this.functions.invoke(name, payload);
        } catch (error) {
          throw error instanceof FunctionError ? new StatesError(error.error, error.message) : error;
        }
      },
      sendMessage: async (queueUrl, body) => {
        if (queueUrl !== CHUNKS_QUEUE_URL) throw new StatesError("SQS.AmazonSQSException", `no queue ${queueUrl}`);
        const { token, chunk, batchId, generation } = chunkJobSchema.parse(JSON.parse(body));
        this.facts.tokens.set(token, { ref: { batchId, generation }, index: chunk.index });
        if (this.faults.strikes("sqs-error")) throw new StatesError("SQS.AmazonSQSException", "Service Unavailable");
        await this.services.queues.chunks.send([body]);
        return { messageId: token };
      },
      readObject: (bucket, key) => Promise.resolve(this.store.text(bucket, key)),
      writeObject: (bucket, key, body) => this.store.put(bucket, key, body),
    };
  }

  private makeServices(): WorldServices {
    const { facts, memoryQueues, results, store, views } = this;
    const faulty = (queue: MemoryQueue): FaultyQueue => new FaultyQueue(queue, this);
    return {
      objects: {
        store,
        faults: this.faults,
        effectOf: (process, bucket, key) => this.effectOf(process, bucket, key),
        readMilliseconds: (bucket) =>
          bucket === NAMES.state || this.faults.haveCeased ? 0 : this.random.int(0, this.settings.readMilliseconds),
      },
      ledgerWatch: {
        rows: this.rows,
        results,
        facts,
        views,
        hasObject: (key) => store.has(NAMES.state, key),
        now: () => this.time.now(),
        worksOneByOne: this.settings.slots === 1,
      },
      throughput: new Throughput(this, this.limits.writes),
      history: new LedgerHistory(),
      results,
      callback: new WatchedTaskCallback(new InterpretedTaskCallback(this.machine), facts, views),
      workflow: new InterpretedWorkflow(this.machine),
      queues: {
        chunks: new WatchedChunksQueue(faulty(memoryQueues.chunks), facts),
        chunkDeadLetters: new WatchedDeadLetters(memoryQueues.chunkDeadLetters, facts),
        jobs: faulty(memoryQueues.jobs),
        jobDeadLetters: new WatchedDeadLetters(memoryQueues.jobDeadLetters, facts),
        results: new WatchedResultsQueue(memoryQueues.results, facts, views, this),
      },
      ...(this.settings.slots === 1 ? { renewals: { now: () => this.time.now(), ...this.settings } } : {}),
      facts,
      trace: this.trace,
    };
  }

  private effectOf(process: SimProcess, bucket: string, key: string): "normal" | "kills" | "hangs" {
    if (bucket === NAMES.state || process.name.startsWith("plan-")) return "normal";
    const kind = this.expectations.kindOf(key);
    this.facts.reads(process.name, kind === "hangs");
    if (kind === "killer") return "kills";
    return kind === "hangs" ? "hangs" : "normal";
  }

  private makeFleet(): Fleet {
    return new Fleet(
      this.processWorld(),
      { maximum: this.settings.maximumWorkers, startsFrom: this.limits.hostsStartFrom },
      {
        runWorker: (process, instance, stop) => this.runWorker(process, instance, stop),
        onInterruption: (instanceId) => {
          this.emit("spot-notices", {
            source: "aws.ec2",
            "detail-type": "EC2 Spot Instance Interruption Warning",
            time: new Date(this.time.now()).toISOString(),
            detail: { "instance-id": instanceId, "instance-action": "terminate" },
          });
        },
        onLoss: (worker, until) => {
          this.facts.lost(worker, until);
        },
        onClockStepped: (worker) => {
          this.facts.clockStepped(worker);
        },
        onLiveReplaced: ({ id }) => {
          this.facts.violate(6, `${id} was replaced as silent although it does not hang`);
        },
        onRetired: (instance) => {
          checkRetired(instance, { rows: this.rows, facts: this.facts, history: this.services.history, now: this.time.now() });
        },
      },
    );
  }

  private runWorker(process: SimProcess, instance: Instance, stop: AbortSignal): Promise<"stopped" | "retired"> {
    const { idleSeconds, leaseSeconds, progressTimeoutSeconds, slots, top } = this.settings;
    return runWorker(
      {
        ...portsOf(process, this.services, instance.id),
        decompressor: syncDecompressor,
        spotNotices: this.fleet.noticesOf(instance),
        retirement: this.retirementOf(process, instance),
      },
      {
        workerId: instance.id,
        host: { version: instance.version, bootedAt: instance.bootedAt ?? this.time.now() },
        slots,
        leaseSeconds,
        progressTimeoutSeconds,
        idleSeconds,
        counterMemoryBytes: COUNTER_MEMORY_BYTES,
        decompressionLimitBytes: DECOMPRESSION_LIMIT_BYTES,
        directory: SCRATCH_DIRECTORY,
        uploadWorkload: BoundWorkload.of(wordCount.name, { minimumWordLength: MINIMUM_WORD_LENGTH, top, encoding: "auto" }),
        stateBucket: NAMES.state,
        groupLimits: groupLimitsOf(this.settings),
      },
      stop,
    );
  }

  private retirementOf(process: SimProcess, instance: Instance): ReturnType<Fleet["retirementOf"]> {
    const retirement = this.fleet.retirementOf(instance);
    return {
      retire: () => process.call("autoscaling", "TerminateInstanceInAutoScalingGroup", () => retirement.retire()),
      replace: () => process.call("autoscaling", "TerminateInstanceInAutoScalingGroup", () => retirement.replace()),
    };
  }

  private capacityOf(process: Invocation["process"]): Capacity & Hosts {
    return {
      inService: () => process.call("autoscaling", "DescribeAutoScalingGroups", () => this.fleet.inService()),
      end: (id) => process.call("autoscaling", "TerminateInstanceInAutoScalingGroup", () => this.fleet.end(id)),
      replace: (id) => process.call("autoscaling", "TerminateInstanceInAutoScalingGroup", () => this.fleet.replace(id)),
      read: () => process.call("autoscaling", "DescribeAutoScalingGroups", () => this.fleet.read()),
      setDesired: (capacity) =>
        process.call("autoscaling", "SetDesiredCapacity", async () => {
          checkLaunch(this, (await this.fleet.read()).desired, capacity);
          await this.fleet.setDesired(capacity);
        }),
    };
  }
}
