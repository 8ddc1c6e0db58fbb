import { watchSpot, type SpotWatchDeps } from "../../worker/spot-watch";
import { ManualClock } from "../support/manual-clock";
import { until } from "../support/until";

const AT = "2026-01-01T00:02:00Z";

describe("watching for the end of a spot instance", () => {
  let clock: ManualClock;
  let taken: AbortController;
  let ended: AbortController;
  let steps: unknown[];
  let notice: () => Promise<string | undefined>;
  let note: () => Promise<void>;

  beforeEach(() => {
    clock = new ManualClock();
    taken = new AbortController();
    ended = new AbortController();
    steps = [];
    notice = () => Promise.resolve(AT);
    note = () => Promise.resolve();
    taken.signal.addEventListener("abort", () => steps.push("taken"));
  });
  const watch = (change: Partial<SpotWatchDeps> = {}): Promise<void> =>
    watchSpot(
      {
        spotNotices: { next: () => notice() },
        ledger: {
          noteSpotNotice: (worker, at) => {
            steps.push({ worker, at });
            return note();
          },
        },
        clock,
        log: (level, event) => steps.push(`${level} ${event}`),
        ...change,
      },
      "i-1",
      taken,
      ended.signal,
    );

  test("invariant 7: the notice is in the ledger before the worker drains, so that what it doesn't release counts as spot", async () => {
    await watch();
    expect(steps).toEqual(["warn spot_notice", { worker: "i-1", at: AT }, "taken"]);
  });

  test("a ledger that fails doesn't keep the worker from draining", async () => {
    note = () => Promise.reject(new Error("throttled"));
    await watch();
    expect(steps).toEqual(["warn spot_notice", { worker: "i-1", at: AT }, "error spot_note_failed", "taken"]);
  });

  test("a ledger that doesn't answer keeps the worker for 5 s, not longer", async () => {
    note = () => new Promise(() => undefined);
    const watching = watch();
    await until(() => clock.sleeping === 1);
    clock.advance(4_999);
    expect([clock.sleeping, taken.signal.aborted]).toEqual([1, false]);
    clock.advance(1);
    await watching;
    expect(steps.slice(-2)).toEqual(["error spot_note_failed", "taken"]);
  });

  test("it asks every 5 s, after a failed question too, until there is a notice", async () => {
    const answers = [() => Promise.resolve(undefined), () => Promise.reject(new Error("timeout")), () => Promise.resolve(AT)];
    let asked = 0;
    notice = () => answers[asked++]?.() ?? Promise.resolve(undefined);
    const watching = watch();
    for (const expected of [1, 2]) {
      await until(() => clock.sleeping === 1);
      expect(asked).toBe(expected);
      clock.advance(4_999);
      expect(clock.sleeping).toBe(1);
      clock.advance(1);
    }
    await watching;
    expect(steps).toEqual(["warn spot_watch_failed", "warn spot_notice", { worker: "i-1", at: AT }, "taken"]);
  });

  test("it ends with the worker, and where there are no notices at once; neither stops anything", async () => {
    notice = () => Promise.resolve(undefined);
    const watching = watch();
    await until(() => clock.sleeping === 1);
    ended.abort();
    await watching;
    const log = jest.fn();
    const open = new AbortController().signal;
    await watchSpot({ clock, ledger: { noteSpotNotice: () => Promise.resolve() }, log }, "i-1", taken, open);
    expect([steps, log.mock.calls, taken.signal.aborted]).toEqual([[], [], false]);
  });
});
