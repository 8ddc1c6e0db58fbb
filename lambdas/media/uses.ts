import { z } from "zod";
import type { OwnUse, ResourceUse } from "../../kit/function/use";
import type { MessageSink } from "../../kit/ports/job-queue";
import type { RowStore } from "../../kit/ports/row-store";
import type { Route } from "../../systems/media/contracts/media-types";
import type { UploadReader } from "../../systems/media/ports/upload-reader";

/** Names that nobody else has. */
export const claims: OwnUse<"claims", () => string> = { kind: "claims" };

export const uploadRows: ResourceUse<"rows", RowStore, "uploads", "get" | "update", false> = {
  kind: "rows",
  resource: "uploads",
  may: ["get", "update"],
  variable: { name: "UPLOADS_TABLE_NAME", address: z.string().min(3) },
};

/** What was uploaded, told by each event's bucket and key. Without listing, S3 answers for a missing one as for a forbidden one. */
export const uploadReader: ResourceUse<"reader", UploadReader, "input", "readVersions" | "list", false> = {
  kind: "reader",
  resource: "input",
  may: ["readVersions", "list"],
};

export const routeQueue = <R extends Route>(route: R): ResourceUse<"sink", MessageSink, R, "send", false> => ({
  kind: "sink",
  resource: route,
  may: ["send"],
  variable: { name: `${route === "3d" ? "MODEL" : route.toUpperCase()}_QUEUE_URL`, address: z.url() },
});
