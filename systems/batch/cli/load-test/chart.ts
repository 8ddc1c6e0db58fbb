import { scaleLinear } from "d3-scale";
import { curveStepAfter, line } from "d3-shape";
import type { Sample } from "./samples";
import { alarmBands, inService, instanceLives, starting } from "./timeline";
import { PUBLISHED } from "./published";

/**
 * What the chart is made of. d3-scale and d3-shape compute ticks and paths, a few kilobytes of ISC code that need no browser; the elements
 * around them are written here. A library that draws whole charts would need a DOM (Observable Plot) or bring a language of its own along
 * (Vega-Lite, ten times all of this).
 */
export interface ChartInput {
  readonly title: string;
  readonly samples: readonly Sample[];
  readonly copiedSeconds: number;
  readonly acknowledgedSeconds: number | undefined;
  readonly minimum: number;
  readonly maximum: number;
  /** Seconds of policies in a second. */
  readonly timeFactor: number;
}

/** The first element of each chart: by it one that is there already is known for ours. */
export const CHART_MARK = "<!-- filemill load-test -->";

// in pixels; the width is that of a page of text, at which the smallest letters can be read
const WIDTH = 960;
const LEFT = 64;
const RIGHT = 24;
const QUEUE = { top: 96, height: 230 } as const;
const FLEET = { top: 372, height: 110 } as const;
const LANES_TOP = 500;
/** The name, and below it a bar for each time. */
const LANE_HEIGHT = 34;
const BAR = { below: 19, height: 10 } as const;
/** Between two labels of the axis. */
const PIXELS_PER_TICK = 90;

/** Light and dark. Colours of lines differ in lightness, too: a grey print keeps them apart. */
const COLOURS = {
  paper: ["#ffffff", "#14181d"],
  ink: ["#1c2128", "#e8ecf0"],
  faint: ["#66707b", "#9aa5b1"],
  grid: ["#d8dee4", "#333c46"],
  visible: ["#0b62c4", "#6db3ff"],
  flight: ["#c2570c", "#ff9d57"],
  service: ["#1a7f4b", "#4fcf8c"],
  start: ["#9a6b00", "#e5b93c"],
  alarm: ["#c8283c", "#ff7483"],
  done: ["#7a3fb0", "#c79bf2"],
} as const;

/** A class for what is filled with a colour, and one for what is drawn with it: not every viewer knows variables of CSS. */
const classes = (scheme: 0 | 1): string =>
  Object.entries(COLOURS)
    .map(([name, colours]) => `.f-${name} { fill: ${colours[scheme]}; } .s-${name} { stroke: ${colours[scheme]}; }`)
    .join("\n  ");
const STYLE = `
  svg { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
  .small { font-size: 12px; } .title { font-size: 18px; font-weight: 600; } .head { font-weight: 600; } .line { fill: none; stroke-width: 2; }
  ${classes(0)}
  @media (prefers-color-scheme: dark) {
  ${classes(1)}
  }
`;

