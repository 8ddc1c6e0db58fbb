import { isDeepStrictEqual } from "node:util";
import Table from "cli-table3";
import type { ServiceAnswer } from "../../core/ports/service-probe";
import type { CaseResult } from "../../simulator/conformance/run-cases";
import { count } from "./numbers";
import { printable } from "./printable";

const plain = { style: { head: [], border: [], compact: true } };
/** Wide enough to see what a trace is about; `--record` has all of it. */
const TRACE_CHARACTERS = 60;

export function renderServices(answers: readonly ServiceAnswer[]): string {
  const table = new Table({ ...plain, head: ["service", "answers", "after"] });
  for (const { service, milliseconds, problem } of answers) {
    table.push([printable(service), problem === undefined ? "yes" : `no: ${printable(problem)}`, `${count(Math.round(milliseconds))} ms`]);
  }
  return `${table.toString()}\n`;
}

const SAME: Record<CaseResult["verdict"], string> = { same: "yes", known: "no, as known", differs: "no" };

export function renderConformance(results: readonly CaseResult[]): string {
  const table = new Table({ ...plain, head: ["case", "expected", "found", "same?"] });
  for (const result of results) {
    const { expected, found } = differingFields(result);
    const why = result.why === undefined ? "" : `: ${result.why}`;
    table.push([result.name, shortened(expected), shortened(found), printable(`${SAME[result.verdict]}${why}`)]);
  }
  const having = (verdict: CaseResult["verdict"]): number => results.filter((result) => result.verdict === verdict).length;
  return `${table.toString()}\n${having("same")} same, ${having("known")} different as known of the emulator, ${having("differs")} different\n`;
}

/** Of a case that differs only what does. */
function differingFields({ expected, found }: CaseResult): Pick<CaseResult, "expected" | "found"> {
  const differing = [...new Set([...Object.keys(expected), ...Object.keys(found)])].filter(
    (field) => !isDeepStrictEqual(expected[field], found[field]),
  );
  if (differing.length === 0) return { expected, found };
  const pick = (trace: CaseResult["found"]): CaseResult["found"] =>
    Object.fromEntries(differing.filter((field) => field in trace).map((field) => [field, trace[field]]));
  return { expected: pick(expected), found: pick(found) };
}

function shortened(trace: CaseResult["found"]): string {
  const text = printable(JSON.stringify(trace));
  return text.length <= TRACE_CHARACTERS ? text : `${text.slice(0, TRACE_CHARACTERS - 1)}…`;
}
