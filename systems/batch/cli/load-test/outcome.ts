import { EXIT, type ExitCode } from "../../../../kit/cli/exit-codes";
import { holds } from "./check-items";
import type { LoadTest } from "./run-load-test";
import { alarmBands, inService, instanceLives, starting } from "./timeline";

/** Each file acknowledged, each with its one true item, and the fleet as small as before, where that was waited for. */
export const hasPassed = ({ items, summary, waitedForScaleIn }: Pick<LoadTest, "items" | "summary" | "waitedForScaleIn">): boolean =>
  summary.totalSeconds !== null && holds(items) && (!waitedForScaleIn || summary.scaledInSeconds !== null);

export const exitCodeOfTest = (test: LoadTest): ExitCode => (hasPassed(test) ? EXIT.done : EXIT.failed);

/** What `--json` prints (docs/json.md). */
export const testDocument = (test: LoadTest) => ({
  passed: hasPassed(test),
  runId: test.runId,
  files: test.files,
  bytes: test.bytes,
  copies: test.plan.keys.length,
  copiedTwice: test.plan.twice,
  leftOut: test.plan.leftOut,
  timeFactor: test.timeFactor,
  ...test.summary,
  // what a second is when policies are asked, too
  totalPolicySeconds: test.summary.totalSeconds === null ? null : Math.round(test.summary.totalSeconds * test.timeFactor),
  results: test.results,
  items: test.items,
  purged: test.preflight.purged ?? null,
  unseen: test.preflight.unseen,
  instanceLives: instanceLives(test.samples),
  alarms: alarmBands(test.samples),
  activities: test.activities,
  samples: test.samples.map((sample) => ({
    seconds: sample.seconds,
    visible: sample.visible,
    inFlight: sample.inFlight,
    acknowledged: sample.acknowledged,
    inService: inService(sample),
    starting: starting(sample),
    instances: sample.instances.length,
  })),
});
