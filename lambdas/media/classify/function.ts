import { defineFunction } from "../../../kit/function/define-function";
import { objectCreatedSchema } from "../../../systems/media/contracts/object-created";
import { takeUpload } from "../../../systems/media/core/take-upload";
import { claims, routeQueue, uploadReader, uploadRows } from "../uses";

/** Run by EventBridge for each upload that is complete. */
export const classifyFunction = defineFunction({
  name: "classify",
  description: "Decides what an upload is, and tells the queue of its type",
  input: objectCreatedSchema,
  uses: {
    uploads: uploadRows,
    reader: uploadReader,
    newClaim: claims,
    document: routeQueue("document"),
    picture: routeQueue("picture"),
    model: routeQueue("3d"),
    video: routeQueue("video"),
    unknown: routeQueue("unknown"),
  },
  // Lambda's own values, stated: what then has failed goes to a queue, not away
  asynchronousEvents: { retries: 2, maximumAgeSeconds: 21_600 },
  compose:
    ({ document, picture, model, video, unknown, ...deps }) =>
    (event) =>
      takeUpload({ ...deps, queues: { document, picture, "3d": model, video, unknown } }, event),
});
