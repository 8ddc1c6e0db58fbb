import { ValueOption } from "../../../../kit/cli/help/verb";
import { readJsonFile } from "../../../../kit/cli/json-file";
import { PRICE_LIST, parsePriceList, type PriceList } from "../../../../kit/lib/price-list";
import type { CommandContext } from "../context";

const WANTED = { kind: "price list", fix: "take kit/lib/price-list.json as it is, and change its numbers", parse: parsePriceList };

export const pricesOption = (): ValueOption =>
  new ValueOption("--prices <file>", "another price list than kit/lib/price-list.json, of the same form", "prices.json");

/** The price list of `--prices`, or the project's own. @throws UsageError */
export const pricesOf = async (context: CommandContext, file: string | undefined): Promise<PriceList> =>
  file === undefined ? PRICE_LIST : readJsonFile(context, file, WANTED);
