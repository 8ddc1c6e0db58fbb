import { z } from "zod";

/** What a deployed stack tells its users: the Terraform outputs of `systems/media/stack`, by these names. */
export const stackOutputsSchema = z.object({
  region: z.string(),
  input_bucket: z.string(),
  uploads_table: z.string(),
  document_queue_url: z.string(),
  picture_queue_url: z.string(),
  model_queue_url: z.string(),
  video_queue_url: z.string(),
  unknown_queue_url: z.string(),
  failed_events_queue_url: z.string(),
});
export type StackOutputs = z.output<typeof stackOutputsSchema>;