/** Draws depth, fleet and alarms over the time since the first copy request, as SVG that needs nothing around it. */
export function drawChart(input: ChartInput): string {
  const { acknowledgedSeconds, copiedSeconds, maximum, minimum, samples, timeFactor, title } = input;
  const end = Math.max(1, ...samples.map(({ seconds }) => seconds));
  const x = scaleLinear([0, end], [LEFT, WIDTH - RIGHT]);
  const deepest = Math.max(1, ...samples.flatMap(({ inFlight, visible }) => [visible, inFlight]));
  const depth = scaleLinear([0, deepest], [QUEUE.top + QUEUE.height, QUEUE.top]).nice();
  const fleet = scaleLinear([0, Math.max(1, maximum)], [FLEET.top + FLEET.height, FLEET.top]);
  const bands = alarmBands(samples);
  const names = [...new Set(bands.map(({ name }) => name))];
  const bottom = LANES_TOP + Math.max(1, names.length) * LANE_HEIGHT;
  const height = bottom + 128;

  const path = (value: (sample: Sample) => number, y: (value: number) => number, colour: string, dash = ""): string => {
    const d =
      line<Sample>(
        ({ seconds }) => x(seconds),
        (sample) => y(value(sample)),
      ).curve(curveStepAfter)([...samples]) ?? "";
    return `<path class="line s-${colour}" d="${d}"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}/>`;
  };
  const lanes = names.map((name, index) => {
    const top = LANES_TOP + index * LANE_HEIGHT;
    const boxes = bands
      .filter((band) => band.name === name)
      .map(({ fromSeconds, untilSeconds }) => {
        const [from, until] = [x(fromSeconds), x(untilSeconds ?? end)];
        return `<rect x="${px(from)}" y="${top + BAR.below}" width="${px(Math.max(2, until - from))}" height="${BAR.height}" rx="2" class="f-alarm"><title>${escaped(name)}: ALARM from ${seconds(fromSeconds)}${untilSeconds === null ? "" : ` to ${seconds(untilSeconds)}`}</title></rect>`;
      });
    const label = `<text class="f-faint small" x="${LEFT}" y="${top + BAR.below - 5}">ALARM: ${escaped(name)}</text>`;
    return [...boxes, label].join("");
  });
  const marks = [
    { at: copiedSeconds, text: `last copy, ${seconds(copiedSeconds)}`, colour: "faint", row: 0 },
    ...(acknowledgedSeconds === undefined
      ? []
      : [{ at: acknowledgedSeconds, text: `last acknowledgement, ${seconds(acknowledgedSeconds)}`, colour: "done", row: 1 }]),
  ].map(({ at, colour, row, text }) => {
    const isRight = x(at) > WIDTH - 220;
    // beside the headings, not through them
    const pieces = [
      [QUEUE.top - 2, QUEUE.top + QUEUE.height],
      [FLEET.top, FLEET.top + FLEET.height],
    ].map(
      ([from = 0, to = 0]) =>
        `<line x1="${px(x(at))}" x2="${px(x(at))}" y1="${from}" y2="${to}" class="s-${colour}" stroke-dasharray="4 3"/>`,
    );
    return `${pieces.join("")}<text x="${px(x(at) + (isRight ? -6 : 6))}" y="${QUEUE.top + 14 + 17 * row}"${isRight ? ' text-anchor="end"' : ""} class="f-${colour}">${text}</text>`;
  });
  const pace = timeFactor === 1 ? "" : `; policies and alarms pass ${timeFactor} times as fast`;
  const used = new Set(instanceLives(samples).map(({ zone }) => zone));
  const legend = [
    ["visible", "", "visible"],
    ["flight", "6 3", "in flight"],
    ["service", "", "in service"],
    ["start", "6 3", "starting"],
  ] as const;
  return `${CHART_MARK}
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>${STYLE}</style>
<rect width="${WIDTH}" height="${height}" class="f-paper"/>
<text class="f-ink title" x="${LEFT}" y="32">${escaped(title)}</text>
${legend.map(([colour, dash, text], index) => `<line x1="${LEFT + 120 * index}" x2="${LEFT + 24 + 120 * index}" y1="52" y2="52" class="s-${colour}" stroke-width="2"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}/><text class="f-ink" x="${LEFT + 30 + 120 * index}" y="56">${text}</text>`).join("\n")}
<text class="f-ink head" x="${LEFT}" y="${QUEUE.top - 12}">Jobs queue, messages</text>
${grid(depth, depth.ticks(6))}
<text class="f-ink head" x="${LEFT}" y="${FLEET.top - 12}">Auto Scaling group, instances (${minimum} to ${maximum}; ${plainCount(used.size, "zone")})</text>
${grid(fleet, wholeTicks(fleet.ticks(Math.min(6, maximum))))}
${marks.join("\n")}
${path(({ visible }) => visible, depth, "visible")}
${path(({ inFlight }) => inFlight, depth, "flight", "6 3")}
${path(inService, fleet, "service")}
${path(starting, fleet, "start", "6 3")}
${lanes.join("\n")}
${names.length === 0 ? `<text class="f-faint small" x="${LEFT}" y="${LANES_TOP + BAR.below - 5}">no alarm went off</text>` : ""}
<line class="s-faint" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${bottom}" y2="${bottom}"/>
${x
  .ticks(Math.floor((WIDTH - LEFT - RIGHT) / PIXELS_PER_TICK))
  .map(
    (tick) =>
      `<line class="s-faint" x1="${px(x(tick))}" x2="${px(x(tick))}" y1="${bottom}" y2="${bottom + 5}"/><text class="f-faint small" x="${px(x(tick))}" y="${bottom + 20}" text-anchor="middle">${tick}</text>`,
  )
  .join("\n")}
<text class="f-ink" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${bottom + 42}" text-anchor="middle">seconds since the first copy request${pace}</text>
<text class="f-faint small" x="${LEFT}" y="${bottom + 74}">Published for 120 files: ${PUBLISHED.visible} visible and ${PUBLISHED.inFlight} in flight right after the copy; ${PUBLISHED.instances.from} to ${PUBLISHED.instances.to} instances, then back to ${PUBLISHED.instances.from}.</text>
<text class="f-faint small" x="${LEFT}" y="${bottom + 94}">Total processing time: from the first copy request to the last acknowledgement in the results queue.</text>
<text class="f-faint small" x="${LEFT}" y="${bottom + 114}">${samples.length} looks; depths are the approximate numbers that SQS gives.</text>
</svg>
`;
}

function grid(y: (value: number) => number, ticks: readonly number[]): string {
  return ticks
    .map(
      (tick) =>
        `<line class="s-grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(tick))}" y2="${px(y(tick))}"/><text class="f-faint small" x="${LEFT - 8}" y="${px(y(tick) + 4)}" text-anchor="end">${tick}</text>`,
    )
    .join("\n");
}

const wholeTicks = (ticks: readonly number[]): number[] => ticks.filter((tick) => Number.isInteger(tick));
const px = (value: number): string => value.toFixed(1);
const seconds = (value: number): string => `${value.toFixed(1)} s`;
const plainCount = (value: number, noun: string): string => `${value} ${noun}${value === 1 ? "" : "s"}`;

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
/** Text as XML takes it; characters that XML 1.0 can't hold go. https://www.w3.org/TR/xml/#charsets */
const escaped = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
