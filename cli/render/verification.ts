import Table from "cli-table3";
import type { Check, CheckName, Verification } from "../../core/verify/verification";
import { count } from "./numbers";
import { printable } from "./printable";

const plain = { style: { head: [], border: [], compact: true } };

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
export function renderVerification({ ref, holds, checks }: Verification): string {
  const table = new Table({ ...plain, head: ["check", "", "holds", "looked at"] });
  for (const check of checks) table.push([check.name, QUESTIONS[check.name], check.holds ? "yes" : "NO", looked(check)]);
  const problems = checks.flatMap(({ name, detail }) => (detail === undefined ? [] : [`${name}: ${printable(detail)}`]));
  const subject = `the receipt of batch ${ref.batchId}, generation ${ref.generation},`;
  return `${[table.toString(), ...problems, `${subject} is ${holds ? "true" : "false"}`].join("\n")}\n`;
}
