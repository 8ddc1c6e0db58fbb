import { isDeepStrictEqual } from "node:util";
import type { Finding } from "../../../../kit/cli/doctor/finding";
import type { ServiceAnswer } from "../../../../kit/ports/service-probe";
import type { QuotaVerdict } from "../../core/quotas/compare-quotas";
import type { CaseResult } from "../../../../kit/simulator/conformance/run-cases";
import { cutText } from "../../../../kit/cli/terminal/text-width";
import { count } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/lib/printable";
import { renderTable } from "../../../../kit/cli/render/table";

/** Enough to see what a trace is about; `--record` and `--json` have all of it. */
const TRACE_COLUMNS = 200;

export function renderServices(answers: readonly ServiceAnswer[], width: number): string {
  const table = renderTable(
    [
      { head: "service", least: 20 },
      { head: "answers", least: 20 },
      { head: "after", align: "right" },
    ],
    answers.map(({ service, milliseconds, problem }) => [
      service,
      problem === undefined ? "yes" : `no: ${problem}`,
      `${count(Math.round(milliseconds))} ms`,
    ]),
    width,
  );
  return `${table}\n`;
}

const VERDICTS: Record<Finding["verdict"], string> = { well: "yes", wrong: "NO", unknown: "?" };

/** What was looked at beside the services, and below it the way out of what isn't well. */
export function renderFindings(findings: readonly Finding[], width: number): string {
  const table = renderTable(
    [{ head: "check", least: 10 }, { head: "well?" }, { head: "found", least: 20 }],
    findings.map(({ check, says, verdict }) => [check, VERDICTS[verdict], says]),
    width,
  );
  const fixes = findings.flatMap(({ check, fix }) => (fix === undefined ? [] : [`to mend ${printable(check)}: ${printable(fix)}`]));
  return `${[table, ...fixes].join("\n")}\n`;
}

const ENOUGH: Record<QuotaVerdict["verdict"], string> = { enough: "yes", binds: "no", shared: "for one batch", unknown: "?" };

/** The account's quotas beside what the stack was configured to use. */
export function renderQuotas(verdicts: readonly QuotaVerdict[], width: number): string {
  const table = renderTable(
    [
      { head: "quota", least: 12 },
      { head: "needed", align: "right" },
      { head: "has", align: "right" },
      { head: "enough?" },
      { head: "so", least: 20 },
    ],
    verdicts.map(({ has, needed, quota, says, verdict }) => [
      quota,
      count(needed),
      has === undefined ? "?" : count(has),
      ENOUGH[verdict],
      says,
    ]),
    width,
  );
  return `${table}\n`;
}

const SAME: Record<CaseResult["verdict"], string> = { same: "yes", known: "no, as known", differs: "no" };

export function renderConformance(results: readonly CaseResult[], width: number): string {
  const table = renderTable(
    [{ head: "case", least: 15 }, { head: "same?" }, { head: "why", least: 20 }],
    results.map(({ name, verdict, why }) => [name, SAME[verdict], why ?? ""]),
    width,
  );
  const having = (verdict: CaseResult["verdict"]): number => results.filter((result) => result.verdict === verdict).length;
  const differences = results.filter(({ verdict }) => verdict === "differs").map(difference);
  const summary = `${having("same")} same, ${having("known")} different as known of the emulator, ${having("differs")} different`;
  return `${[table, ...differences, summary].join("\n")}\n`;
}

/** What came out otherwise than it should: only the fields that differ. */
function difference(result: CaseResult): string {
  const { expected, found } = differingFields(result);
  return `difference in ${printable(result.name)}:\n  expected ${shortened(expected)}\n  found    ${shortened(found)}`;
}

function differingFields({ expected, found }: CaseResult): Pick<CaseResult, "expected" | "found"> {
  const differing = [...new Set([...Object.keys(expected), ...Object.keys(found)])].filter(
    (field) => !isDeepStrictEqual(expected[field], found[field]),
  );
  if (differing.length === 0) return { expected, found };
  const pick = (trace: CaseResult["found"]): CaseResult["found"] =>
    Object.fromEntries(differing.filter((field) => field in trace).map((field) => [field, trace[field]]));
  return { expected: pick(expected), found: pick(found) };
}

const shortened = (trace: CaseResult["found"]): string => cutText(printable(JSON.stringify(trace)), TRACE_COLUMNS);
