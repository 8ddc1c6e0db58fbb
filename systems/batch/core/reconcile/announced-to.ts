import type { Invoker } from "../../../../kit/ports/invoker";
import type { MessageSink } from "../../../../kit/ports/job-queue";

/** Gives events to the function that takes uploads, as S3 does: it is tried, and fails, by the same rules. */
export const announcedTo = (processUpload: Invoker): MessageSink => ({
  send: async (bodies) => {
    for (const body of bodies) await processUpload.invokeAsync(JSON.parse(body));
  },
});
