import { uploadPrefix } from "../../contracts/state-keys";
import type { HashedFile } from "../../core/submission/submission";
import type { EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import type { Random } from "../../../../kit/simulator/kernel/random";
import type { SeedOutcome, Worlds } from "../../../../kit/simulator/survey/simulation";
import { makeFile, planDisturbances, putFile, repairFiles, type DisturbedWorld } from "./disturbances";
import { waitingDeadChunks } from "./dead-chunks";
import { checkCost, checkPartitions } from "./check-cost";
import { checkOnDemand } from "./check-on-demand";
import { IdleCostCheck } from "./check-idle-cost";
import { RecoveryCheck } from "./check-recovery";
import { checkEnd } from "./final-checks";
import { planGarbling } from "./garbled-rows";
import { operate } from "./operator";
import { HOUR, MINUTE, SECOND, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import { FAULTS_CEASE_MILLISECONDS, LIMIT_MILLISECONDS, WAVES_WITHIN_SECONDS } from "./settings";
import { keyOf, pickHarmlessKind, pickKind, pickOwnKind, type FileKind } from "./sim-files";
import { localFile } from "./submitter";
import { areUploadsDue, uploadFiles, type Upload } from "./uploads";
import { beginWorld, newWorld } from "./begin-world";
import type { World } from "./world";
import type { WorldOptions } from "./world-options";
import { portsOf } from "./world-ports";
import { currentVolume } from "../../../../kit/simulator/memory/memory-file-system";

/** Between two looks for executions to stop. */
const ABORT_RETRY_MILLISECONDS = 5 * SECOND;
/** Worlds in which the worker is deployed anew. */
const DEPLOYMENT_SHARE = 0.2;
/** Batches that bring their files along. */
const BRINGING_SHARE = 0.4;

/**
 * What policies on queues are shown: so many files at once that ten are visible, and then, while the group grows or shrinks for those,
 * more of them.
 */
const WAVES = { most: 5, files: [1, 12, 24] } as const;

/** What is done in calm worlds is begun within so long, so that they see quiet times and busy ones. */
const CALM_SPREAD_MILLISECONDS = 3 * HOUR;
/** They go on for so long at least: any alarm that looks at an hour, or at three, has had its time. */
const CALM_MILLISECONDS = 5 * HOUR;
/** Times in a calm world at which files are uploaded. */
const CALM_UPLOADS = 4;

/** Lives through one world, from its seed to its end, and checks it. */
export const runSeed: Worlds["runSeed"] = (seed, stack, keepTrace = false, provoked = []) => runWorld(seed, stack, { keepTrace, provoked });

/** As runSeed, in a world in which nothing goes wrong, and in which the alarms are looked at. */
export const runUndisturbed = (seed: number, stack: EvaluatedStack, keepTrace = false): Promise<SeedOutcome> =>
  runWorld(seed, stack, { keepTrace, isUndisturbed: true, watchesAlarms: true, isCalm: true });

async function runWorld(seed: number, stack: EvaluatedStack, options: WorldOptions): Promise<SeedOutcome> {
  const world = newWorld(seed, stack, options);
  const life = new Life(world);
  try {
    await life.run();
  } catch (error) {
    world.facts.violate(0, `the world broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  return {
    seed,
    violations: world.facts.violations,
    faults: world.faults.counts,
    counts: {
      batches: life.counts.batches,
      generations: life.counts.generations,
      "file states checked": life.counts.files,
      "hosts launched": world.scaling.seen.launched,
      "chunks handed over": world.facts.handedOver.size,
      "chunks brought back": world.facts.onAnyCapacity.size,
      "on-demand hosts launched": world.onDemandScaling.seen.launched,
      "ended by their group": world.scaling.seen.ended,
      "of those while busy": world.scaling.seen.busy,
    },
    virtualSeconds: Math.round((world.time.now() - START_MILLISECONDS) / SECOND),
    trace: world.trace.text,
    drawn: { settings: world.settings, limits: world.limits, faultRates: world.faults.drawn },
    alarms: world.cloudWatch?.history ?? [],
  };
}

class Life {
  public readonly counts = { batches: 0, generations: 0, files: 0 };
  private readonly batchIds: string[] = [];
  private running = 0;
  private failure: { readonly error: unknown } | undefined;

  public constructor(private readonly world: World) {}

  public async run(): Promise<void> {
    const { faults, random, time } = this.world;
    const isCalm = this.world.options.isCalm === true;
    for (let batch = 0, batches = random.pick([1, 1, 1, 2]); batch < batches; batch += 1) {
      if (isCalm) this.startLater(batch);
      else this.startBatch(batch);
    }
    const uploads = this.world.followsAlarms ? this.uploadWaves() : uploadFiles(this.world, random.pick([0, 0, 1, 3, 5]));
    if (isCalm) uploads.push(...this.uploadLater());
    beginWorld(this.world);
    this.planAborts();
    planGarbling(this.world);
    this.planDeployment();
    time.after(FAULTS_CEASE_MILLISECONDS, () => {
      faults.cease();
    });
    const recovery = new RecoveryCheck(this.world);
    const idleCost = new IdleCostCheck(this.world);
    const earliestEnd = START_MILLISECONDS + (isCalm ? CALM_MILLISECONDS : 0);
    const isOver = (): boolean => this.failure !== undefined || (time.now() >= earliestEnd && this.isQuiet(uploads, idleCost));
    const end = await time.run(isOver, START_MILLISECONDS + LIMIT_MILLISECONDS);
    if (this.failure !== undefined) throw this.failure.error;
    if (end !== "over") this.world.facts.violate(2, `the world did not come to its end: ${this.unrest()}`);
    // how long a calm world takes is not for what is in it
    if (!isCalm) recovery.check();
    idleCost.check();
    checkCost(this.world);
    checkPartitions(this.world);
    checkOnDemand(this.world);
    // the checks read everything again, and are no part of the world
    faults.cease();
    currentVolume().failNextWrites(0);
    this.counts.batches = this.batchIds.length;
    Object.assign(this.counts, await checkEnd(this.world, this.batchIds, uploads, end === "over"));
  }

  private startLater(batch: number): void {
    const { random, time } = this.world;
    time.after(random.int(0, CALM_SPREAD_MILLISECONDS), () => {
      this.startBatch(batch);
    });
  }

  private uploadWaves(): Upload[] {
    const { random } = this.world;
    const waves = Array.from({ length: random.int(0, WAVES.most) }, () => random.int(0, WAVES_WITHIN_SECONDS));
    return waves.flatMap((afterSeconds, wave) => uploadFiles(this.world, random.pick(WAVES.files), afterSeconds, `upload ${wave} `));
  }

  private uploadLater(): Upload[] {
    const { random } = this.world;
    const times = Array.from({ length: CALM_UPLOADS }, () => random.int(0, CALM_SPREAD_MILLISECONDS / SECOND));
    return times.flatMap((afterSeconds) => uploadFiles(this.world, random.int(1, 5), afterSeconds));
  }

  private startBatch(batch: number): void {
    const { expectations, facts, names, random, store, time, trace } = this.world;
    const disturbed: DisturbedWorld = { names, time, trace, store, expectations, random: random.fork() };
    const batchId = this.world.newBatchId();
    const bringsFiles = random.chance(BRINGING_SHARE);
    const prefix = bringsFiles ? uploadPrefix(batchId) : `in ${batch}/`;
    const files: { key: string; kind: FileKind }[] = [];
    const brought: HashedFile[] = [];
    for (let index = 0, count = random.int(1, 8); index < count; index += 1) {
      const kind = this.pickKind(bringsFiles, random);
      const key = keyOf(prefix, index, kind);
      if (bringsFiles) brought.push(localFile(batchId, key.slice(prefix.length), makeFile(disturbed, key, kind)));
      else putFile(disturbed, names.source, key, kind);
      files.push({ key, kind });
    }
    facts.submitted.set(batchId, { bringsFiles, keys: new Set(files.map(({ key }) => key)) });
    if (this.world.options.isCalm !== true) planDisturbances(disturbed, files);
    const process = this.world.process(`operator ${batch}`);
    this.running += 1;
    operate(
      {
        ports: portsOf(process, this.world.services, process.name),
        random: random.fork(),
        settings: this.world.settings,
        names,
        now: () => time.now(),
        command: () => {
          const command = this.world.command(`command of operator ${batch}`);
          return { process: command, ports: portsOf(command, this.world.services, command.name) };
        },
        repairFiles: () => {
          repairFiles(disturbed, files);
        },
        onSubmitted: () => {
          this.batchIds.push(batchId);
        },
      },
      batchId,
      bringsFiles ? { kind: "files", files: brought } : { kind: "objects", prefix },
    ).then(
      () => {
        this.running -= 1;
      },
      (error: unknown) => {
        this.failure = { error };
      },
    );
  }

  private pickKind(bringsFiles: boolean, random: Random): FileKind {
    if (this.world.options.isCalm === true) return pickHarmlessKind(random);
    return bringsFiles ? pickOwnKind(random) : pickKind(random);
  }

  /** Somebody stops executions in the console, as soon as there are some. */
  private planAborts(): void {
    const { faults, machine, time } = this.world;
    if (!faults.strikes("sfn-execution-aborted")) return;
    const abort = (): void => {
      const open = machine.openExecutions();
      for (const name of open) machine.stopExecution(name, "Aborted", "stopped in the console");
      if (open.length === 0 && !faults.haveCeased) time.after(ABORT_RETRY_MILLISECONDS, abort);
    };
    time.after(faults.drawLogUniform(SECOND, 1_800 * SECOND), abort);
  }

  /** In some worlds a new version of the worker is deployed while everything runs. */
  private planDeployment(): void {
    const { fleet, onDemandFleet, random, time } = this.world;
    if (!random.chance(DEPLOYMENT_SHARE)) return;
    time.after(Math.round(random.logUniform(MINUTE, 2 * HOUR)), () => {
      fleet.deploy();
      onDemandFleet?.deploy();
    });
  }

  private isQuiet(uploads: readonly Upload[], idleCost: IdleCostCheck): boolean {
    const isWorkLeft = this.running > 0 || !areUploadsDue(this.world, uploads) || this.workLeft() !== "";
    idleCost.look(isWorkLeft);
    return !isWorkLeft && this.processesLeft() === "";
  }

  /** What still goes on. */
  private unrest(): string {
    return [this.workLeft(), this.processesLeft()].filter((part) => part !== "").join("; ");
  }

  private processesLeft(): string {
    const { deployed, fleet, functions, onDemandFleet } = this.world;
    return [
      functions.isIdle ? "" : "functions run",
      fleet.size > deployed.group.minimum ? `${fleet.size} instances run` : "",
      onDemandFleet !== undefined && onDemandFleet.size > 0 ? `${onDemandFleet.size} on-demand instances run` : "",
    ]
      .filter((part) => part !== "")
      .join("; ");
  }

  private workLeft(): string {
    const { machine, memoryQueues, rows } = this.world;
    const onDemand = memoryQueues.onDemandChunks?.contents.length ?? 0;
    const deadChunks = waitingDeadChunks(rows, memoryQueues.chunkDeadLetters.bodies);
    return [
      this.running > 0 ? "an operator waits for a batch" : "",
      machine.openExecutions().length > 0 ? `executions run: ${machine.openExecutions().join(", ")}` : "",
      memoryQueues.chunks.contents.length > 0 ? `${memoryQueues.chunks.contents.length} chunk messages wait` : "",
      onDemand > 0 ? `${onDemand} chunk messages wait for on-demand capacity` : "",
      deadChunks > 0 ? `${deadChunks} dead chunks wait` : "",
      memoryQueues.jobs.contents.length > 0 ? `${memoryQueues.jobs.contents.length} upload messages wait` : "",
    ]
      .filter((part) => part !== "")
      .join("; ");
  }
}
