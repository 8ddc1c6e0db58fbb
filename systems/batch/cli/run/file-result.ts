import { tableFilename } from "../../core/results/watch-upload";
import { type CommandContext, printJson } from "../context";
import { UsageError } from "../../../../kit/cli/command-errors";
import { parseS3Address } from "../inputs/objects";
import { renderFile } from "../render/file";
import { itemResult } from "../../core/results/checked-results";
import type { FileItem } from "../../ports/result-store";
import type { Services } from "../services";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";

/**
 * The table's name of a file that was typed as BUCKET/KEY or as s3://BUCKET/KEY.
 *
 * @returns undefined for what is neither
 * @throws UsageError for an address without a key, or one that is none
 */
export function filenameTyped(text: string): string | undefined {
  const address = parseS3Address(text);
  if (address === undefined) return /^[^/]+\/./s.test(text) ? text : undefined;
  if (address.path !== "") return tableFilename({ bucket: address.bucket, key: address.path });
  throw new UsageError(`'${text}' is a bucket, and no file`, "write a file as s3://BUCKET/KEY");
}

/** Shows the newest result of one file. @param filename its name in the table @throws UsageError when it has none */
export async function showFileResult(
  { terminal }: CommandContext,
  { results: table, ledger }: Services,
  filename: string,
  { json }: { readonly json?: true },
): Promise<void> {
  const [item] = await table.get([filename]);
  const exception = item === undefined ? await ledger.getUploadException(filename) : undefined;
  const found = item ?? exception;
  if (found === undefined) {
    throw new UsageError(
      `no result of '${filename}'`,
      "write it as BUCKET/KEY or s3://BUCKET/KEY; a file that is being worked on has none yet",
    );
  }
  if (json === true) printJson(terminal, { filename, ...(item === undefined ? found : documentOf(item)) });
  else terminal.stdout.print(renderFile(filename, found, tableColumns(terminal)));
}

/** An item with its result as in results.jsonl. */
const documentOf = (item: FileItem): object => ({
  ...Object.fromEntries(Object.entries(item).filter(([name]) => name !== "attributes")),
  result: itemResult(item),
});
