import type { EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import { HOUR, SECOND, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import type { SeedOutcome, Worlds } from "../../../../kit/simulator/survey/simulation";
import { checkEnd } from "./final-checks";
import { MediaWorld } from "./media-world";
import { operate } from "./operator";
import { uploadFiles } from "./uploader";

/** After this time nothing goes wrong any more: whatever was disturbed must come to its end. */
const FAULTS_CEASE_MILLISECONDS = HOUR;
/** An event that is throttled may wait for 6 hours; a world that is not at its end by then has lost something. */
const LIMIT_MILLISECONDS = 12 * HOUR;
/** Nobody uploads any more, and what is under way is over. */
const QUIET_AFTER_MILLISECONDS = FAULTS_CEASE_MILLISECONDS + 10 * SECOND;

/** Lives through one world, from its seed to its end, and checks it. */
export const runSeed: Worlds["runSeed"] = (seed, stack, keepTrace = false, provoked = []) =>
  runWorld(new MediaWorld(seed, stack, { keepTrace, provoked }), seed);

/** As runSeed, in a world in which nothing goes wrong, and in which the alarms are looked at. */
export const runUndisturbed = (seed: number, stack: EvaluatedStack, keepTrace = false): Promise<SeedOutcome> =>
  runWorld(new MediaWorld(seed, stack, { keepTrace, isUndisturbed: true, watchesAlarms: true, isCalm: true }), seed);

async function runWorld(world: MediaWorld, seed: number): Promise<SeedOutcome> {
  const { facts, faults, latencyMilliseconds, limits, time, trace } = world;
  try {
    uploadFiles(world);
    operate(world);
    world.cloudWatch?.start();
    time.after(FAULTS_CEASE_MILLISECONDS, () => {
      faults.cease();
    });
    const isOver = (): boolean =>
      time.now() > START_MILLISECONDS + QUIET_AFTER_MILLISECONDS &&
      world.functions.isIdle &&
      world.failedEventCount === 0 &&
      [...facts.uploads.keys()].every((id) => facts.sent.has(id));
    const end = await time.run(isOver, START_MILLISECONDS + LIMIT_MILLISECONDS);
    if (end !== "over") facts.violate("the world did not come to its end");
    await checkEnd(world);
  } catch (error) {
    facts.violate(`the world broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, 0);
  }
  const copies = [...facts.copies.values()].flat().length;
  return {
    seed,
    violations: facts.violations,
    faults: faults.counts,
    counts: { uploads: facts.uploads.size, messages: copies },
    virtualSeconds: Math.round((time.now() - START_MILLISECONDS) / SECOND),
    trace: trace.text,
    alarms: world.cloudWatch?.history ?? [],
    drawn: { latencyMilliseconds, limits, faultRates: faults.drawn },
  };
}
