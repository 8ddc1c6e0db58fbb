import type { Check, CheckName, Verification } from "../../core/verify/verification";
import { count } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/lib/printable";
import { renderTable } from "../../../../kit/cli/render/table";

/** What each check holds against what, as people read it. */
const QUESTIONS: Readonly<Record<CheckName, string>> = {
  ledger: "the generation is sealed and reported",
  manifest: "the list of files is the frozen one",
  chunks: "every chunk is the planned one",
  submission: "the files are those that were submitted",
  sealed: "the sealed outcomes are unchanged",
  partials: "files and counts follow from what was committed",
  results: "results.jsonl says just that",
  result: "result.json says just that",
  receipt: "receipt.json says just that",
  completion: "the completion message says just that",
  table: "the table has every processed file",
  recount: "files that are counted again come out the same",
};

const looked = ({ counts }: Check): string =>
  Object.entries(counts)
    .map(([what, number]) => `${what} ${count(number)}`)
    .join(", ");

/** A line per check, what is wrong, and the verdict. */
export function renderVerification({ ref, holds, checks }: Verification, width: number): string {
  const table = renderTable(
    [{ head: "check" }, { head: "", least: 24 }, { head: "holds" }, { head: "looked at", least: 20 }],
    checks.map((check) => [check.name, QUESTIONS[check.name], check.holds ? "yes" : "NO", looked(check)]),
    width,
  );
  const problems = checks.flatMap(({ name, detail }) => (detail === undefined ? [] : [`${name}: ${printable(detail)}`]));
  const subject = `the receipt of batch ${ref.batchId}, generation ${ref.generation},`;
  return `${[table, ...problems, `${subject} is ${holds ? "true" : "false"}`].join("\n")}\n`;
}
