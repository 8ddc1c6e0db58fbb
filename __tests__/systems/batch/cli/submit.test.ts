import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { InterruptedError } from "../../../../kit/cli/command-errors";
import { Harness } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.upWithTexts();
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

describe("submit", () => {
  test("prints the batch's id and doesn't wait", async () => {
    harness.finishes = false;
    const batchId = await harness.submitted();
    expect((await harness.ledger.listBatches(2)).map((batch) => batch.batchId)).toEqual([batchId]);
    expect(await readdir(harness.directory)).not.toContain("filemill-out");
  });

  test("the same request id gives the same batch, another one does not", async () => {
    const first = await harness.submitted("--request-id", "nightly");
    expect(await harness.submitted("--request-id", "nightly")).toBe(first);
    expect(await harness.submitted("--request-id", "other")).not.toBe(first);
    const { exitCode, stderr } = await harness.run("submit", "texts", "--request-id", "nightly", "--top", "3");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/error: request id 'nightly' is batch .* top was '10', is '3'\nfix: /);
  });

  test("--json is one line", async () => {
    const { stdout } = await harness.run("submit", "texts", "--json", "--request-id", "r");
    expect(stdout).toMatch(/^[^\n]+\n$/);
    const [batch] = await harness.ledger.listBatches(2);
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 2, batchId: batch?.batchId, generation: 1, requestId: "r" });
  });

  test.each(["batch", "upload"])("--watch --via %s waits, writes the results and exits by them", async (via) => {
    const { exitCode, stdout } = await harness.run("submit", "texts", "--watch", "--json", "--out", "there", "--via", via);
    expect(exitCode).toBe(3);
    const { batchId } = JSON.parse(stdout) as { batchId: string };
    expect((await readdir(path.join(harness.directory, "there", batchId))).toSorted()).toEqual(
      via === "batch" ? ["batch.json", "receipt.json", "results.jsonl"] : ["batch.json", "results.jsonl"],
    );
  });

  test("objects of a bucket are a batch where they are", async () => {
    harness.finishes = false;
    await harness.objects.put("uploading", "2026/a.txt", "x");
    await harness.objects.put("uploading", "notes.txt", "x");
    const { exitCode } = await harness.run(
      "submit",
      "s3://uploading/2026",
      "s3://uploading/notes.txt",
      "--exclude",
      "*.csv",
      "--route",
      "lambda",
    );
    expect(exitCode).toBe(0);
    expect(await harness.ledger.listBatches(2)).toEqual([
      expect.objectContaining({
        sources: [
          { bucket: "uploading", prefix: "2026/" },
          { bucket: "uploading", prefix: "", object: "notes.txt" },
        ],
        filter: { include: [], exclude: ["*.csv"] },
        requestedRoute: "lambda",
      }),
    ]);
  });

  test("several paths are one batch; what is left out is said, and what can't be taken is skipped only when told", async () => {
    harness.finishes = false;
    await mkdir(path.join(harness.directory, "more/.git"), { recursive: true });
    await writeFile(path.join(harness.directory, "more/.git/HEAD"), "x");
    await writeFile(path.join(harness.directory, "more/extra.txt"), "x");
    await symlink("gone", path.join(harness.directory, "more/broken"));
    const refused = await harness.run("submit", "texts", "more");
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toMatch(
      /1 thing of the input can't be taken:\n'.*more\/broken': a link that leads nowhere\nfix: .*--skip-unreadable/,
    );
    expect(await harness.ledger.listBatches(1)).toEqual([]);
    const skipped = await harness.run("submit", "texts", "more", "--skip-unreadable");
    expect(skipped.exitCode).toBe(3);
    expect(skipped.stderr).toContain("left out: .git; --no-default-excludes takes in what is left out by name\n");
    expect(skipped.stderr).toMatch(/^skipped '.*broken': a link that leads nowhere$/m);
    const [batch] = await harness.ledger.listBatches(1);
    expect(harness.objects.keys("uploading")).toContain(`batches/${batch?.batchId ?? ""}/extra.txt`);
  });

  test("S1.35: --files-from brings what a list names, beside arguments; what isn't there is told with its line, and skipped when told", async () => {
    harness.finishes = false;
    harness.standardInput = "# mine\ntexts/a.txt\ngone.txt\nnot/there\n";
    const refused = await harness.run("submit", "texts/b.bad", "--files-from", "-");
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toContain("left out as 1 comment of the list");
    expect(refused.stderr).toMatch(
      /2 things of the input can't be taken:\n'gone.txt' \(standard input, line 3\): no such file or folder\n'not\/there' \(standard input, line 4\): no such/,
    );
    const skipped = await harness.run("submit", "texts/b.bad", "--files-from", "-", "--skip-unreadable");
    expect(skipped.exitCode).toBe(3);
    const [batch] = await harness.ledger.listBatches(1);
    expect(harness.objects.keys("uploading").toSorted()).toEqual(
      ["b.bad", "texts/a.txt"].map((name) => `batches/${batch?.batchId ?? ""}/${name}`),
    );
  });

  test("a list of addresses names objects of S3", async () => {
    harness.finishes = false;
    await harness.objects.put("uploading", "2026/a.txt", "x");
    harness.standardInput = "s3://uploading/2026/\0";
    expect((await harness.run("submit", "--files-from", "-")).exitCode).toBe(0);
    expect(await harness.ledger.listBatches(2)).toEqual([expect.objectContaining({ sources: [{ bucket: "uploading", prefix: "2026/" }] })]);
    harness.standardInput = "s3://A\ns3://uploading/2026/\ns3:b\n";
    expect((await harness.run("submit", "--files-from", "-")).stderr).toMatch(
      /'s3:\/\/A' is not an S3 address\n's3:b' is not an S3 address/,
    );
  });

  test("--changed-since submits what is new or changed by content, tells the rest, and ends well when nothing is", async () => {
    harness.finishes = false;
    const files = path.join(harness.directory, "texts");
    await writeFile(path.join(files, "c.txt"), "gone soon");
    const first = await harness.submitted("--request-id", "first");
    const nothing = await harness.run("submit", "texts", "--changed-since", "first", "--json");
    expect(nothing).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("nothing has changed: there is nothing to submit") as string,
    });
    expect(JSON.parse(nothing.stdout)).toMatchObject({ batchId: null });
    await writeFile(path.join(files, "a.txt"), "WORDS");
    await writeFile(path.join(files, "d.txt"), "new");
    await writeFile(path.join(files, "0.txt"), "new");
    await rm(path.join(files, "c.txt"));
    const { exitCode, stderr, stdout } = await harness.run("submit", "texts", "--changed-since", first.slice(0, 20));
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`since batch ${first}: 3 files new or changed, 1 file unchanged and left out, 1 file no longer there`);
    expect(harness.objects.keys("uploading").filter((key) => key.includes(stdout.trim()))).toEqual(
      ["0.txt", "a.txt", "d.txt"].map((name) => `batches/${stdout.trim()}/${name}`),
    );
    await harness.objects.put("uploading", "x/y.txt", "x");
    await harness.run("submit", "s3://uploading/x/", "--request-id", "objects");
    const refused = await harness.run("submit", "texts", "--changed-since", "objects");
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("it is of objects in S3") as string });
  });

  test.each([
    ["3", { files: 3 }, "above 3 files in quarantine"],
    ["2.5%", { percent: 2.5 }, "above 2.5% of its files in quarantine"],
  ])("--stop-after-failures %s is the batch's, and part of what its request id stands for", async (given, failureLimit, told) => {
    harness.finishes = false;
    const bounded = ["submit", "texts", "--request-id", "bounded"];
    await harness.run(...bounded, "--stop-after-failures", given);
    expect(await harness.ledger.listBatches(1)).toMatchObject([{ failureLimit }]);
    expect((await harness.run("status", "latest")).stdout).toContain(told);
    expect((await harness.run(...bounded)).stderr).toContain(`limit of failures was '${given}', is 'none'`);
  });

  test("--deadline and --budget are the batch's; the same request id keeps the first deadline", async () => {
    harness.finishes = false;
    const bounded = ["submit", "texts", "--request-id", "bounded", "--budget", "0.25", "--deadline"];
    await harness.run(...bounded, "1h30m");
    const [batch] = await harness.ledger.listBatches(1);
    expect(batch).toMatchObject({ budgetUsd: 0.25, deadline: "2026-01-01T01:30:00.000Z" });
    harness.clock.advance(1_000);
    const again = await harness.run(...bounded, "1h30m");
    expect(again).toMatchObject({ exitCode: 0, stdout: `${batch?.batchId ?? ""}\n` });
    expect(again.stderr).toContain("it keeps the deadline it was first submitted with: 2026-01-01T01:30:00.000Z\n");
    expect((await harness.run("status", "latest")).stdout).toContain(
      "stopped at the latest: at 2026-01-01T01:30:00.000Z, at $0.25 of estimated spending\n",
    );
  });

  test.each([
    [
      "a deadline that is over",
      ["texts", "--deadline", "2025-12-31T23:59:59Z"],
      /--deadline 2025-12-31T23:59:59\.000Z is not in the future/,
    ],
    ["a time without its zone", ["texts", "--deadline", "2026-02-01T00:00:00"], /a time with its zone/],
    ["no money", ["texts", "--budget", "0"], /US dollars above 0/],
    ["a comparison of objects", ["s3://uploading/x/", "--changed-since", "latest"], /--changed-since with s3:/],
    ["a share of all files", ["texts", "--stop-after-failures", "100%"], /a share below 100%/],
    ["no number", ["texts", "--stop-after-failures", "few"], /a number of files, such as 10/],
    [
      "a limit of failures on the upload path",
      ["texts", "--via", "upload", "--stop-after-failures", "1"],
      /--stop-after-failures with --via upload/,
    ],
    ["a currency sign", ["texts", "--budget", "$5"], /US dollars above 0/],
    ["a deadline on the upload path", ["texts", "--via", "upload", "--deadline", "2h"], /--deadline with --via upload/],
    ["a budget on the upload path", ["texts", "--via", "upload", "--budget", "2"], /--budget with --via upload/],
    ["a wrong S3 address", ["s3://A"], /'s3:\/\/A' is not an S3 address/],
    ["a prefix with no object on the upload path", ["s3://uploading/x", "--via", "upload"], /no object at s3:\/\/uploading\/x/],
    ["no bucket on the upload path", ["s3://nowhere/x", "--via", "upload"], /there is no bucket 'nowhere'/],
    [
      "default excludes of objects on the upload path",
      ["s3://uploading/x", "--via", "upload", "--no-default-excludes"],
      /--no-default-excludes with s3:/,
    ],
    [
      "a prefix with no object (bug report: 'completed' with 0 files)",
      ["s3://uploading/nothing/"],
      /no object at s3:\/\/uploading\/nothing\//,
    ],
    ["a bucket that isn't the stack's", ["s3://archive-bucket/x"], /may not read the bucket 'archive-bucket'/],
    ["paths and objects", ["texts", "s3://uploading/x"], /a batch has files of one kind/],
    ["an option for files with objects", ["s3://uploading/x", "--skip-unreadable"], /--skip-unreadable with s3:/],
    ["an empty path", ["texts", ""], /a path is empty/],
    ["patterns that leave nothing", ["texts", "--include", "*.nothing"], /--include and --exclude leave no file/],
    ["a pattern that can't be read", ["texts", "--exclude", "*.[z-a]"], /the pattern '\*\.\[z-a\]' can't be read/],
    ["an empty pattern", ["texts", "--include", ""], /an empty pattern/],
    ["a request id on the upload path", ["texts", "--via", "upload", "--request-id", "r"], /--request-id with --via upload/],
    ["an empty request id", ["texts", "--request-id", ""], /--request-id has 0 characters/],
    ["no source", [], /missing required argument 'source'/],
    ["standard input as a file", ["-"], /'-' is not a path: standard input.*\nfix: .*--files-from -/],
    ["--null alone", ["texts", "--null"], /--null without --files-from/],
    ["a list twice on standard input", ["--files-from", "-", "--files-from", "-"], /--files-from - twice/],
    ["no such path", ["nowhere"], /no such file or folder/],
  ])("%s exits with 2 and submits nothing", async (_name, args, message) => {
    const { exitCode, stderr, stdout } = await harness.run("submit", ...args);
    expect(stderr).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(await harness.ledger.listBatches(1)).toEqual([]);
    expect(harness.objects.keys("uploading")).toEqual([]);
  });
});

