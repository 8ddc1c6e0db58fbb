import { cancelBatch } from "../../core/finish/cancel-batch";
import { NothingToResumeError, resumeBatch } from "../../core/generations/resume-batch";
import { QUARANTINE_REASONS } from "../../core/contracts/files";
import type { GenerationRef, RequestedRoute } from "../../core/contracts/batch";
import type { GenerationRecord } from "../../core/contracts/ledger-rows";
import { submitBatch } from "../../core/submission/submit-batch";
import type { Random } from "../kernel/random";
import { MINIMUM_WORD_LENGTH } from "./sim-files";
import { MINUTE, NAMES, SECOND, type WorldSettings } from "./settings";
import type { WorldPorts } from "./world-ports";

export interface OperatorWorld {
  readonly ports: WorldPorts;
  readonly random: Random;
  readonly settings: WorldSettings;
  readonly now: () => number;
  /** A fresh batch id. */
  readonly newId: () => string;
  /** Puts right what is wrong with a batch's files: what was denied or deleted can be read again. */
  readonly repairFiles: (prefix: string) => void;
  /** A batch was asked for. */
  readonly onSubmitted: (batchId: string) => void;
}

const POLL_MILLISECONDS = 20 * SECOND;
/** Generations that the operator asks for at most. */
export const MAXIMUM_GENERATIONS = 3;

/** The user's side of one batch: submits it, may cancel it, waits for its end, may resume it. Repeats a command that failed. */
export async function operate(world: OperatorWorld, prefix: string): Promise<void> {
  const { random } = world;
  await world.ports.clock.sleep(random.int(0, 5) * MINUTE);
  const batchId = await submit(world, prefix);
  world.onSubmitted(batchId);
  for (let generation = 1; ; generation += 1) {
    const cancels = random.chance(0.12);
    if (cancels) {
      await world.ports.clock.sleep(random.logUniform(1, 900) * SECOND);
      await persistently(world, () => cancelBatch(world.ports, batchId));
    }
    const ended = await untilReported(world, { batchId, generation });
    if (generation === MAXIMUM_GENERATIONS || !mayResume(ended, random)) return;
    world.repairFiles(prefix);
    await world.ports.clock.sleep(random.int(1, 60) * SECOND);
    if (!(await resume(world, batchId))) return;
  }
}

function submit(world: OperatorWorld, prefix: string): Promise<string> {
  const { ports, random, settings } = world;
  const id = world.newId();
  const requestedRoute: RequestedRoute = random.pick(["fleet", "fleet", "lambda", "auto"]);
  const deadlineAfter = random.chance(0.08) ? random.int(1, 30) * MINUTE : undefined;
  return persistently(world, async () => {
    const { batch } = await submitBatch(
      { ledger: ports.ledger, objects: ports.store, workflow: ports.workflow, clock: ports.clock, newId: () => id },
      {
        requestId: `request ${prefix}`,
        source: { kind: "objects", source: { bucket: NAMES.source, prefix } },
        options: { minimumWordLength: MINIMUM_WORD_LENGTH, top: settings.top, encoding: "auto" },
        requestedRoute,
        acknowledgePerFileUpTo: settings.acknowledgePerFileUpTo,
        ...(deadlineAfter === undefined ? {} : { deadline: new Date(world.now() + deadlineAfter).toISOString() }),
      },
    );
    return batch.batchId;
  });
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

async function resume(world: OperatorWorld, batchId: string): Promise<boolean> {
  const reasons = world.random.chance(0.7) ? QUARANTINE_REASONS.filter(() => world.random.chance(0.8)) : [];
  try {
    await persistently(world, () =>
      resumeBatch({ ...world.ports, objects: world.ports.store, stateBucket: NAMES.state }, batchId, { reasons: [...reasons] }),
    );
    return true;
  } catch (error) {
    if (error instanceof NothingToResumeError) return false;
    throw error;
  }
}

/** A person repeats a command that failed because a service did. */
async function persistently<T>({ ports }: Pick<OperatorWorld, "ports">, command: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await command();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "ServiceFaultError") throw error;
      ports.log("warn", "operator_repeats", { error });
      await ports.clock.sleep(10 * SECOND);
    }
  }
}
