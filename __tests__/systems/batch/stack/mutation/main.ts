import { configurationOf, synthesize } from "../../../../support/synth";
import { ALL_ASSERTIONS } from "../assertions/all";
import { EXCUSES, MAXIMUM_EXCUSED_SHARE } from "./excuses";
import { tryMutants } from "./try-mutants";

const ENVIRONMENTS = ["prod", "coursework"] as const;
const MINUTE_MS = 60_000;

/** `npm run mutate:infrastructure`. @returns the exit code: 1 with survivors, too many excuses, or excuses for nothing */
export function main(say: (line: string) => void): number {
  let bad = false;
  const used = new Set<unknown>();
  for (const name of ENVIRONMENTS) {
    const config = configurationOf(name);
    const started = performance.now();
    const { mutants, noticed, excused, survivors } = tryMutants(
      { name, config, stack: synthesize(config) },
      { assertions: ALL_ASSERTIONS, excuses: EXCUSES },
    );
    const perMinute = Math.round((mutants * MINUTE_MS) / (performance.now() - started));
    for (const { address, path, mutation } of survivors) say(`${name}: survived: ${address} ${path} ${mutation}`);
    for (const [{ reason }, count] of excused) say(`${name}: excused: ${count}, ${reason}`);
    const excusedCount = [...excused.values()].reduce((sum, count) => sum + count, 0);
    say(`${name}: ${mutants} mutants, ${noticed} noticed, ${excusedCount} excused, ${survivors.length} survivors (${perMinute} a minute)`);
    if (survivors.length > 0) bad = true;
    if (excusedCount > mutants * MAXIMUM_EXCUSED_SHARE) {
      say(`${name}: more than ${MAXIMUM_EXCUSED_SHARE * 100} % are excused; assert what they change`);
      bad = true;
    }
    for (const excuse of excused.keys()) used.add(excuse);
  }
  for (const { reason } of EXCUSES.filter((excuse) => !used.has(excuse))) {
    say(`excuses nothing: ${reason}`);
    bad = true;
  }
  return bad ? 1 : 0;
}
