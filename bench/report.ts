import { count } from "../kit/cli/render/numbers";
import { renderTable } from "../kit/cli/render/table";
import type { CounterReport } from "./counter/run-scenario";
import type { Machine } from "./measured/machine";
import type { Spread } from "./measured/statistics";
import type { PeerReport } from "./peers/run-scenario";
import type { WorkerReport } from "./worker/run-scenario";
import type { SystemReport } from "./system/run-scenario";

export type Report = CounterReport | PeerReport | SystemReport | WorkerReport;

const MEGABYTE = 1_000_000;
/** Tables are pasted into documents: as wide as their text. */
const WIDTH = 200;

/** Where figures were measured, in a line. */
export const machineLine = ({ cores, load, memoryGibibytes, node, processor, system }: Machine): string =>
  `${processor}, ${cores} cores, ${memoryGibibytes} GiB, ${system}, Node ${node}, load ${load}`;

/** A scenario's figures as a table, and what was left out. */
export function renderReport(report: Report): string {
  const title = `${report.scenario}: ${report.description}`;
  if (report.kind === "system") return `${title}\n${systemTable(report)}`;
  const left = report.leftOut.map(({ leftOut, name }) => `${name}: ${leftOut}`);
  return [title, tableOf(report), ...left].join("\n");
}

function tableOf(report: Exclude<Report, SystemReport>): string {
  switch (report.kind) {
    case "peers":
      return peerTable(report);
    case "counter":
      return counterTable(report);
    case "worker":
      return workerTable(report);
  }
}

function workerTable({ figures }: WorkerReport): string {
  return renderTable(
    [
      { head: "worker" },
      { head: "CPU s" },
      { head: "wall s" },
      { head: "calls a file", align: "right" },
      { head: "ours takes", align: "right" },
    ],
    figures.map(({ callsPerFile, cpuSeconds, oursAgainstIt, program, wallSeconds }) => [
      program,
      seconds(cpuSeconds),
      seconds(wallSeconds),
      callsPerFile.median.toFixed(2),
      `${oursAgainstIt.toFixed(2)} x`,
    ]),
    WIDTH,
  );
}

const seconds = ({ maximum, median, minimum }: Spread): string => `${median.toFixed(3)} (${minimum.toFixed(3)} to ${maximum.toFixed(3)})`;

function counterTable({ figures }: CounterReport): string {
  const rows = figures.map(({ cpuSeconds, lines, oursAgainstIt, program, text, textBytes, wallSeconds }) => [
    program,
    text,
    seconds(cpuSeconds),
    seconds(wallSeconds),
    (textBytes / MEGABYTE / cpuSeconds.median).toFixed(0),
    lines,
    `${oursAgainstIt.toFixed(2)} x`,
  ]);
  return renderTable(
    [
      { head: "program" },
      { head: "text" },
      { head: "CPU s" },
      { head: "wall s" },
      { head: "MB/CPU s", align: "right" },
      { head: "lines out", align: "right" },
      { head: "ours takes", align: "right" },
    ],
    rows,
    WIDTH,
  );
}

function systemTable({ callsPerFile, cpuSeconds, runs, wallSeconds }: SystemReport): string {
  const [first] = runs;
  const row = [first?.files ?? 0, seconds(wallSeconds), seconds(cpuSeconds), callsPerFile.median.toFixed(2)];
  return renderTable(
    [{ head: "files", align: "right" }, { head: "wall s" }, { head: "CPU s" }, { head: "calls a file", align: "right" }],
    [row],
    WIDTH,
  );
}

function peerTable({ figures, wordsInFiles }: PeerReport): string {
  const rows = figures.map(({ doubledWords, failures, killed, lostWords, program, runs, seconds: spread }) => [
    program,
    spread === undefined ? "no result" : seconds(spread),
    `${killed} of ${runs.length}`,
    lostWords,
    doubledWords,
    [...new Set(failures)].join("; "),
  ]);
  const table = renderTable(
    [
      { head: "system" },
      { head: "s" },
      { head: "runs with a kill", align: "right" },
      { head: "words lost", align: "right" },
      { head: "words doubled", align: "right" },
      { head: "failures" },
    ],
    rows,
    WIDTH,
  );
  return `${table}\nwords in the files, for each run: ${count(wordsInFiles)}`;
}
