import type { ConformanceCase } from "./conformance-case";
import { catchAll, failingOnBad, ITEMS, only, overItems, sendAndWait } from "./machines";
import type { Session } from "./session";

const items =
  (...lines: unknown[]) =>
  ({ bench }: Session): Promise<void> =>
    bench.putObject(`${bench.prefix}${ITEMS}`, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

/** The distributed Map. */
export const MAP_CASES: readonly ConformanceCase[] = [
  {
    name: "map-jsonl",
    intent: "a child per line of the object, selected from item, index and state; results in the order of the lines",
    definition: (places) => only(overItems(places, { Child: { Type: "Pass", End: true } })),
    prepare: items({ n: 1 }, { n: 2 }, { n: 3 }),
    drive: async (session) => {
      await session.start({ batch: "b" });
      const end = await session.ended();
      return { ...end, children: await session.childCounts() };
    },
  },
  {
    name: "map-reader-failed",
    intent: "an object that is not there is States.ItemReaderFailed, which can be caught",
    definition: (places) => only(overItems(places, { Child: { Type: "Pass", End: true } }, catchAll)),
    drive: async (session) => {
      await session.start({ batch: "b" });
      const { status, output } = await session.ended();
      const { error, ...kept } = output as { error?: { Error?: string } };
      return { status, error: error?.Error, kept };
    },
  },
  {
    name: "map-threshold",
    intent: "more failures than tolerated fail the Map with States.ExceedToleratedFailureThreshold",
    definition: (places) => only(overItems(places, failingOnBad)),
    prepare: items("good", "bad"),
    drive: async (session) => {
      await session.start({ batch: "b" });
      return { ...(await session.ended()) };
    },
  },
  {
    name: "map-tolerated",
    intent: "a tolerated failure leaves the Map well; the result has all there is to say of that child",
    definition: (places) => only(overItems(places, failingOnBad, { ToleratedFailurePercentage: 50 })),
    prepare: items("good", "bad"),
    drive: async (session) => {
      await session.start({ batch: "b" });
      const { status, output } = await session.ended();
      const [good, bad] = output as readonly unknown[];
      return { status, good, bad: (bad as { Error?: string } | null)?.Error, children: await session.childCounts() };
    },
    emulator: { differs: "a tolerated failure is null in its result", found: { bad: undefined } },
  },
  {
    name: "map-result-writer",
    intent: "ResultWriter writes a manifest and files by outcome, and the state's output says where",
    definition: (places) =>
      only(
        overItems(places, failingOnBad, {
          ToleratedFailurePercentage: 100,
          ResultWriter: {
            Resource: "arn:aws:states:::s3:putObject",
            Parameters: { Bucket: places.bucket, Prefix: `${places.prefix}results` },
          },
        }),
      ),
    prepare: items("good", "bad"),
    drive: async (session) => {
      await session.start({ batch: "b" });
      const { status, output } = await session.ended();
      const written = (await session.bench.listObjects()).filter((key) => key.includes("/results/"));
      return {
        status,
        outputFields: Object.keys(output as object).sort(),
        written: written.map((key) => key.slice(key.lastIndexOf("/") + 1)).sort(),
      };
    },
    emulator: { differs: "it ignores ResultWriter without a word", found: { outputFields: ["0", "1"], written: [] } },
  },
  {
    name: "map-stopped",
    intent: "stopping an execution aborts the children that run; their tokens are TaskTimedOut",
    definition: (places) => only(overItems(places, { Child: sendAndWait(places) })),
    prepare: items(1, 2),
    drive: async (session) => {
      await session.start({ batch: "b" });
      const tokens = [(await session.message()).token, (await session.message()).token];
      await session.stop();
      const end = await session.ended();
      // a Map Run may go on for a moment after its parent has stopped
      await session.sleep(2);
      const children = await session.childCounts();
      return { ...end, children, late: await session.succeed(tokens[0] ?? "", {}) };
    },
    emulator: { differs: "children of a stopped execution go on", found: { children: { RUNNING: 2 }, late: "accepted" } },
  },
];
