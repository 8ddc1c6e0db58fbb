import type { Reporter } from "../../../../kit/cli/render/reporter";
import { count, plural } from "../../../../kit/cli/render/numbers";
import type { LocalFiles } from "./local-files";
import { isNamedArchive } from "../../../../kit/lib/archives/archive";
import { printable } from "../../../../kit/lib/printable";
import type { OpenedArchives } from "./open-archives";
import { listProblems } from "./problems";
import type { InputProblem } from "./problems";

type Says = Pick<Reporter, "say">;

/** Says once what of the paths given is no input, and why. */
export function tellLeftOut({ say }: Says, found: LocalFiles, apart: readonly string[]): void {
  const { archives, filteredOut, otherNames } = found;
  const leftOut = new Map(found.leftOut);
  for (const [what, times] of archives.leftOut) leftOut.set(what, (leftOut.get(what) ?? 0) + times);
  const parts = [...leftOut].map(([what, times]) => (times === 1 ? what : `${what} (${count(times)})`));
  const byDefault = [...leftOut.keys()].some((what) => !apart.includes(what));
  if (parts.length > 0) say(`left out: ${parts.join(", ")}${byDefault ? "; --no-default-excludes takes in what is left out by name" : ""}`);
  if (filteredOut > 0) say(`left out by --include and --exclude: ${plural(filteredOut, "file")}`);
  if (otherNames > 0) {
    say(`each file counts once: ${plural(otherNames, "link or other name", "links or other names")} of the same left out`);
  }
}

/** Says what came of archives, if there were some. */
export function tellArchives({ say }: Says, { empty, files, links, nested, opened }: OpenedArchives): void {
  if (opened === 0) return;
  say(`${plural(opened, "archive")} opened, with ${plural(files.length, "file")}; --keep-archives takes archives as they are`);
  if (empty.length > 0)
    say(`${plural(empty.length, "archive has", "archives have")} no file: ${empty.slice(0, NAMED).map(quoted).join(", ")}`);
  if (links > 0) say(`left out of archives: ${plural(links, "link")}, which a walk through an archive can't follow`);
  if (nested > 0) say(`${plural(nested, "archive")} in archives: taken as they are, not opened`);
}

/** Objects are worked on where they lie, whole. @param addresses those that are known before the batch is planned */
export function tellArchivesInS3({ say }: Says, addresses: readonly string[]): void {
  const archives = addresses.filter(isNamedArchive);
  if (archives.length === 0) return;
  say(
    `archives in S3 are taken as they are: ${archives.slice(0, NAMED).map(quoted).join(", ")}${archives.length > NAMED ? ` and ${count(archives.length - NAMED)} more` : ""}; for the files in one, bring it here with \`aws s3 cp\` and give it by its path`,
  );
}

/** Names in a line; the count is told anyhow. */
const NAMED = 5;
const quoted = (name: string): string => `'${printable(name)}'`;

/** Says what a submission goes on without. */
export function tellSkipped({ say }: Says, problems: readonly InputProblem[]): void {
  for (const line of listProblems(problems)) say(`skipped ${line}`);
}
