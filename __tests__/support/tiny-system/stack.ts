import path from "node:path";
import type { Construct } from "constructs";
import { NodeFunction } from "../../../constructs/functions/node-function";
import { WorkQueue } from "../../../constructs/messaging/work-queue";
import { PrivateBucket } from "../../../constructs/storage/private-bucket";
import { SystemStack, type SystemStackProps } from "../../../constructs/system-stack";
import type { TinyConfig, TinyOutputs } from "./system";

/** The class of the stack of the tiny system with that name. */
export const tinyStack = (name: string) =>
  class TinyStack extends SystemStack<TinyConfig, TinyOutputs> {
    public constructor(scope: Construct, { config, buildDirectory }: SystemStackProps<TinyConfig>) {
      super(scope, name, config);
      const bucket = new PrivateBucket(this, "Bucket", {
        bucketName: `${config.bucketPrefix}-files-${config.owner}`,
        forceDestroy: true,
        lifecycle: { noncurrentVersionDays: 1 },
      });
      const queue = new WorkQueue(this, "Queue", {
        queueName: `${config.namePrefix}queue`,
        visibilityTimeoutSeconds: 30,
        maximumReceives: 3,
        retentionSeconds: 3_600,
      });
      const greet = new NodeFunction(this, "Greet", {
        functionName: `${config.namePrefix}greet`,
        description: "Greets with the name that it was given",
        zipFile: path.join(buildDirectory, "lambdas", name, "greet.zip"),
        environment: { GREETED: name },
        memoryMebibytes: 128,
        timeoutSeconds: 10,
        ephemeralStorageMebibytes: 512,
        logRetentionDays: 1,
      });
      this.addOutputs({ bucket: bucket.bucketName, queue_url: queue.queueUrl, function_name: greet.functionName });
    }
  };
