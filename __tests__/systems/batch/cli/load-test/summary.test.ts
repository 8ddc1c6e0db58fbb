import { sizeOfItem, scanUnits } from "../../../../../systems/batch/cli/load-test/item-size";
import { Sampler, type Sample } from "../../../../../systems/batch/cli/load-test/samples";
import { summarise } from "../../../../../systems/batch/cli/load-test/summary";
import { alarmBands, instanceLives } from "../../../../../systems/batch/cli/load-test/timeline";
import { FakeClock } from "../../../../support/fakes/clock";
import { instances, PUBLISHED_RUN, sample } from "./samples";

const FACTS = { copiedSeconds: 4.2, acknowledgedSeconds: 110.4, scaledInSeconds: 240.3 };

test("the published run comes out of its samples: 108 and 12, one to four and back to the oldest (S1.76, S1.77, S1.82, S1.83, S1.90)", () => {
  expect(summarise({ ...FACTS, samples: PUBLISHED_RUN })).toEqual({
    copiedSeconds: 4.2,
    afterCopy: { seconds: 5, visible: 108, inFlight: 12 },
    mostVisible: 108,
    mostInFlight: 48,
    instances: { atFirst: 1, most: 4, mostSeconds: 80 },
    totalSeconds: 110.4,
    scaledInSeconds: 240.3,
    survivors: [{ id: "c", zone: "us-east-1c", seenSeconds: 0, isOldest: true }],
  });
});

test("who is left is not the oldest when somebody who was there before is gone", () => {
  const samples = [
    sample(0, { instances: instances("a") }),
    sample(5, { instances: instances("a", "b") }),
    sample(9, { instances: instances("b") }),
  ];
  expect(summarise({ ...FACTS, samples }).survivors).toEqual([{ id: "b", zone: "us-east-1b", seenSeconds: 5, isOldest: false }]);
});

test("what was not seen is null, not a number", () => {
  const summary = summarise({ samples: [sample(0)], copiedSeconds: 3, acknowledgedSeconds: undefined, scaledInSeconds: undefined });
  expect(summary).toMatchObject({ afterCopy: null, totalSeconds: null, scaledInSeconds: null, survivors: [] });
});

test("lives begin in service or not, and end at the first look without them", () => {
  expect(instanceLives(PUBLISHED_RUN)).toEqual([
    { id: "c", zone: "us-east-1c", seenSeconds: 0, inServiceSeconds: 0, goneSeconds: null },
    { id: "a", zone: "us-east-1a", seenSeconds: 60, inServiceSeconds: 80, goneSeconds: 240 },
    { id: "e", zone: "us-east-1e", seenSeconds: 80, inServiceSeconds: 80, goneSeconds: 180 },
    { id: "d", zone: "us-east-1d", seenSeconds: 80, inServiceSeconds: 80, goneSeconds: 180 },
  ]);
});

test("an alarm that goes off twice has two bands; one that still is on has no end", () => {
  const samples = [sample(1, { alarms: ["x"] }), sample(2), sample(3, { alarms: ["x", "a"] })];
  expect(alarmBands(samples)).toEqual([
    { name: "a", fromSeconds: 3, untilSeconds: null },
    { name: "x", fromSeconds: 1, untilSeconds: 2 },
    { name: "x", fromSeconds: 3, untilSeconds: null },
  ]);
});

describe("a sampler", () => {
  const quiet: Omit<Sample, "seconds"> = sample(0);

  test("looks until it sees what is waited for, and says when it had seen it", async () => {
    const clock = new FakeClock();
    let looks = 0;
    const look = async () => {
      looks += 1;
      // a look that takes two seconds
      await clock.sleep(2_000);
      return { ...quiet, acknowledged: looks };
    };
    const sampler = new Sampler(look, clock, 1_000);
    await expect(sampler.until(({ acknowledged }) => acknowledged === 3, 60, new AbortController().signal)).resolves.toBe(8);
    expect(sampler.samples.map(({ seconds }) => seconds)).toEqual([0, 3, 6]);
  });

  test("gives up after its bound", async () => {
    const sampler = new Sampler(() => Promise.resolve(quiet), new FakeClock(), 1_000);
    await expect(sampler.until(() => false, 5, new AbortController().signal)).resolves.toBeUndefined();
    expect(sampler.samples).toHaveLength(6);
  });

  test("ends with the reason of an interruption", async () => {
    const interruption = new AbortController();
    const sampler = new Sampler(() => Promise.resolve(quiet), new FakeClock(), 1_000);
    const waiting = sampler.until(
      () => {
        interruption.abort(new Error("interrupted"));
        return false;
      },
      60,
      interruption.signal,
    );
    await expect(waiting).rejects.toThrow("interrupted");
  });
});

test("items of the published size are 2.5 units at eventual consistency: 16,385 to 20,480 bytes together (S1.81)", () => {
  expect([16_384, 16_385, 20_480, 20_481].map(scanUnits)).toEqual([2, 2.5, 2.5, 3]);
});

test("an item's size counts names, values, and a byte an entry of a map", () => {
  const item = { bucket: "b", key: "k", etag: "", size: 0, lastModified: "", workload: "", optionsHash: "" };
  const without = sizeOfItem({ ...item, attributes: {} });
  // name 5, map 3, entry 1, word 6 bytes in UTF-8, number of two digits 2
  expect(sizeOfItem({ ...item, attributes: { Words: { größe: 12 } } }) - without).toBe(5 + 3 + 1 + 7 + 2);
});
