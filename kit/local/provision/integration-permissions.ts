import type { MachineFacts } from "./machine-permissions";

/** What a call of a service needs. */
export interface Permission {
  readonly actions: readonly string[];
  /** ARNs; `*` stands for any text. */
  readonly resources: readonly string[];
}

/** A state's call of a service, as its definition has it. */
interface Call {
  /** A field of the parameters that names a resource. @throws ProvisioningError when it is no constant */
  readonly given: (field: string) => string;
  readonly machine: MachineFacts;
}

/**
 * What a task's integration (`arn:aws:states:::<key>`, with or without `.waitForTaskToken`: how the answer comes back needs nothing of the
 * machine's role) needs: one row an integration that our machines use.
 */
export const TASK_PERMISSIONS: Readonly<Record<string, (call: Call) => Permission>> = {
  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
  "lambda:invoke": ({ given }) => ({ actions: ["lambda:InvokeFunction"], resources: [given("FunctionName")] }),
  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html
  "sqs:sendMessage": ({ given, machine }) => ({ actions: ["sqs:SendMessage"], resources: [queueArn(given("QueueUrl"), machine)] }),
};

/** What an ItemReader needs on its objects. https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html */
export const READER_ACTIONS: Readonly<Record<string, readonly string[]>> = { "s3:getObject": ["s3:GetObject"] };

/**
 * What a ResultWriter needs on what it writes: it puts by parts, and goes on where it was.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export const WRITER_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  "s3:putObject": ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"],
};

/**
 * A Distributed Map runs its children in the machine's own name: it starts them as executions of the machine, watches and stops them. AWS's
 * page names them `execution:<machine>:*`, while their ARNs have the map's label: both are needed. `states:RedriveExecution` is for whoever
 * redrives an execution, which nobody here does: what failed is taken up by a later generation.
 * https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
 */
export const distributedMapPermissions = (label: string, { accountId, arn, name, region }: MachineFacts): Permission[] => {
  const execution = `arn:aws:states:${region}:${accountId}:execution:${name}`;
  return [
    { actions: ["states:StartExecution"], resources: [arn] },
    ...[execution, `${execution}/${label}`].map((of) => ({
      actions: ["states:DescribeExecution", "states:StopExecution"],
      resources: [`${of}:*`],
    })),
  ];
};

/** `http://host/account/name` to the queue's ARN. */
const queueArn = (url: string, { region, accountId }: MachineFacts): string =>
  `arn:aws:sqs:${region}:${accountId}:${url.slice(url.lastIndexOf("/") + 1)}`;
