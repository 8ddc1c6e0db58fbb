import type { EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import { StackModel } from "../../../../kit/simulator/stack/stack-model";
import type { Route } from "../../contracts/media-types";
import { stackOutputsSchema } from "../../contracts/stack-outputs";

/** The media stack as a world has it. What is what follows from its outputs, as consumers find it on AWS. */
export class DeployedMedia extends StackModel {
  public readonly inputBucket: string;
  public readonly uploadsTable: string;
  public readonly failedEventsUrl: string;
  public readonly queueUrls: Readonly<Record<Route, string>>;

  public constructor(stack: EvaluatedStack) {
    super(stack);
    const outputs = stackOutputsSchema.parse(stack.outputs);
    this.inputBucket = outputs.input_bucket;
    this.uploadsTable = outputs.uploads_table;
    this.failedEventsUrl = outputs.failed_events_queue_url;
    this.queueUrls = {
      document: outputs.document_queue_url,
      picture: outputs.picture_queue_url,
      "3d": outputs.model_queue_url,
      video: outputs.video_queue_url,
      unknown: outputs.unknown_queue_url,
    };
  }
}
