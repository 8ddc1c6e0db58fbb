import { z } from "zod";
import type { LogEvent } from "../chunk-work/chunk-deps";
import type { Hosts } from "../ports/capacity";
import type { Clock } from "../ports/clock";
import type { Ledger } from "../ports/ledger";
import { tryEach } from "../try-each";

export interface SilentHostsDeps {
  readonly ledger: Pick<Ledger, "hostNotes" | "getCursor" | "putCursor">;
  readonly hosts: Hosts;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/** Five signs of life in a row that did not come (worker/host-watch.ts gives one a minute). */
const SILENT_MILLISECONDS = 5 * 60_000;
/**
 * How long a host must be found silent: long enough for one that boots (one to two minutes), and for live ones to speak again after the
 * ledger was out of reach.
 */
const PATIENCE_MILLISECONDS = 10 * 60_000;
/** Share of the fleet that is replaced in one run at most (but one host always): if all seem silent, it is hardly the hosts. */
const LARGEST_SHARE = 0.1;
const CURSOR = "silent-hosts";
/** Since when each host was found silent, by its id; milliseconds since the epoch. */
const sinceSchema = z.record(z.string(), z.number());

/**
 * Ends hosts that show no sign of life: a start that failed, a process that hangs, a slot that never came back. Their group launches
 * others; the desired capacity stays (design section 6). Their claims run out like those of any host that is lost.
 *
 * @returns how many were replaced
 * @throws AggregateError of those that could not be, after all were tried
 */
export async function replaceSilentHosts({ clock, hosts, ledger, log }: SilentHostsDeps): Promise<number> {
  const now = clock.now();
  const [inService, notes, before] = await Promise.all([hosts.inService(), ledger.hostNotes(), readCursor(ledger)]);
  const spokeAt = new Map(notes.map(({ at, worker }) => [worker, at]));
  const silent = inService.filter((host) => now - (spokeAt.get(host) ?? 0) >= SILENT_MILLISECONDS);
  const since = new Map(silent.map((host) => [host, silentSince(before[host], spokeAt.get(host), now)]));
  // before anything is ended: a run that fails must not begin the time anew
  await ledger.putCursor(CURSOR, JSON.stringify(Object.fromEntries(since)));
  const due = silent.filter((host) => now - (since.get(host) ?? now) >= PATIENCE_MILLISECONDS);
  const most = Math.max(1, Math.floor(inService.length * LARGEST_SHARE));
  return tryEach("silent hosts", due.slice(0, most), async (host) => {
    await hosts.replace(host);
    const lastSign = spokeAt.get(host);
    log("error", "host_replaced", {
      instanceId: host,
      ...(lastSign === undefined ? {} : { lastSignAt: new Date(lastSign).toISOString() }),
    });
    return true;
  });
}

/** A word after the silence was noticed ended it, even if no run saw the host alive. */
const silentSince = (noticedAt: number | undefined, spokeAt: number | undefined, now: number): number =>
  noticedAt === undefined || (spokeAt ?? 0) > noticedAt ? now : noticedAt;

const readCursor = async (ledger: SilentHostsDeps["ledger"]): Promise<z.output<typeof sinceSchema>> =>
  sinceSchema.parse(JSON.parse((await ledger.getCursor(CURSOR)) ?? "{}"));
