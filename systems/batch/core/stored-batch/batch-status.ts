import type { BatchResult } from "../../contracts/files";
import type { GenerationRecord } from "../../contracts/ledger-rows";

/**
 * How a sealed generation ended. The verdict is the ledger's, not the map's:
 *
 * | closed because | unfinished files | status |
 * | --- | --- | --- |
 * | complete | none | completed |
 * | complete | some | failed |
 * | refused, cancelled, failed | any | the same |
 */
export function statusOf({ closeCause, files }: Pick<GenerationRecord, "closeCause" | "files">): BatchResult["status"] {
  if (closeCause === undefined || files === undefined) throw new Error("a generation that is not sealed has no status");
  if (closeCause !== "complete") return closeCause;
  return files.unfinished === 0 ? "completed" : "failed";
}
