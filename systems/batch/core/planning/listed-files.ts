import type { ListedObject } from "../../../../kit/ports/object-store";
import { INSPECTIONS_AHEAD, inspectListed, type Inspection, type PlannedFile } from "./inspect-file";
import { lookAheadInPages } from "../../../../kit/lib/look-ahead";

/** The files of a batch that was never planned before: what a listing has, in its order and, as it does, many at a time. */
export const listedFiles = (
  inspection: Inspection,
  listing: AsyncIterable<readonly ListedObject[]>,
): AsyncGenerator<readonly PlannedFile[]> => lookAheadInPages(listing, INSPECTIONS_AHEAD, (file) => inspectListed(inspection, file));
