import { instead, type Sabotage } from "../../../../kit/simulator/survey/sabotage";

const TAKE = "systems/batch/core/upload-work/take-uploads.ts";
const variables = { FILEMILL_INGEST: "lambda" };

/** What keeps uploads that a function takes from being lost. */
export const INGEST_SABOTAGES: readonly Sabotage[] = [
  {
    name: "failed-events-unread",
    breaks: "what Lambda keeps of an event that it gave up is a message that nobody understands",
    variables,
    patches: [instead("systems/batch/contracts/s3-event.ts", "  if (failed.success) {", "  if (failed.success && content === null) {")],
  },
  {
    name: "handed-over-to-nobody",
    breaks: "an upload that is too much for a function is sent to nobody",
    variables,
    patches: [instead(TAKE, "  await jobs.send([uploadEventOf(record)]);\n", "")],
  },
  {
    name: "uploads-told-by-invocation",
    breaks: "an acknowledgement of an upload names the invocation in the place of the content",
    variables,
    patches: [
      instead(
        TAKE,
        "    if (acknowledgement !== undefined) acknowledgements.push(acknowledgement);",
        "    if (acknowledgement !== undefined) acknowledgements.push({ ...acknowledgement, etag: invocation.requestId });",
      ),
    ],
  },
  {
    name: "forgotten-uploads-to-nobody",
    breaks: "an upload whose event was lost is announced to nobody",
    variables,
    patches: [
      instead(
        "systems/batch/core/reconcile/announced-to.ts",
        "    for (const body of bodies) await processUpload.invokeAsync(JSON.parse(body));\n",
        "",
      ),
    ],
  },
];