test("a batch whose files are all there and whose workflow could not be started says so", async () => {
  const start = harness.workflow.start.bind(harness.workflow);
  harness.workflow.start = () => Promise.reject(new Error("StartExecution was throttled"));
  expect((await harness.run("submit", "texts")).exitCode).toBe(1);
  harness.workflow.start = start;
  expect((await harness.run("status", "latest")).stdout).toMatch(
    /: not started\n[\s\S]*\nprogress: none; its workflow was not started yet, which is made good within minutes\n$/,
  );
});

describe("a submission that breaks off", () => {
  test("names the file that can't be read, is not reported as running, and says how it goes on", async () => {
    const putFile = harness.objects.putFile.bind(harness.objects);
    harness.objects.putFile = (bucket, key, file, metadata) =>
      key.endsWith("b.bad")
        ? Promise.reject(Object.assign(new Error("EIO: i/o error, read"), { code: "EIO", syscall: "read" }))
        : putFile(bucket, key, file, metadata);
    const { exitCode, stdout, stderr } = await harness.run("submit", "texts", "--request-id", "nightly");
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(
      /the submission of batch \w{26} broke off: it goes on when the same is submitted again with --request-id nightly\n/,
    );
    expect(stderr).toMatch(/error: '.*\/texts\/b\.bad' could not be uploaded: the device can't read or write it \(EIO\)\nfix: put it back/);
    harness.columns = 120;
    expect((await harness.run("status")).stdout).toContain("│ uploading │");
    harness.columns = undefined;
    expect((await harness.run("status", "latest")).stdout).toMatch(
      /: uploading\n[\s\S]*\nprogress: 1 of 2 files uploaded; if the command .* was ended, submit the same files again with --request-id nightly\n$/,
    );
    harness.objects.putFile = putFile;
    const again = await harness.run("submit", "texts", "--request-id", "nightly");
    expect(again.exitCode).toBe(0);
    expect((await harness.run("status")).stdout).not.toContain("uploading");
    expect(await harness.ledger.listBatches(5)).toHaveLength(1);
  });
  test("because it is interrupted: the same", async () => {
    const putFile = harness.objects.putFile.bind(harness.objects);
    harness.objects.putFile = (bucket, key, file, metadata) => {
      harness.interruption.abort(new InterruptedError());
      return putFile(bucket, key, file, metadata);
    };
    const { exitCode, stderr } = await harness.run("submit", "texts");
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/the submission of batch (\w{26}) broke off: .*--request-id \1\ninterrupted\n$/);
    expect(harness.workflow.executions.size).toBe(0);
  });
});

