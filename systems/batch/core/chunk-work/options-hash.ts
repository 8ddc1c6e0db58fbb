import { createHash } from "node:crypto";
import type { WorkloadOptions } from "../../../../workloads/word-count/options";

/** Names the options counts were made with: the first 16 hexadecimal digits of a SHA-256 over them, keys in a fixed order. */
export const optionsHash = (options: WorkloadOptions): string =>
  createHash("sha256")
    .update(JSON.stringify([options.minimumWordLength, options.top, options.encoding]))
    .digest("hex")
    .slice(0, 16);
