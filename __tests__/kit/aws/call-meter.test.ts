import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { sdkCallMeter } from "../../../kit/aws/call-meter";
import { json, STUB_CLIENT, StubHandler, type StubAnswer } from "../../support/stub-handler";

const URL = "https://sqs.us-east-1.amazonaws.com/000000000000/wordfreq-jobs";

const buckets = (answer: (index: number) => StubAnswer): S3Client =>
  sdkCallMeter.count(new S3Client({ ...STUB_CLIENT, maxAttempts: 3, requestHandler: new StubHandler((_request, index) => answer(index)) }));
const queues = (answer: StubAnswer): SQSClient =>
  sdkCallMeter.count(new SQSClient({ ...STUB_CLIENT, md5: false, requestHandler: new StubHandler(() => answer) }));

beforeEach(() => void sdkCallMeter.take());

test("every attempt of a call counts, those of all clients together, and none twice", async () => {
  const client = buckets((index) => ({ status: index < 2 ? 503 : 200 }));
  await client.send(new HeadBucketCommand({ Bucket: "b" }));
  await buckets(() => ({})).send(new HeadBucketCommand({ Bucket: "b" }));
  expect([sdkCallMeter.take(), sdkCallMeter.take()]).toEqual([4, 0]);
});

test("a call that is refused counts: somebody asked", async () => {
  await expect(buckets(() => ({ status: 403 })).send(new HeadBucketCommand({ Bucket: "b" }))).rejects.toThrow();
  expect(sdkCallMeter.take()).toBe(1);
});

test("a receive counts when it finds messages", async () => {
  const receive = new ReceiveMessageCommand({ QueueUrl: URL });
  await queues(json({})).send(receive);
  await queues(json({ Messages: [] })).send(receive);
  expect(sdkCallMeter.take()).toBe(0);
  await queues(json({ Messages: [{ MessageId: "m", Body: "{}" }] })).send(receive);
  expect(sdkCallMeter.take()).toBe(1);
});
