import { tellProgress } from "../../../../systems/batch/cli/run/tell-progress";
import type { GenerationRecord } from "../../../../systems/batch/contracts/ledger-rows";
import { reporterOn } from "../../../kit/cli/support/reporter";

describe("a batch that is watched", () => {
  const plan = {
    splitCount: 59,
    fileCount: 2,
    carriedFileCount: 0,
    chunkCount: 20,
    bytes: 4e9,
    route: "fleet",
    estimatedSeconds: 9,
    estimatedCostUsd: 0.01,
  };
  const told = (looks: readonly [progress: object, generation: object][]): string => {
    const { reporter, tape } = reporterOn(undefined);
    const tell = tellProgress(reporter);
    for (const [progress, generation] of looks) tell(progress as never, generation as unknown as GenerationRecord);
    reporter.finish();
    return tape.text;
  };
  test("counts splits where files are cut up, and says what that is; the numbers end at their total", () => {
    expect(
      told([
        [{ phase: "planning" }, {}],
        [{ phase: "planning" }, {}],
        [{ phase: "processing", settled: 30, total: 59 }, { plan }],
        [{ phase: "reducing" }, { plan, closeCause: "complete" }],
        [{ phase: "reported" }, { plan, closeCause: "complete" }],
      ]),
    ).toBe(
      "planning\n" +
        "plan: 2 files, 4.0 GB in 59 splits (a split is a file, or a part of a big one), in 20 chunks on route fleet; expected 9 s and $0.0100 on AWS\n" +
        "processed 30/59 splits (50 %)\nprocessed 59/59 splits (100 %)\nreducing\n",
    );
  });
  test("counts files where they are whole; a cancelled one stays at what was done", () => {
    const whole = { ...plan, splitCount: 2 };
    expect(
      told([
        [{ phase: "processing", settled: 1, total: 2 }, { plan: whole }],
        [{ phase: "closing" }, { plan: whole, closeCause: "cancelled" }],
      ]),
    ).toMatch(/^plan: 2 files, 4\.0 GB, in 20 chunks .*\nprocessed 1\/2 files \(50 %\)\nsealing\n$/);
  });
});
