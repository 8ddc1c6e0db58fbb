import { isDeepStrictEqual } from "node:util";
import type { ConformanceTarget } from "../../ports/conformance-target";
import { CONFORMANCE_CASES } from "./cases";
import type { ConformanceCase, Trace } from "./conformance-case";
import { interpreterTarget } from "./interpreter-target";
import { Session } from "./session";

/** How a case came out. */
export interface CaseResult {
  readonly name: string;
  readonly intent: string;
  /** As the interpreter has it. */
  readonly expected: Trace;
  readonly found: Trace;
  /** `known`: as the case says that the emulator differs. */
  readonly verdict: "same" | "known" | "differs";
  /** Why a known difference is one. */
  readonly why?: string;
}

export interface RunOptions {
  readonly cases?: readonly ConformanceCase[];
  /** true when the target is the local emulator, whose known differences are no surprise. */
  readonly emulator: boolean;
  /** Cases at a time. @default 4 - each one mostly waits */
  readonly concurrency?: number;
  /** Aborted: no further case is begun, those that run are given up and cleaned up. */
  readonly signal?: AbortSignal;
  /** @param total number of cases */
  readonly onResult?: (result: CaseResult, total: number) => void;
}

/** Runs the cases on a target and on the interpreter and compares them. @returns results in the order of the cases */
export async function runCases(target: ConformanceTarget, options: RunOptions): Promise<CaseResult[]> {
  const { cases = CONFORMANCE_CASES, concurrency = 4, emulator, onResult, signal } = options;
  const results: CaseResult[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < cases.length) {
      signal?.throwIfAborted();
      const index = next;
      next += 1;
      const each = cases[index];
      if (each === undefined) return;
      const [expected, found] = [await runCase(interpreterTarget, each), await runCase(target, each, signal)];
      const result = compare(each, expected, found, emulator);
      results[index] = result;
      onResult?.(result, cases.length);
    }
  };
  // all lanes end before an error leaves, so that no case is in the middle of its clean-up
  const ended = await Promise.allSettled(Array.from({ length: concurrency }, lane));
  for (const lane of ended) if (lane.status === "rejected") throw lane.reason;
  return results;
}

/** Runs one case in a place of its own, which is gone afterwards. */
export async function runCase(
  target: ConformanceTarget,
  { name, definition, prepare, drive }: ConformanceCase,
  signal?: AbortSignal,
): Promise<Trace> {
  const bench = await target.openBench(name);
  try {
    const session = new Session(bench, signal);
    await prepare?.(session);
    const created = await bench.createMachine(definition(bench));
    // undefined fields are none, as in JSON
    return JSON.parse(JSON.stringify(created === "refused" ? { created } : { created, ...(await drive(session)) })) as Trace;
  } finally {
    await bench.close();
  }
}

function compare({ name, intent, emulator: known }: ConformanceCase, expected: Trace, found: Trace, onEmulator: boolean): CaseResult {
  const base = { name, intent, expected, found };
  if (onEmulator && known !== undefined) {
    const predicted = JSON.parse(JSON.stringify({ ...expected, ...known.found })) as Trace;
    // a difference that is gone is one, too: the case's entry is then to be taken out
    return { ...base, verdict: isDeepStrictEqual(found, predicted) ? "known" : "differs", why: known.differs };
  }
  return { ...base, verdict: isDeepStrictEqual(found, expected) ? "same" : "differs" };
}
