import { CHART_MARK, drawChart, type ChartInput } from "../../../../../systems/batch/cli/load-test/chart";
import { PUBLISHED_RUN, sample } from "./samples";

const INPUT: ChartInput = {
  title: "Load test",
  samples: PUBLISHED_RUN,
  copiedSeconds: 4.2,
  acknowledgedSeconds: 110.4,
  minimum: 1,
  maximum: 5,
  timeFactor: 1,
};

/** The points of a path of steps: only M, H, V and L with whole commands. */
const heightsOf = (svg: string, name: string): number[] => {
  const [, d = ""] = new RegExp(`<path class="line s-${name}" d="([^"]*)"`).exec(svg) ?? [];
  return d
    .slice(1)
    .split("L")
    .map((point) => Number(point.split(",")[1]));
};

test("says what it shows: axes with units, the marks, each alarm, the published figures, what the total time is (S1.76, S1.90)", () => {
  const svg = drawChart(INPUT);
  expect(svg.startsWith(CHART_MARK)).toBe(true);
  for (const text of [
    "Jobs queue, messages",
    "Auto Scaling group, instances (1 to 5; 4 zones)",
    "seconds since the first copy request<",
    "last copy, 4.2 s",
    "last acknowledgement, 110.4 s",
    "ALARM: scale-out",
    "ALARM: scale-in",
    "108 visible and 12 in flight right after the copy",
    "from the first copy request to the last acknowledgement in the results queue",
  ])
    expect(svg).toContain(text);
  expect(svg).toContain("prefers-color-scheme: dark");
});

test("the deeper the queue, the higher the line; the more instances, too", () => {
  const svg = drawChart(INPUT);
  const visible = heightsOf(svg, "visible");
  const service = heightsOf(svg, "service");
  // up is less in SVG
  expect(Math.min(...visible)).toBeLessThan(visible[0] ?? 0);
  expect(visible.at(-1)).toBe(visible[0]);
  expect(Math.min(...service)).toBeLessThan(service[0] ?? 0);
  expect(service.at(-1)).toBe(service[0]);
});

test("a faster clock of policies is said, and so is that no alarm went off; without an end there is no mark of one", () => {
  const svg = drawChart({ ...INPUT, samples: [sample(0), sample(9)], acknowledgedSeconds: undefined, timeFactor: 10 });
  expect(svg).toContain("policies and alarms pass 10 times as fast");
  expect(svg).toContain("no alarm went off");
  expect(svg).not.toContain("last acknowledgement,");
  expect(svg).not.toContain("NaN");
});

test("names can't break out of their text", () => {
  const name = '"/><script>alert(1)</script>&\u0000\u001b';
  const svg = drawChart({ ...INPUT, samples: [sample(0, { alarms: [name] }), sample(9)] });
  expect(svg).not.toContain("<script>");
  expect(svg).toContain("&quot;/&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;");
  expect(svg).not.toMatch(/[\u0000\u001b]/);
});
