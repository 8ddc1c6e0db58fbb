import { execFileSync } from "node:child_process";
import { userData } from "../../constructs/compute/user-data";

const props = {
  region: "us-east-1",
  archive: { bucketName: "state", key: "artefacts/worker.tar.gz", versionId: "v1", sha256: "00" },
  environment: { A_KEY: "a value with spaces", LEFT_OUT: undefined, URL: "https://sqs.example/1/q?a=b&c=$d" },
  stopTimeoutSeconds: 110,
} as const;

test("values reach the environment file as they are: the shell looks at none of them", () => {
  const script = userData({ ...props, runtime: "bundled" });
  const fileText = /^cat > \/etc\/wordfreq\.env.*?^END_OF_ENVIRONMENT$/ms.exec(script)?.[0].replace("> /etc/wordfreq.env ", "") ?? "";
  expect(execFileSync("bash", { input: fileText, encoding: "utf8" })).toBe(
    "# filemill environment begin\nA_KEY=a value with spaces\nURL=https://sqs.example/1/q?a=b&c=$d\n# filemill environment end\n",
  );
});

test("the worker runs on the archive's Node, or on the host's", () => {
  expect(userData({ ...props, runtime: "bundled" })).toContain("ExecStart=/opt/wordfreq/bin/node /opt/wordfreq/main.js\n");
  expect(userData({ ...props, runtime: "host" })).toContain("ExecStart=/usr/bin/env node /opt/wordfreq/main.js\n");
});

test("it stops at the first command that fails", () => {
  expect(
    userData({ ...props, runtime: "host" })
      .split("\n")
      .slice(0, 2),
  ).toEqual(["#!/bin/bash", "set -euo pipefail"]);
});

test("invariant 9: what spills goes to the disk, and a worker that ended in order is not started again", () => {
  const unit = /\[Service\]([^[]*)/.exec(userData({ ...props, runtime: "bundled" }))?.[1]?.split("\n");
  expect(unit).toContain("Environment=TMPDIR=/var/tmp");
  expect(unit).toContain("Restart=on-failure");
});
