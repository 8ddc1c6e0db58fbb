import { Construct } from "constructs";
import type { NodeFunction } from "../../../constructs/functions/node-function";
import { processUploadFunction } from "../../../lambdas/batch/process-upload/function";
import { makeFunction, type FunctionsProps } from "./functions";
import { usableData } from "./usable-data";

export interface IngestProps extends Omit<FunctionsProps, "fleet"> {
  readonly accountId: string;
}

/** The way from an upload to whoever works on it: exactly one of the jobs queue and a function (docs/adr/0041-uploads-by-lambda.md). */
export class Ingest extends Construct {
  /** Absent where the jobs queue is told. */
  public readonly processUpload: NodeFunction | undefined;

  public constructor(scope: Construct, id: string, props: IngestProps) {
    super(scope, id);
    const { accountId, config, data } = props;
    if (config.ingest === "queue") {
      data.tellOfUploads(accountId, { queue: data.jobs });
      return;
    }
    const { decompressionLimitMebibytes, functionCounterMemoryMebibytes, uploadWorkload } = config.work;
    this.processUpload = makeFunction(
      this,
      "ProcessUpload",
      props,
      processUploadFunction,
      {
        resources: usableData(data),
        settings: {
          counterMemoryMebibytes: functionCounterMemoryMebibytes,
          decompressionLimitMebibytes,
          bytesPerSlotSecond: config.planning.bytesPerSlotSecond,
          workload: uploadWorkload,
        },
      },
      // where messages of the jobs queue come to that were given up: the same repair looks at both
      { failedEvents: { queueArn: data.jobs.deadLetterQueueArn, grantSend: data.jobs.grantSendToDeadLetters.bind(data.jobs) } },
    );
    data.tellOfUploads(accountId, { target: this.processUpload });
  }
}
