import { z } from "zod";
import { RETRY_MILLISECONDS } from "../../core/capacity/fleet-health";
import { MAXIMUM_STRIKES } from "../../core/chunk-work/careful-mode";
import { batchRecordSchema, fleetHealthSchema } from "../../contracts/ledger-rows";
import { BATCHES_PARTITION, FLEET_HEALTH_KEY } from "../../core/ledger/row-keys";
import { isArriving } from "../../core/stored-batch/arrivals";
import { MAXIMUM_GENERATIONS } from "./operator";
import { HOUR, MINUTE, SECOND, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import { FAULTS_CEASE_MILLISECONDS, WAVES_WITHIN_SECONDS } from "./settings";
import type { World } from "./world";

/**
 * What an undisturbed world takes at most, but for files that hang: nearly twice the 35 minutes of the slowest among seeds 1 to 1,200. Each
 * undisturbed world is held to it, so that it stays true.
 */
const UNDISTURBED_MILLISECONDS = HOUR;
/** A slot gives a failed chunk back for that long at most (worker/slot.ts). */
const LONGEST_PAUSE_MILLISECONDS = MINUTE;
/** What a disturbed world may take once all is well again, as a multiple of an undisturbed one. */
const RECOVERY_FACTOR = 2;

/**
 * What faults leave behind them is over an hour after: processes stand still and messages come late by some minutes, a silent host is
 * given up after 22 (check-cost.ts), after 15 more where the only invocation that may run is busy with a file that hangs.
 */
const SETTLED_MILLISECONDS = FAULTS_CEASE_MILLISECONDS + HOUR;
/** A submission whose files never come is waited for that long. A number of its own: whoever waits longer is to be noticed. */
const ABANDONED_MILLISECONDS = 24 * HOUR;

/**
 * No slowdown sustains itself: once faults have ceased, a run ends within a multiple of the time that it takes undisturbed, although
 * limits bind on. What waits by a rule (a halted fleet for its next try, a broken submission for the rest of its files) waits before that.
 */
export class RecoveryCheck {
  private waitsUntil = SETTLED_MILLISECONDS;

  public constructor(private readonly world: World) {
    world.time.after(SETTLED_MILLISECONDS, () => {
      this.look();
    });
  }

  /** To be called when the world is at its end. */
  public check(): void {
    const { facts, faults, time } = this.world;
    const took = time.now() - START_MILLISECONDS;
    const undisturbed = this.undisturbedMilliseconds;
    if (faults.isUndisturbed && took > undisturbed)
      facts.violate(13, `an undisturbed run took ${minutes(took)} minutes, at most ${minutes(undisturbed)} are to be`);
    const latest = this.waitsUntil + RECOVERY_FACTOR * undisturbed;
    if (took > latest)
      facts.violate(
        13,
        `the run ended after ${minutes(took)} minutes, it was to be at its end after ${minutes(latest)}: faults had ceased`,
      );
  }

  /** A file that hangs is tried until it has all its strikes, in each generation that takes it up. */
  private get undisturbedMilliseconds(): number {
    const { expectations, followsAlarms, settings } = this.world;
    // nobody's fault: the last wave of uploads comes as late
    const waves = followsAlarms ? WAVES_WITHIN_SECONDS * SECOND : 0;
    const strike = settings.progressTimeoutSeconds * SECOND + LONGEST_PAUSE_MILLISECONDS;
    return UNDISTURBED_MILLISECONDS + waves + expectations.hangingCount * MAXIMUM_GENERATIONS * MAXIMUM_STRIKES * strike;
  }

  /** What is waited for by a rule when all else is well again. */
  private look(): void {
    const { deployed, facts } = this.world;
    if (facts.uploadLostAt !== undefined) this.waitUntil(facts.uploadLostAt - START_MILLISECONDS + deployed.settlingSeconds * SECOND);
    for (const row of this.world.rows.all()) {
      const { pk } = keySchema.parse(row);
      if (pk === FLEET_HEALTH_KEY.pk && fleetHealthSchema.parse(row).halt !== undefined)
        this.waitUntil(SETTLED_MILLISECONDS + RETRY_MILLISECONDS);
      if (pk !== BATCHES_PARTITION) continue;
      const batch = batchRecordSchema.parse(row);
      if (isArriving(batch)) this.waitUntil(Date.parse(batch.submittedAt) - START_MILLISECONDS + ABANDONED_MILLISECONDS);
    }
  }

  private waitUntil(milliseconds: number): void {
    this.waitsUntil = Math.max(this.waitsUntil, milliseconds);
  }
}

const keySchema = z.object({ pk: z.string() });
const minutes = (milliseconds: number): number => Math.round(milliseconds / MINUTE);
