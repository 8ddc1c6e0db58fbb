import type { EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import { LAMBDA_GIBIBYTE_SECOND, LAMBDA_REQUEST, SPOT_WORKER_SECOND } from "../../../../kit/lib/prices";
import { MINUTE, SECOND, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import type { FunctionsObserver } from "../../../../kit/simulator/services/functions-service";
import type { Violation } from "../../../../kit/simulator/survey/simulation";
import { beginWorld, newWorld } from "../world/begin-world";
import { checkUploads } from "../world/check-uploads";
import { keyOf } from "../world/sim-files";
import { areUploadsDue, upload, type Upload } from "../world/uploads";
import type { World } from "../world/world";

/** What reading a file takes at most: long against the two seconds within which S3 tells of all, so that they are in work together. */
const READ_MILLISECONDS = 40 * SECOND;
const MEBIBYTES_PER_GIBIBYTE = 1_024;
const HOUR_MILLISECONDS = 60 * MINUTE;

/** What the functions of a world did, by their codes, and what is paid for it. */
export class FunctionUse implements FunctionsObserver {
  public readonly runs: Record<string, number> = {};
  /** At the same time. */
  public readonly most: Record<string, number> = {};
  public readonly throttles: Record<string, number> = {};
  private readonly running: Record<string, number> = {};
  private dollarsSoFar = 0;
  private world: Pick<World, "deployed" | "time"> | undefined;

  /** To be told of the world whose functions it looks at, before any of them runs. */
  public watch(world: Pick<World, "deployed" | "time">): void {
    this.world = world;
  }

  public readonly started = (code: string): (() => void) => {
    const { deployed, time } = this.watched;
    const began = time.now();
    const gibibytes = deployed.functionOfCode(code).memoryMebibytes / MEBIBYTES_PER_GIBIBYTE;
    this.runs[code] = (this.runs[code] ?? 0) + 1;
    const running = (this.running[code] ?? 0) + 1;
    this.running[code] = running;
    this.most[code] = Math.max(this.most[code] ?? 0, running);
    return () => {
      this.running[code] = (this.running[code] ?? 1) - 1;
      this.dollarsSoFar += ((time.now() - began) / SECOND) * gibibytes * LAMBDA_GIBIBYTE_SECOND + LAMBDA_REQUEST;
    };
  };

  public readonly throttled = (code: string): void => {
    this.throttles[code] = (this.throttles[code] ?? 0) + 1;
  };

  /** Of runs that are over. */
  public get dollars(): number {
    return this.dollarsSoFar;
  }

  private get watched(): Pick<World, "deployed" | "time"> {
    if (this.world === undefined) throw new Error("no world is watched");
    return this.world;
  }
}

export interface BurstOutcome {
  readonly violations: readonly Violation[];
  /** Messages on the results queue for each upload, at least and at most. */
  readonly acknowledgements: { readonly fewest: number; readonly most: number };
  /** From the first upload to the last acknowledgement, in seconds. */
  readonly seconds: number;
  readonly use: Pick<FunctionUse, "most" | "runs" | "throttles" | "dollars">;
  readonly instanceHours: number;
}

/** Files that are uploaded at once in an undisturbed world whose account lets so many functions run at the same time. */
export async function burstOfUploads(
  stack: EvaluatedStack,
  { concurrency, uploads: count }: { readonly concurrency: number; readonly uploads: number },
): Promise<BurstOutcome> {
  const { use, world } = watchedWorld(stack, concurrency);
  const random = world.random.fork();
  const uploads = Array.from({ length: count }, (_, index): Upload => {
    const key = keyOf("burst ", index, "text");
    upload(world, random, key, "text");
    return { key, kind: "text", lastPutAt: START_MILLISECONDS };
  });
  beginWorld(world);
  // whoever looks after each event looks at a thousand uploads each time
  let isDue = false;
  const look = (): void => {
    isDue = areUploadsDue(world, uploads);
    world.time.after(SECOND, look);
  };
  world.time.after(SECOND, look);
  await world.time.run(() => isDue && world.functions.isIdle, START_MILLISECONDS + 24 * HOUR_MILLISECONDS);
  const ended = world.time.now();
  await checkUploads(world, uploads);
  const copies = new Map(uploads.map(({ key }) => [key, 0]));
  for (const body of [...world.facts.sent.values()].flat()) {
    const { key } = JSON.parse(body) as { readonly key: string };
    copies.set(key, (copies.get(key) ?? 0) + 1);
  }
  return {
    violations: world.facts.violations,
    acknowledgements: { fewest: Math.min(...copies.values()), most: Math.max(...copies.values()) },
    seconds: (ended - START_MILLISECONDS) / SECOND,
    use: { most: use.most, runs: use.runs, throttles: use.throttles, dollars: use.dollars },
    instanceHours: world.fleet.paid.since(START_MILLISECONDS) / HOUR_MILLISECONDS,
  };
}

/** An environment to which nothing comes for so long: what its functions and its instances did, and what was paid for instances. */
export async function nothingToDo(
  stack: EvaluatedStack,
  hours: number,
): Promise<{ readonly use: Pick<FunctionUse, "runs" | "dollars">; readonly instanceDollars: number }> {
  const { use, world } = watchedWorld(stack);
  beginWorld(world);
  await world.time.run(() => false, START_MILLISECONDS + hours * HOUR_MILLISECONDS);
  return {
    use: { runs: use.runs, dollars: use.dollars },
    instanceDollars: (world.fleet.paid.since(START_MILLISECONDS) / SECOND) * SPOT_WORKER_SECOND,
  };
}

function watchedWorld(stack: EvaluatedStack, concurrency?: number): { readonly world: World; readonly use: FunctionUse } {
  const use = new FunctionUse();
  const world = newWorld(1, stack, {
    keepTrace: false,
    isUndisturbed: true,
    functions: use,
    settings: { readMilliseconds: READ_MILLISECONDS },
    ...(concurrency === undefined ? {} : { concurrency }),
  });
  use.watch(world);
  return { world, use };
}
