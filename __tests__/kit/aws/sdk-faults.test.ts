import { ConditionalCheckFailedException, ProvisionedThroughputExceededException } from "@aws-sdk/client-dynamodb";
import { S3ServiceException } from "@aws-sdk/client-s3";
import { sdkFaults } from "../../../kit/aws/sdk-faults";
import { QueueEntriesRefusedError } from "../../../kit/aws/sqs-entries";

const s3Error = (name: string, httpStatusCode: number): Error =>
  new S3ServiceException({ name, $fault: "server", message: name, $metadata: { httpStatusCode } });
const refused = (isSenderFault: boolean): Error =>
  new QueueEntriesRefusedError("SendMessageBatch", "http://q", 10, [{ entry: 1, code: "c", message: "m", isSenderFault }]);
const cut = (): Error => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

test.each<[string, Error, boolean]>([
  ["throttling", new ProvisionedThroughputExceededException({ message: "slow down", $metadata: { httpStatusCode: 400 } }), true],
  ["a 503", s3Error("SlowDown", 503), true],
  ["a 501", s3Error("NotImplemented", 501), true],
  ["a connection that was cut", cut(), true],
  ["one of them as the cause", new Error("could not write", { cause: cut() }), true],
  ["messages that SQS refused for reasons of its own", refused(false), true],
  ["messages that are at fault themselves", refused(true), false],
  ["a refused condition", new ConditionalCheckFailedException({ message: "no", $metadata: { httpStatusCode: 400 } }), false],
  ["a denial", s3Error("AccessDenied", 403), false],
  ["a full disk", Object.assign(new Error("no space"), { code: "ENOSPC" }), false],
])("%s", (_name, error, expected) => {
  expect(sdkFaults.isServiceFault(error)).toBe(expected);
});
