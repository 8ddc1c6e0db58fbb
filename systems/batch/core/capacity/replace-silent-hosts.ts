import { z } from "zod";
import type { LogEvent } from "../../../../kit/lib/log";
import type { FleetHealth, HostNote } from "../../contracts/ledger-rows";
import type { Hosts } from "../../../../kit/ports/capacity";
import type { Clock } from "../../../../kit/ports/clock";
import type { Ledger } from "../../ports/ledger";
import { tryEach } from "../../../../kit/lib/try-each";
import { afterFailedStarts, HEALTHY } from "./fleet-health";

export interface SilentHostsDeps {
  readonly ledger: Pick<Ledger, "hostNotes" | "getCursor" | "putCursor" | "fleetHealth" | "putFleetHealth">;
  readonly hosts: Hosts;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/** Five signs of life in a row that did not come (worker/host-watch.ts gives one a minute), or a clock that is off by as much. */
const SUSPICIOUS_MILLISECONDS = 5 * 60_000;
/**
 * How long a suspect must say nothing new: long enough for one that boots (one to two minutes), and for live ones to speak again after the
 * ledger was out of reach.
 */
const PATIENCE_MILLISECONDS = 10 * 60_000;
/** Share of the fleet that is replaced in one run at most (but one host always): if all seem silent, it is hardly the hosts. */
const LARGEST_SHARE = 0.1;
const CURSOR = "silent-hosts";
/**
 * Suspects by their id: the time that their last sign of life named (0: none yet), and since when it is known that this is the last. What a
 * host says is its own clock's time, which may be wrong by hours: a suspect that says something new is alive, whatever time it names.
 */
const suspectsSchema = z.record(z.string(), z.object({ saidAt: z.number(), since: z.number() }));
type Suspects = z.output<typeof suspectsSchema>;

/**
 * Ends hosts that show no sign of life: a start that failed, a process that hangs, a slot that never came back. Their group launches
 * others; the desired capacity stays (docs/adr/0010-signs-of-life.md). Their claims run out like those of any host that is lost.
 *
 * After some in a row that never gave a sign, with no other host that gives one, it is not the hosts: the fleet is halted, and those are
 * ended for good (docs/adr/0021-one-hand-on-the-capacity.md). The first sign of life ends the halt.
 *
 * @returns how many were ended
 * @throws AggregateError of those that could not be, after all were tried
 */
export async function replaceSilentHosts(deps: SilentHostsDeps): Promise<number> {
  const { clock, hosts, ledger } = deps;
  const now = clock.now();
  const [inService, notes, before, health] = await Promise.all([
    hosts.inService(),
    ledger.hostNotes(),
    readCursor(ledger),
    ledger.fleetHealth(),
  ]);
  const saidAt = new Map(notes.map(({ at, worker }) => [worker, at]));
  const suspects = suspectsOf(inService, saidAt, before, now);
  // before anything is ended: a run that fails must not begin the time anew
  await ledger.putCursor(CURSOR, JSON.stringify(suspects));
  const due = Object.keys(suspects).filter((host) => now - (suspects[host]?.since ?? now) >= PATIENCE_MILLISECONDS);
  const unstarted = due.filter((host) => !saidAt.has(host)).length;
  const { halt } = await judge(deps, health, { unstarted, isAlive: notes.some((note) => isNews(note, before, now)), now });
  if (halt !== undefined) return endAll(deps, due, saidAt);
  const most = Math.max(1, Math.floor(inService.length * LARGEST_SHARE));
  return tryEach("silent hosts", due.slice(0, most), async (host) => {
    await hosts.replace(host);
    deps.log("error", "host_replaced", lastWords(host, saidAt));
    return true;
  });
}

interface Starts {
  /** Hosts to be given up that never gave a sign. */
  readonly unstarted: number;
  /** Whether any host gave one of late. */
  readonly isAlive: boolean;
  readonly now: number;
}

/** What the fleet's health is now; a change of it is stored before anything is done about it. */
async function judge(
  { ledger, log }: SilentHostsDeps,
  before: FleetHealth = HEALTHY,
  { isAlive, now, unstarted }: Starts,
): Promise<FleetHealth> {
  let health = before;
  if (isAlive) health = HEALTHY;
  else if (unstarted > 0) health = afterFailedStarts(before, unstarted, now);
  if (health !== before && (health.failedStarts > 0 || before.failedStarts > 0)) await ledger.putFleetHealth(health);
  if (health.halt !== undefined) {
    // again and again as long as it lasts: an alarm counts these lines
    const { retryAt, since } = health.halt;
    log("error", "fleet_halted", {
      failedStarts: health.failedStarts,
      since: new Date(since).toISOString(),
      retryAt: new Date(retryAt).toISOString(),
    });
  } else if (before.halt !== undefined) log("info", "fleet_recovered", {});
  return health;
}

/** Nothing is launched in their place. */
function endAll(deps: SilentHostsDeps, due: readonly string[], saidAt: ReadonlyMap<string, number>): Promise<number> {
  return tryEach("silent hosts", due, async (host) => {
    await deps.hosts.end(host);
    deps.log("error", "host_ended", lastWords(host, saidAt));
    return true;
  });
}

function lastWords(instanceId: string, saidAt: ReadonlyMap<string, number>): Readonly<Record<string, string>> {
  const lastSign = saidAt.get(instanceId);
  return { instanceId, ...(lastSign === undefined ? {} : { lastSignAt: new Date(lastSign).toISOString() }) };
}

/** Whether a host said something new: by its clock just now, or something else than when it was last looked at. */
function isNews({ at, worker }: HostNote, before: Suspects, now: number): boolean {
  const earlier = before[worker];
  return Math.abs(now - at) < SUSPICIOUS_MILLISECONDS || (earlier !== undefined && earlier.saidAt !== at);
}

function suspectsOf(hosts: readonly string[], saidAt: ReadonlyMap<string, number>, before: Suspects, now: number): Suspects {
  const suspects: Suspects = {};
  for (const host of hosts) {
    const said = saidAt.get(host) ?? 0;
    if (Math.abs(now - said) < SUSPICIOUS_MILLISECONDS) continue;
    const earlier = before[host];
    suspects[host] = { saidAt: said, since: earlier?.saidAt === said ? earlier.since : now };
  }
  return suspects;
}

/** What another version remembered is forgotten: its suspects are found again. */
async function readCursor(ledger: SilentHostsDeps["ledger"]): Promise<Suspects> {
  const parsed = suspectsSchema.safeParse(JSON.parse((await ledger.getCursor(CURSOR)) ?? "{}"));
  return parsed.success ? parsed.data : {};
}
