import type { FleetHealth } from "../../contracts/ledger-rows";

/**
 * Hosts in a row that were given up without ever a sign of life, after which the fleet is halted. One may have bad luck with its hardware,
 * two with a service that was away for half an hour; each more costs twenty minutes of a host.
 */
export const FAILED_STARTS_UNTIL_HALT = 3;
/**
 * How long a halted fleet waits before it tries one host again, in milliseconds: if the cause was outside (an archive that could not be
 * read for an hour), nobody has to do anything. Four hosts a day of twenty minutes each cost less than a cent an hour.
 */
export const RETRY_MILLISECONDS = 6 * 3_600_000;

export const HEALTHY: FleetHealth = { failedStarts: 0 };

/** @param more hosts that were given up just now, and never gave a sign; at least 1 */
export function afterFailedStarts(health: FleetHealth | undefined, more: number, now: number): FleetHealth {
  const failedStarts = (health?.failedStarts ?? 0) + more;
  if (failedStarts < FAILED_STARTS_UNTIL_HALT) return { failedStarts };
  return { failedStarts, halt: { since: health?.halt?.since ?? now, retryAt: now + RETRY_MILLISECONDS } };
}

/** The capacity up to which hosts may be launched: all, or of a halted fleet none, or one to try once its time has come. */
export function launchLimit(health: FleetHealth | undefined, maximum: number, now: number): number {
  if (health?.halt === undefined) return maximum;
  return now < health.halt.retryAt ? 0 : Math.min(1, maximum);
}
