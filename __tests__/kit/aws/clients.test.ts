import { setTimeout as delay } from "node:timers/promises";
import { makeDynamoDbClient, makeS3Client, makeSqsClient, readClientSettings } from "../../../kit/aws/clients";
import { systemClock } from "../../../kit/aws/system-clock";
import { EnvironmentError } from "../../../kit/lib/env";
import { CALL_ATTEMPTS, callPause } from "../../../kit/lib/retry-policy";

test("settings come from AWS's own two variables; a missing Region is named", () => {
  expect(readClientSettings("it", { AWS_REGION: "eu-west-1" })).toEqual({ region: "eu-west-1" });
  expect(readClientSettings("it", { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: "http://127.0.0.1:4566" })).toEqual({
    region: "eu-west-1",
    endpoint: "http://127.0.0.1:4566",
  });
  expect(() => readClientSettings("it", {})).toThrow(EnvironmentError);
  expect(() => readClientSettings("it", {})).toThrow("AWS_REGION");
});

test("buckets are path segments on an emulator only", () => {
  expect(makeS3Client({ region: "us-east-1" }).config.forcePathStyle).toBe(false);
  expect(makeS3Client({ region: "us-east-1", endpoint: "http://127.0.0.1:4566" }).config.forcePathStyle).toBe(true);
});

test("a sleep that is aborted rejects with the signal's reason", async () => {
  const controller = new AbortController();
  const sleeping = systemClock.sleep(60_000, controller.signal);
  controller.abort(new Error("drain"));
  await expect(sleeping).rejects.toThrow("drain");
  await expect(Promise.race([systemClock.sleep(1), delay(5_000, "late", { ref: false })])).resolves.toBeUndefined();
});

test("no two clients share a retry budget, and a call is tried six times", async () => {
  const settings = { region: "us-east-1" };
  const clients = [makeDynamoDbClient(settings), makeDynamoDbClient(settings), makeS3Client(settings), makeSqsClient(settings)];
  const strategies = await Promise.all(clients.map(({ config }) => config.retryStrategy()));
  expect(new Set(strategies).size).toBe(clients.length);
  jest.spyOn(Math, "random").mockReturnValue(0);
  for (const strategy of strategies) expect(await triesOf(strategy)).toBe(CALL_ATTEMPTS);
});

type RetryStrategy = Awaited<ReturnType<ReturnType<typeof makeS3Client>["config"]["retryStrategy"]>>;

async function triesOf(strategy: RetryStrategy): Promise<number> {
  if (!("acquireInitialRetryToken" in strategy)) throw new Error("a strategy of the SDK's older kind");
  let token = await strategy.acquireInitialRetryToken("test");
  for (let tries = 1; ; tries += 1) {
    try {
      token = await strategy.refreshRetryTokenForRetry(token, { errorType: "THROTTLING" });
    } catch {
      return tries;
    }
  }
}

test("pauses before retries double up to a bound, spread over all that is below", () => {
  expect([1, 2, 3, 4, 5, 9].map((retry) => callPause(retry, 0.9999))).toEqual([200, 400, 800, 1_600, 3_200, 19_999]);
  expect(callPause(5, 0)).toBe(1);
});
