import { foldText } from "../../../../kit/cli/terminal/text-width";
import { renderTable } from "../../../../kit/cli/render/table";
import { printable } from "../../../../kit/lib/printable";
import type { Scenario } from "../simulate/scenario";
import type { ScenarioOutcome } from "../simulate/simulate-scenario";

const rounded = (seconds: number | undefined): string => (seconds === undefined || !Number.isFinite(seconds) ? "-" : seconds.toFixed(0));
const percent = (error: number | undefined): string =>
  error === undefined ? "" : `${error < 0 ? "-" : "+"}${(Math.abs(error) * 100).toFixed(1)} %`;
const dollars = (usd: number): string => `$${usd.toFixed(5)}`;

/** What came of a scenario. Ends with a line end. */
export function renderScenario(scenario: Scenario, { fitted, rows, sensitivities }: ScenarioOutcome, width: number): string {
  const runs = renderTable(
    [
      { head: "run", least: 12 },
      { head: "published", least: 9, align: "right" },
      { head: "simulated", least: 9, align: "right" },
      { head: "error", least: 7, align: "right" },
      { head: "fleet", least: 5, align: "right" },
      { head: "used", least: 8, align: "right" },
      { head: "billed", least: 8, align: "right" },
    ],
    rows.map((row) => [
      `${printable(row.run)} ${printable(row.machine)}`,
      rounded(row.publishedSeconds),
      rounded(row.simulatedSeconds),
      percent(row.error),
      row.instances,
      dollars(row.costUsd),
      dollars(row.billedUsd),
    ]),
    width,
  );
  const doubts = renderTable(
    [{ head: "if it were otherwise, seconds", least: 20 }, ...rows.map(({ run }) => ({ head: printable(run), align: "right" as const }))],
    sensitivities.map(({ name, rows: changed }) => [printable(name), ...changed.map(({ simulatedSeconds }) => rounded(simulatedSeconds))]),
    width,
  );
  const rates = Object.entries(fitted).map(
    ([machine, seconds]) => `${printable(machine)}: ${seconds.toFixed(2)} s a file, fitted to ${fittedTo(scenario, machine)}`,
  );
  const order = [...rows].sort((a, b) => a.simulatedSeconds - b.simulatedSeconds).map(({ run }) => printable(run));
  return [
    foldText(`${printable(scenario.name)}: ${printable(scenario.description)}`, width),
    "",
    runs,
    ...rates,
    `soonest first: ${order.join(" < ")}`,
    "",
    "seconds until the last file",
    "used: instances in service until then; billed: from each launch to its end",
    ...(sensitivities.length === 0 ? [] : ["", doubts]),
    "",
  ].join("\n");
}

function fittedTo({ runs }: Scenario, machine: string): string {
  const names = runs.filter((run) => run.machine === machine && run.publishedSeconds !== undefined).map(({ run }) => printable(run));
  return names.length === 1 ? `run ${names.join("")} alone, which proves nothing` : `runs ${names.join(" and ")} together`;
}
