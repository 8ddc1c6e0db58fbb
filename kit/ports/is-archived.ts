import type { ListedObject } from "./object-store";

/**
 * Classes that must be restored before a read. INTELLIGENT_TIERING may hold archived objects too, but no listing says so: whoever reads
 * one finds out. https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
 */
const ARCHIVE_CLASSES: ReadonlySet<string> = new Set(["GLACIER", "DEEP_ARCHIVE"]);

/** Whether an object can't be read before it is restored, as far as its listing tells. */
export const isArchived = ({ restored, storageClass }: Pick<ListedObject, "storageClass" | "restored">): boolean =>
  ARCHIVE_CLASSES.has(storageClass) && !restored;
