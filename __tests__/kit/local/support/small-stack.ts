import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { launchTemplateSettings, outputsOf } from "../../../../kit/local";
import type { LocalSystem, SystemOutputs, SystemToStart } from "../../../../kit/local";
import { ENVIRONMENT_BEGIN, ENVIRONMENT_END } from "../../../../kit/lib/user-data";

const tlsOnly = (service: string, resource: string, more: object[] = []): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Deny",
        Principal: "*",
        Action: `${service}:*`,
        Resource: service === "s3" ? [resource, `${resource}/*`] : [resource],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      ...more,
    ],
  });

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

const workerPolicy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: ["s3:GetObject"], Resource: "${aws_s3_bucket.data.arn}/*" },
    { Effect: "Allow", Action: ["sqs:SendMessage", "sqs:DeleteMessage"], Resource: "${aws_sqs_queue.jobs.arn}" },
  ],
});

const userData = [
  "#!/bin/bash",
  ENVIRONMENT_BEGIN,
  "AWS_REGION=us-east-1",
  "WORKER_QUEUE_URL=${aws_sqs_queue.jobs.url}",
  "GREETING=a=b c",
  ENVIRONMENT_END,
  "echo done",
].join("\n");

const outputsSchema = z.object({ processing_bucket: z.string(), jobs_queue_url: z.string(), worker_role_arn: z.string() });

/** The system whose stack it is: no system of the product's. */
export const SMALL = {
  name: "small",
  outputs: () => Promise.resolve(outputsSchema),
  processes: [
    {
      name: "worker",
      purpose: "what the test wants",
      program: "worker/main.js",
      settingsOf: launchTemplateSettings,
      count: { maximum: 4, default: 1, defaultText: "one" },
    },
  ],
} as const satisfies LocalSystem;

/** What a local run of the small system answers. */
export function smallOutputs({ outputs }: { readonly outputs: SystemOutputs }) {
  const found = outputsOf(outputs, { name: SMALL.name, outputs: outputsSchema });
  if (found === undefined) throw new Error("the small system is not part of this stack");
  return found;
}

/** A stack in cdktf's JSON, small enough to start in half a second, with what a worker needs: a queue, a bucket, a role, a template. */
export const smallStack = () => ({
  resource: {
    aws_s3_bucket: { data: { bucket: "small-data" } },
    aws_s3_bucket_policy: { data: { bucket: "${aws_s3_bucket.data.bucket}", policy: tlsOnly("s3", "${aws_s3_bucket.data.arn}") } },
    aws_s3_bucket_notification: {
      data: {
        bucket: "${aws_s3_bucket.data.bucket}",
        queue: [{ id: "ev", queue_arn: "${aws_sqs_queue.jobs.arn}", events: ["s3:ObjectCreated:*"] }],
        depends_on: ["aws_sqs_queue_policy.jobs"],
      },
    },
    aws_sqs_queue: { jobs: { name: "small-jobs", visibility_timeout_seconds: 10 } },
    aws_sqs_queue_policy: {
      jobs: {
        queue_url: "${aws_sqs_queue.jobs.url}",
        policy: tlsOnly("sqs", "${aws_sqs_queue.jobs.arn}", [
          {
            Effect: "Allow",
            Principal: { Service: "s3.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: "${aws_sqs_queue.jobs.arn}",
            Condition: { ArnEquals: { "aws:SourceArn": "${aws_s3_bucket.data.arn}" } },
          },
        ]),
      },
    },
    aws_iam_role: { worker: { name: "small-worker", assume_role_policy: trust } },
    aws_iam_role_policy: { worker: { name: "grants", role: "${aws_iam_role.worker.name}", policy: workerPolicy } },
    aws_iam_instance_profile: { worker: { name: "small-worker", role: "${aws_iam_role.worker.name}" } },
    aws_launch_template: {
      worker: {
        name: "small",
        iam_instance_profile: { arn: "${aws_iam_instance_profile.worker.arn}" },
        user_data: "${base64encode(local.user-data)}",
      },
    },
    aws_autoscaling_group: {
      worker: {
        name: "small-group",
        min_size: 0,
        max_size: 4,
        availability_zones: ["us-east-1a", "us-east-1b"],
        launch_template: { id: "${aws_launch_template.worker.id}" },
      },
    },
  },
  locals: { "user-data": userData },
  output: {
    processing_bucket: { value: "${aws_s3_bucket.data.bucket}" },
    jobs_queue_url: { value: "${aws_sqs_queue.jobs.url}" },
    worker_role_arn: { value: "${aws_iam_role.worker.arn}" },
  },
});

/** The same without the resources of some types. */
export function smallStackWithout(...types: string[]): object {
  const { resource, ...rest } = smallStack();
  return { ...rest, resource: Object.fromEntries(Object.entries(resource).filter(([each]) => !types.includes(each))) };
}

/** The small system as a local run starts it. */
export const smallSystem = async (directory: string, stack?: object): Promise<SystemToStart> => ({
  system: SMALL,
  stackFile: await writeStack(directory, stack),
});

/** Writes a stack as cdk.tf.json below a folder. @returns its path */
export async function writeStack(directory: string, stack: object = smallStack()): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, "cdk.tf.json");
  await writeFile(file, JSON.stringify(stack));
  return file;
}
