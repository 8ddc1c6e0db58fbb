import { setTimeout as delay } from "node:timers/promises";
import { makeS3Client, readClientSettings } from "../../adapters/clients";
import { systemClock } from "../../adapters/system-clock";
import { EnvironmentError } from "../../core/env";

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
