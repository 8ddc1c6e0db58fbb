import type { BatchDocument } from "../core/results/batch-document";
import { type ExitCode, EXIT } from "../../../kit/cli/exit-codes";

/** The exit code of a batch that came to its end. */
export function exitCodeOf({ status, files }: Pick<BatchDocument, "status" | "files">): ExitCode {
  switch (status) {
    case "failed":
      return EXIT.failed;
    case "refused":
      return EXIT.usage;
    case "cancelled":
      return EXIT.cancelled;
    case "completed":
      return files.quarantined > 0 ? EXIT.quarantined : EXIT.done;
  }
}
