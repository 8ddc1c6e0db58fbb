import type { Reporter } from "../../../../kit/cli/render/reporter";
import { count, plural } from "../../../../kit/cli/render/numbers";
import type { LocalFiles } from "./local-files";
import { listProblems } from "./problems";
import type { InputProblem } from "./problems";

type Says = Pick<Reporter, "say">;

/** Says once what of the paths given is no input, and why. */
export function tellLeftOut({ say }: Says, { filteredOut, leftOut, otherNames }: LocalFiles, apart: readonly string[]): void {
  const parts = [...leftOut].map(([what, times]) => (times === 1 ? what : `${what} (${count(times)})`));
  const byDefault = [...leftOut.keys()].some((what) => !apart.includes(what));
  if (parts.length > 0) say(`left out: ${parts.join(", ")}${byDefault ? "; --no-default-excludes takes in what is left out by name" : ""}`);
  if (filteredOut > 0) say(`left out by --include and --exclude: ${plural(filteredOut, "file")}`);
  if (otherNames > 0) {
    say(`each file counts once: ${plural(otherNames, "link or other name", "links or other names")} of the same left out`);
  }
}

/** Says what a submission goes on without. */
export function tellSkipped({ say }: Says, problems: readonly InputProblem[]): void {
  for (const line of listProblems(problems)) say(`skipped ${line}`);
}
