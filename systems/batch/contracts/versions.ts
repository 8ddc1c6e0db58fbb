import { version } from "../../../package.json";
import { UNICODE_VERSION } from "../../../workloads/word-count/unicode/tables";
import type { Versions } from "./ledger-rows";

/** Version of the formats of `manifest.jsonl`, `splits.jsonl` and `chunks.jsonl`; raised when one of them changes its meaning. */
export const PLAN_VERSION = 3;

/** What this code is. */
export const VERSIONS: Versions = { code: version, plan: PLAN_VERSION, unicode: UNICODE_VERSION };
