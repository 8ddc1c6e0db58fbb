import { BATCH_BOUNDS } from "../../core/forecast/batches";
import type { Forecast } from "../../core/forecast/forecast";
import type { Limit, Raise } from "../../core/forecast/limits";
import type { ForecastRoute, PossibleRoute, RouteForecast } from "../../core/forecast/route-forecast";
import { COST_PARTS, type CostPart } from "../../core/pricing/estimate";
import { byteSize, count, duration, plural, smallUsDollars } from "../../../../kit/cli/render/numbers";
import { renderTable } from "../../../../kit/cli/render/table";
import { printable } from "../../../../kit/lib/printable";
import { foldText } from "../../../../kit/cli/terminal/text-width";

const ROUTE_NAMES: Readonly<Record<ForecastRoute, string>> = {
  fleet: "fleet",
  lambda: "Lambda",
  spark: "Spark on EMR Serverless (on paper)",
};
const SIZES: Readonly<Record<ForecastRoute, string>> = { fleet: "worker", lambda: "invocation", spark: "executor vCPU" };

/** @param deadlineSeconds that was asked for */
export function renderForecast(forecast: Forecast, deadlineSeconds: number | undefined, width: number): string {
  const { assumptions, batches, chosen, routes, subject, submitAtOnce, work } = forecast;
  const tables = [routeTable(routes, width), costTable(routes, width)];
  const lines = [
    `${plural(subject.files, "file")}, ${byteSize(subject.bytes)}: ${plural(work.chunkCount, "chunk")}, ${duration(work.slotSeconds)} of one slot, the longest chunk ${duration(work.largestChunkSeconds)}`,
    batches.count === 1
      ? "one batch"
      : `${count(batches.count)} batches of up to ${plural(batches.filesEach, "file")} (bound by the ${BATCH_BOUNDS[batches.because]}), ${batches.open} open at a time; submit ${submitAtOnce === batches.count ? "all at once" : `no more than ${count(submitAtOnce)} at once`}`,
    ...tables,
    ...routes.flatMap((route) => (route.possible ? [] : [`${ROUTE_NAMES[route.route]}: not possible. ${route.because}`])),
    ...(deadlineSeconds === undefined ? [] : routes.flatMap((route) => deadlineLines(route, deadlineSeconds))),
    chosen === undefined ? "--route auto would refuse it" : `--route auto takes ${chosen.route}: ${chosen.why}`,
    "assumed:",
    ...assumptions.map((text) => `- ${text}`),
  ];
  return `${lines
    .filter((line) => line !== "")
    .map((line) => (tables.includes(line) ? line : folded(printable(line), width)))
    .join("\n")}\n`;
}

const BULLET = "- ";
/** Further lines of a point stand below its text. */
const folded = (line: string, width: number): string =>
  line.startsWith(BULLET)
    ? foldText(line, width - BULLET.length).replaceAll("\n", `\n${" ".repeat(BULLET.length)}`)
    : foldText(line, width);

function routeTable(routes: readonly RouteForecast[], width: number): string {
  return renderTable(
    [
      { head: "route", least: 8 },
      { head: "takes", align: "right", least: 6 },
      { head: "costs", align: "right" },
      { head: "with", least: 10 },
      { head: "bound by", least: 20 },
    ],
    routes.map((route) =>
      route.possible
        ? [
            ROUTE_NAMES[route.route],
            duration(route.seconds),
            smallUsDollars(route.costUsd),
            plural(route.size, SIZES[route.route]),
            `${route.binding.what}: ${count(route.binding.has)}`,
          ]
        : [ROUTE_NAMES[route.route], "", "", "", "not possible, see below"],
    ),
    width,
  );
}

const PARTS = Object.keys(COST_PARTS) as CostPart[];

function costTable(routes: readonly RouteForecast[], width: number): string {
  const possible = routes.filter((route) => route.possible);
  if (possible.length === 0) return "";
  return renderTable(
    [{ head: "part", least: 9 }, { head: "for", least: 12 }, ...possible.map(({ route }) => ({ head: route, align: "right" as const }))],
    PARTS.filter((part) => possible.some(({ costs }) => costs[part] > 0)).map((part) => [
      part,
      COST_PARTS[part],
      ...possible.map(({ costs }) => (costs[part] === 0 ? "" : smallUsDollars(costs[part]))),
    ]),
    width,
  );
}

function deadlineLines(route: RouteForecast, deadlineSeconds: number): string[] {
  if (!route.possible || route.deadline === undefined) return [];
  const { fixedSeconds, met, raises, size } = route.deadline;
  const name = ROUTE_NAMES[route.route];
  const asked = duration(deadlineSeconds);
  if (met) return [`${name}: done within ${asked}`];
  if (fixedSeconds >= deadlineSeconds) return [`${name}: not within ${asked}: ${duration(fixedSeconds)} pass before and behind all work`];
  const wanted = size === undefined ? "no number of them would do" : `${plural(size, SIZES[route.route])} would do`;
  return [`${name}: not within ${asked}; ${wanted}. What would have to be raised:`, ...raises.map(raiseLine)];
}

const raiseLine = ({ from, raise, to, what }: Raise): string => `- ${what}: from ${count(from)} to ${count(to)} (${raise})`;

/** A forecast as a program reads it. */
export function forecastDocument(forecast: Forecast, deadlineSeconds: number | undefined): object {
  const { assumptions, batches, chosen, routes, subject, submitAtOnce, work } = forecast;
  return {
    files: subject.files,
    bytes: subject.bytes,
    work: {
      chunks: work.chunkCount,
      splits: work.splitCount,
      partials: work.partialCount,
      slotSeconds: work.slotSeconds,
      largestChunkSeconds: work.largestChunkSeconds,
    },
    batches: { count: batches.count, filesEach: batches.filesEach, open: batches.open, submitAtOnce, because: batches.because },
    ...(deadlineSeconds === undefined ? {} : { deadlineSeconds }),
    routes: routes.map((route) => (route.possible ? possibleDocument(route) : route)),
    chosen: chosen ?? null,
    assumptions,
  };
}

const possibleDocument = ({ binding, deadline, limits, ...route }: PossibleRoute): object => ({
  ...route,
  boundBy: binding.name,
  limits: limits.map(({ has, name, seconds, what }: Limit) => ({ name, what, has, seconds: Number.isFinite(seconds) ? seconds : null })),
  ...(deadline === undefined ? {} : { deadline }),
});