describe("a stack that is taken down while it is watched", () => {
  test("is said by name, long before a call would give up", async () => {
    harness.finishes = false;
    // the clock of the watching stands still: nothing else ends it
    harness.clock.sleep = (_milliseconds, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => {
          reject(signal.reason as Error);
        });
      });
    const watching = harness.run("submit", "texts", "--watch", "--json");
    while (harness.workflow.executions.size === 0) await new Promise((resolve) => setImmediate(resolve));
    harness.background = undefined;
    const { exitCode, stdout, stderr } = await watching;
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /error: the local stack at http:\/\/127\.0\.0\.1:4566 was taken down while the command worked on it\nfix: start one with `npx filemill local up`/,
    );
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "run-failed", exitCode: 1 } });
  });
});

describe("next steps", () => {
  test("end a submission that nobody waits for", async () => {
    const { stdout, stderr } = await harness.run("submit", "texts");
    const batchId = stdout.trim();
    expect(stderr).toMatch(
      new RegExp(
        `next: npx filemill status ${batchId} +how far it is\nnext: npx filemill results ${batchId} +.*\nnext: npx filemill cancel ${batchId} `,
      ),
    );
  });
  test("end one whose batch left something to do", async () => {
    expect((await harness.run("submit", "texts", "--watch")).stderr).toMatch(
      /\nnext: npx filemill quarantine list \w{26} {2}see what is quarantined\n$/,
    );
  });
});
