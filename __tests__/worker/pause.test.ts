import { isAborted, pause } from "../../worker/pause";
import { ManualClock } from "../support/manual-clock";

test("a pause lasts its time, or until it is aborted, which is no error", async () => {
  const clock = new ManualClock();
  const stop = new AbortController();
  const first = pause(clock, 100, stop.signal);
  clock.advance(100);
  await expect(first).resolves.toBeUndefined();
  const second = pause(clock, 100, stop.signal);
  expect(isAborted(stop.signal)).toBe(false);
  stop.abort(new Error("stopped"));
  await expect(second).resolves.toBeUndefined();
  expect(isAborted(stop.signal)).toBe(true);
});

test("a clock that fails for another reason is an error", async () => {
  const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.reject(new Error("broken clock")) };
  await expect(pause(clock, 100, new AbortController().signal)).rejects.toThrow("broken clock");
});
