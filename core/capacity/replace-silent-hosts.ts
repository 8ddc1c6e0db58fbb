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
 * @returns how many were replaced
 * @throws AggregateError of those that could not be, after all were tried
 */
export async function replaceSilentHosts({ clock, hosts, ledger, log }: SilentHostsDeps): Promise<number> {
  const now = clock.now();
  const [inService, notes, before] = await Promise.all([hosts.inService(), ledger.hostNotes(), readCursor(ledger)]);
  const saidAt = new Map(notes.map(({ at, worker }) => [worker, at]));
  const suspects = suspectsOf(inService, saidAt, before, now);
  // before anything is ended: a run that fails must not begin the time anew
  await ledger.putCursor(CURSOR, JSON.stringify(suspects));
  const due = Object.keys(suspects).filter((host) => now - (suspects[host]?.since ?? now) >= PATIENCE_MILLISECONDS);
  const most = Math.max(1, Math.floor(inService.length * LARGEST_SHARE));
  return tryEach("silent hosts", due.slice(0, most), async (host) => {
    await hosts.replace(host);
    const lastSign = saidAt.get(host);
    log("error", "host_replaced", {
      instanceId: host,
      ...(lastSign === undefined ? {} : { lastSignAt: new Date(lastSign).toISOString() }),
    });
    return true;
  });
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
