import { GrantError } from "../../constructs/iam/statement";
import { LogBucket } from "../../constructs/storage/log-bucket";
import { synthesizedFrom } from "../support/construct-stack";

test("two buckets of one name can't have their logs in one place: one statement would be two", () => {
  synthesizedFrom((stack) => {
    const logs = new LogBucket(stack, "Logs", {
      bucketName: "logs",
      retentionDays: 1,
      noncurrentVersionDays: 1,
      forceDestroy: true,
      region: "us-east-1",
      accountId: "123456789012",
    });
    logs.acceptAccessLog({ id: "Data", bucketArn: "arn:aws:s3:::first" });
    expect(() => logs.acceptAccessLog({ id: "Data", bucketArn: "arn:aws:s3:::second" })).toThrow(GrantError);
  });
});
