import type { ListedObject } from "../../../../kit/ports/object-store";
import { INSPECTIONS_AHEAD, inspectListed, type Inspection, type PlannedFile } from "./inspect-file";
import { lookAhead } from "../../../../kit/lib/look-ahead";

/** The files of a batch that was never planned before: what a listing has, in its order. */
export const listedFiles = (inspection: Inspection, listing: AsyncIterable<ListedObject>): AsyncGenerator<PlannedFile> =>
  lookAhead(listing, INSPECTIONS_AHEAD, (file) => inspectListed(inspection, file));
