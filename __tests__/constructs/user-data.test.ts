import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { userData } from "../../constructs/compute/user-data";

const props = {
  region: "us-east-1",
  serviceName: "wordfreq",
  archive: { bucketName: "state", key: "artefacts/worker.tar.gz", sha256: "00" },
  environment: { A_KEY: "a value with spaces", LEFT_OUT: undefined, URL: "https://sqs.example/1/q?a=b&c=$d" },
  stopTimeoutSeconds: 110,
  logGroupName: "/filemill/wordfreq-worker",
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

describe("run on a host of stand-ins", () => {
  let host: string;
  beforeEach(() => {
    host = mkdtempSync(path.join(tmpdir(), "filemill-user-data-"));
  });
  afterEach(() => {
    rmSync(host, { recursive: true, force: true });
  });

  /** Every command that changes a host is a stand-in that tells its call; `scripts` says what some of them do besides. */
  const runOn = (scripts: Readonly<Record<string, string>>) => {
    const bin = path.join(host, "bin");
    mkdirSync(bin);
    mkdirSync(path.join(host, "etc/systemd/system"), { recursive: true });
    writeFileSync(path.join(host, "instance-id"), "i-0123456789abcdef0\n");
    for (const name of ["aws", "id", "rm", "sha256sum", "sleep", "systemctl", "tail", "tar", "useradd", "mkdir"]) {
      const file = path.join(bin, name);
      writeFileSync(file, `#!/bin/bash\necho "${name} $*" >> ${host}/calls\n${scripts[name] ?? ""}\n`);
      chmodSync(file, 0o755);
    }
    const script = userData({ ...props, runtime: "bundled" })
      .replaceAll(/> \/etc\//g, `> ${host}/etc/`)
      .replaceAll(/\/var\/lib\/cloud\/(data|instance)/g, host);
    const { status, stdout } = spawnSync("bash", { input: script, encoding: "utf8", env: { PATH: `${bin}:${process.env["PATH"] ?? ""}` } });
    return { status, stdout, calls: readFileSync(path.join(host, "calls"), "utf8").trim().split("\n") };
  };
  const named = (calls: readonly string[], name: string): string[] => calls.filter((call) => call.startsWith(`${name} `));
  /** A command that fails at its first calls. */
  const failing = (name: string, times: number): string => `test "$(grep -c '^${name} ' ${host}/calls)" -gt ${times}`;

  test("an archive that can't be fetched at first, or is not what was deployed, is fetched again", () => {
    const { calls, status, stdout } = runOn({
      aws: failing("aws", 3),
      // one that doesn't read what it is given would end the pipe
      sha256sum: `cat > /dev/null; ${failing("sha256sum", 1)}`,
      id: "exit 1",
      systemctl: "true",
    });
    expect({ status, last: stdout.trim().split("\n").at(-1) }).toEqual({ status: 0, last: "Service started successfully." });
    expect(named(calls, "aws")).toHaveLength(5);
    expect(named(calls, "aws").filter((call) => call.startsWith("aws logs"))).toEqual([]);
    expect(named(calls, "sleep")).toEqual(Array(4).fill("sleep 15"));
  });

  test("a start that fails is told in the workers' log group, with what the console said, as JSON whatever that was", () => {
    const { calls, status } = runOn({
      aws: `if [ "$1" = s3api ]; then exit 1; fi; printf '%s' "$*" > "${host}/last"`,
      tail: 'if [ "$1" = -n ]; then printf \'No "space" left\\\\ on \\t device\\n\\001\'; else cat; fi',
    });
    expect(status).toBe(1);
    expect(named(calls, "aws").slice(-2)).toEqual([
      "aws logs create-log-stream --region us-east-1 --log-group-name /filemill/wordfreq-worker --log-stream-name i-0123456789abcdef0",
      expect.stringContaining("aws logs put-log-events --region us-east-1"),
    ]);
    const [, events = ""] = readFileSync(path.join(host, "last"), "utf8").split("--log-events ");
    const [{ message, timestamp } = { message: "", timestamp: 0 }] = JSON.parse(events) as { message: string; timestamp: number }[];
    expect(JSON.parse(message)).toEqual({
      level: "ERROR",
      service: "wordfreq",
      message: "worker_start_failed",
      exitCode: 1,
      console: expect.stringContaining("No space left") as string,
    });
    expect(Math.abs(Date.now() - timestamp)).toBeLessThan(600_000);
  });

  test("one that never comes ends the start after a quarter of an hour, with its reason, and starts nothing", () => {
    const { calls, status, stdout } = runOn({ aws: "exit 1" });
    expect(status).toBe(1);
    expect(stdout).toContain("The worker's archive can't be fetched: gave up after 60 attempts.");
    expect(15 * named(calls, "sleep").length).toBeLessThanOrEqual(15 * 60);
    expect([...named(calls, "tar"), ...named(calls, "systemctl").filter((call) => call.includes("enable --now"))]).toEqual([]);
  });

  test("the service starts on no other instance than this one: an image of it has a worker that would take jobs (S1.56)", () => {
    const mark = path.join(host, "wordfreq-installed");
    expect(runOn({ systemctl: `test "$1" != enable || test -e ${mark}` }).status).toBe(0);
    const unit = readFileSync(path.join(host, "etc/systemd/system/wordfreq.service"), "utf8");
    expect(/^ConditionPathExists=(.*)$/m.exec(unit)?.[1]).toBe(mark);
  });

  test("on an image baked from a worker the older service goes, its user stays, and the new settings run (S1.56)", () => {
    const { calls, status } = runOn({});
    expect(status).toBe(0);
    expect(named(calls, "useradd")).toEqual([]);
    expect(named(calls, "systemctl")).toEqual([
      "systemctl is-enabled --quiet wordfreq.service",
      "systemctl disable --now wordfreq.service",
      "systemctl daemon-reload",
      "systemctl enable --now wordfreq.service",
    ]);
    const before = (one: string, other: string): boolean =>
      calls.findIndex((call) => call.startsWith(one)) < calls.findIndex((call) => call.startsWith(other));
    expect([before("systemctl disable", "rm -rf /opt/wordfreq"), before("rm -rf /opt/wordfreq", "tar ")]).toEqual([true, true]);
  });

  test("on a plain image the user is made, once", () => {
    const { calls, status } = runOn({ id: "exit 1", systemctl: 'test "$1" != is-enabled' });
    expect(status).toBe(0);
    expect(named(calls, "useradd")).toHaveLength(1);
    expect(named(calls, "systemctl")).not.toContain("systemctl disable --now wordfreq.service");
  });
});
