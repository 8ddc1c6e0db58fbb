import { cancelBatch } from "../../core/finish/cancel-batch";
import { NothingToResumeError, resumeBatch } from "../../core/generations/resume-batch";
import { QUARANTINE_REASONS } from "../../contracts/files";
import type { GenerationRef } from "../../contracts/batch";
import type { GenerationRecord } from "../../contracts/ledger-rows";
import { NotArrivedError } from "../../core/stored-batch/arrivals";
import type { Random } from "../../../../kit/simulator/kernel/random";
import type { SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import type { BucketNames } from "./deployed-stack";
import { persistently } from "./persistently";
import { submitPersistently, type Submitted } from "./submitter";
import { MINUTE, SECOND } from "../../../../kit/simulator/kernel/times";
import type { WorldSettings } from "./settings";
import type { WorldPorts } from "./world-ports";

export interface OperatorWorld {
  readonly names: BucketNames;
  readonly ports: WorldPorts;
  readonly random: Random;
  readonly settings: WorldSettings;
  readonly now: () => number;
  /** A process for one command, that may be killed. */
  readonly command: () => { readonly process: SimProcess; readonly ports: WorldPorts };
  /** Puts right what is wrong with a batch's files: what was denied or deleted can be read again. */
  readonly repairFiles: () => void;
  /** The ledger has the batch. */
  readonly onSubmitted: () => void;
}

const POLL_MILLISECONDS = 20 * SECOND;
/** Generations that the operator asks for at most. */
export const MAXIMUM_GENERATIONS = 3;

/** The user's side of one batch: submits it, may cancel it, waits for its end, may resume it. Repeats a command that failed. */
export async function operate(world: OperatorWorld, batchId: string, submitted: Submitted): Promise<void> {
  const { ports, random } = world;
  await ports.clock.sleep(random.int(0, 5) * MINUTE);
  if (!(await submitPersistently(world, batchId, submitted))) {
    // what the last command had sent arrives
    await ports.clock.sleep(MINUTE);
    if ((await persistently(ports, () => ports.ledger.getBatch(batchId))) === undefined) return;
  }
  world.onSubmitted();
  for (let generation = 1; ; generation += 1) {
    const cancels = random.chance(0.12);
    if (cancels) {
      await world.ports.clock.sleep(random.logUniform(1, 900) * SECOND);
      await persistently(ports, () => cancelBatch(ports, batchId));
    }
    const ended = await untilReported(world, { batchId, generation });
    if (generation === MAXIMUM_GENERATIONS || !mayResume(ended, random)) return;
    world.repairFiles();
    await world.ports.clock.sleep(random.int(1, 60) * SECOND);
    if (!(await resume(world, batchId))) return;
  }
}

async function untilReported({ ports }: OperatorWorld, ref: GenerationRef): Promise<GenerationRecord> {
  for (;;) {
    await ports.clock.sleep(POLL_MILLISECONDS);
    try {
      const generation = await ports.ledger.getGeneration(ref);
      if (generation?.completionSentAt !== undefined) return generation;
    } catch (error) {
      ports.log("warn", "operator_sees_error", { error });
    }
  }
}

const mayResume = ({ files }: GenerationRecord, random: Random): boolean =>
  random.chance(0.6) && files !== undefined && (files.quarantined > 0 || files.unfinished > 0 || files.total === 0);

async function resume({ names, ports, random }: OperatorWorld, batchId: string): Promise<boolean> {
  const reasons = random.chance(0.7) ? QUARANTINE_REASONS.filter(() => random.chance(0.8)) : [];
  try {
    await persistently(ports, () =>
      resumeBatch({ ...ports, objects: ports.store, stateBucket: names.state }, batchId, { reasons: [...reasons] }),
    );
    return true;
  } catch (error) {
    if (error instanceof NothingToResumeError || error instanceof NotArrivedError) return false;
    throw error;
  }
}
