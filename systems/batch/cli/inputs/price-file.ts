import { readFile } from "node:fs/promises";
import { ZodError } from "zod";
import { UsageError } from "../../../../kit/cli/command-errors";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { PRICE_LIST, parsePriceList, type PriceList } from "../../../../kit/lib/price-list";
import { schemaProblem } from "../../../../kit/lib/schema-problem";
import type { CommandContext } from "../context";

const FORM = "take kit/lib/price-list.json as it is, and change its numbers";

/** The price list of `--prices`, or the project's own. @throws UsageError */
export async function pricesOf(
  { workingDirectory }: Pick<CommandContext, "workingDirectory">,
  file: string | undefined,
): Promise<PriceList> {
  if (file === undefined) return PRICE_LIST;
  let text: string;
  try {
    text = await readFile(resolveFrom(workingDirectory, file), "utf8");
  } catch (error) {
    throw new UsageError(`the price list '${file}' can't be read: ${error instanceof Error ? error.message : String(error)}`, FORM, {
      cause: error,
    });
  }
  try {
    return parsePriceList(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`the price list '${file}' is no JSON: ${error.message}`, FORM, { cause: error });
    if (error instanceof ZodError) throw new UsageError(`'${file}' is no price list: ${schemaProblem(error)}`, FORM, { cause: error });
    throw error;
  }
}
