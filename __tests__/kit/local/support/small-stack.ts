import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { stackOutputsSchema } from "../../../../systems/batch/contracts/stack-outputs";
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

const PLACEHOLDER = "not-in-this-stack";

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
  },
  locals: { "user-data": userData },
  output: {
    ...Object.fromEntries(Object.keys(stackOutputsSchema.shape).map((name) => [name, { value: PLACEHOLDER }])),
    region: { value: "us-east-1" },
    processing_bucket: { value: "${aws_s3_bucket.data.bucket}" },
    source_buckets: { value: ["${aws_s3_bucket.data.bucket}"] },
    jobs_queue_url: { value: "${aws_sqs_queue.jobs.url}" },
    worker_log_group: { value: "/filemill/wordfreq-worker" },
    worker_role_arn: { value: "${aws_iam_role.worker.arn}" },
    configured: { value: Object.fromEntries(Object.keys(stackOutputsSchema.shape.configured.shape).map((name) => [name, 1])) },
  },
});

/** The same without the resources of one type. */
export function smallStackWithout(type: string): object {
  const { resource, ...rest } = smallStack();
  return { ...rest, resource: Object.fromEntries(Object.entries(resource).filter(([each]) => each !== type)) };
}

/** Writes a stack as cdk.tf.json below a folder. @returns its path */
export async function writeStack(directory: string, stack: object = smallStack()): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, "cdk.tf.json");
  await writeFile(file, JSON.stringify(stack));
  return file;
}
