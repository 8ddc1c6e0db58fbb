import { byteSize, count, plural } from "../../../../kit/cli/render/numbers";
import { renderTable } from "../../../../kit/cli/render/table";
import { foldText } from "../../../../kit/cli/terminal/text-width";
import { hasPassed } from "../load-test/outcome";
import { PUBLISHED } from "../load-test/published";
import type { LoadTest } from "../load-test/run-load-test";
import { alarmBands, instanceLives } from "../load-test/timeline";

/** Wrong and missing items that are named; --json has all. */
const SHOWN = 10;
const NONE = "-";

/** What came of a load test. Ends with a line end. */
export function renderLoadTest(test: LoadTest, width: number): string {
  const { items, plan, samples, summary, timeFactor } = test;
  const at = (seconds: number | null): string => (seconds === null ? NONE : `${seconds.toFixed(1)} s`);
  const rows: [what: string, here: string, published: string][] = [
    ["load", `${plural(test.files, "file")}, ${byteSize(test.bytes)}`, `${PUBLISHED.files} files, ${byteSize(PUBLISHED.bytes)}`],
    ["copies", `${count(plan.keys.length)} (one file twice), ${count(plan.leftOut.length)} left out`, NONE],
    ["last copy answered after", at(summary.copiedSeconds), NONE],
    [
      "jobs queue at the next look",
      summary.afterCopy === null ? NONE : `${count(summary.afterCopy.visible)} visible, ${count(summary.afterCopy.inFlight)} in flight`,
      `${PUBLISHED.visible} visible, ${PUBLISHED.inFlight} in flight`,
    ],
    ["at most", `${count(summary.mostVisible)} visible, ${count(summary.mostInFlight)} in flight`, NONE],
    [
      "instances in service",
      `${summary.instances.atFirst} to ${summary.instances.most}, the most after ${at(summary.instances.mostSeconds)}`,
      `${PUBLISHED.instances.from} to ${PUBLISHED.instances.to}`,
    ],
    ["last acknowledgement after", at(summary.totalSeconds), "110 to 375 s, by fleet"],
    ["results queue", plural(test.results, "message"), NONE],
    ["items as counted here", `${count(items.items - items.wrong.length)} of ${count(items.files)}`, `${PUBLISHED.files}`],
    [
      "a scan for them",
      `${count(items.scan.returned)} of ${count(items.scan.scanned)} scanned${items.scan.isWhole ? "" : " (not the whole table)"}, about ${items.estimatedReadUnits} RCU for ${byteSize(items.itemBytes)}`,
      `${PUBLISHED.files} of ${PUBLISHED.files}, ${PUBLISHED.readUnits} RCU`,
    ],
    ["at the minimum again after", test.waitedForScaleIn ? at(summary.scaledInSeconds) : "not waited for", NONE],
    ["who is left", survivorsText(test), "the oldest"],
  ];
  const lives = instanceLives(samples);
  const bands = alarmBands(samples);
  return [
    renderTable(
      [
        { head: "", least: 16 },
        { head: "here", least: 16 },
        { head: "published", least: 12 },
      ],
      rows,
      width,
    ),
    ...(lives.length === 0
      ? []
      : [
          renderTable(
            [{ head: "instance" }, { head: "zone" }, ...["seen", "in service", "gone"].map((head) => ({ head, align: "right" as const }))],
            lives.map((life) => [life.id, life.zone, at(life.seenSeconds), at(life.inServiceSeconds), at(life.goneSeconds)]),
            width,
          ),
        ]),
    ...(bands.length === 0
      ? ["no alarm went off"]
      : [
          renderTable(
            [{ head: "alarm", least: 16 }, ...["from", "until"].map((head) => ({ head, align: "right" as const }))],
            bands.map(({ fromSeconds, name, untilSeconds }) => [name, at(fromSeconds), at(untilSeconds)]),
            width,
          ),
        ]),
    ...problems(test, width),
    foldText(
      `Times are seconds since the first copy request; total processing time ends with the last acknowledgement in the results queue.${timeFactor === 1 ? "" : ` Policies and alarms passed ${timeFactor} times as fast.`}`,
      width,
    ),
    hasPassed(test) ? "passed" : "not passed",
    "",
  ].join("\n");
}

function survivorsText({ summary: { survivors } }: LoadTest): string {
  if (survivors.length === 0) return "nobody";
  const [first] = survivors;
  if (survivors.length === 1 && first !== undefined)
    return `${first.id} in ${first.zone}${first.isOldest ? ", the oldest" : ", not the oldest"}`;
  return `${survivors.length} instances`;
}

function problems({ items: { missing, wrong } }: LoadTest, width: number): string[] {
  const all = [...missing, ...wrong];
  if (all.length === 0) return [];
  const rows = all.slice(0, SHOWN).map(({ name, problem }) => [name, problem]);
  const table = renderTable(
    [
      { head: "file", least: 16 },
      { head: "what is wrong", least: 16 },
    ],
    rows,
    width,
  );
  return all.length > SHOWN ? [table, `and ${count(all.length - SHOWN)} more`] : [table];
}
