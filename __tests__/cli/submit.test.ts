import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { InterruptedError } from "../../cli/errors";
import { BucketElsewhereError } from "../../core/ports/object-store";
import { VERSIONS } from "../../core/contracts/versions";
import { ENVIRONMENT, Harness, OUTPUTS } from "./harness";

const UNKNOWN = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.withTexts();
  const { stderr } = await harness.run("local", "up", "--workers", "2");
  if (harness.background === undefined) throw new Error(`the fake stack is not up: ${stderr}`);
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

async function submitted(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await harness.run("submit", "texts", ...args);
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^[0-9A-Z]{26}\n$/);
  return stdout.trim();
}

describe("submit", () => {
  test("prints the batch's id and doesn't wait", async () => {
    harness.finishes = false;
    const batchId = await submitted();
    expect((await harness.ledger.listBatches(2)).map((batch) => batch.batchId)).toEqual([batchId]);
    expect(await readdir(harness.directory)).not.toContain("filemill-out");
  });

  test("the same request id gives the same batch, another one does not", async () => {
    const first = await submitted("--request-id", "nightly");
    expect(await submitted("--request-id", "nightly")).toBe(first);
    expect(await submitted("--request-id", "other")).not.toBe(first);
    const { exitCode, stderr } = await harness.run("submit", "texts", "--request-id", "nightly", "--top", "3");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/error: request id 'nightly' is batch .* top was '10', is '3'\nfix: /);
  });

  test("--json is one line", async () => {
    const { stdout } = await harness.run("submit", "texts", "--json", "--request-id", "r");
    expect(stdout).toMatch(/^[^\n]+\n$/);
    const [batch] = await harness.ledger.listBatches(2);
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, batchId: batch?.batchId, generation: 1, requestId: "r" });
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

  describe("S1.90: the seconds of a run on the upload path", () => {
    const upload = (...args: string[]) => harness.run("submit", "texts", "--via", "upload", "--watch", "--out", "there", ...args);
    /** Keeps the notes of acknowledgements back. @returns puts them at last */
    function withhold(): () => Promise<void> {
      const put = harness.objects.put.bind(harness.objects);
      const held: (() => Promise<void>)[] = [];
      harness.objects.put = (...call) => {
        if (!call[1].includes("/acknowledged/")) return put(...call);
        held.push(() => put(...call));
        return Promise.resolve();
      };
      return async () => {
        for (const late of held.splice(0)) await late();
      };
    }

    test("end with the last acknowledgement: not with the last item, and what follows is no part of them", async () => {
      const release = withhold();
      const { clock, objects } = harness;
      const beganAt = clock.monotonic();
      const sleep = clock.sleep.bind(clock);
      clock.sleep = async (...call) => {
        if (clock.monotonic() - beganAt >= 7_000) await release();
        await sleep(...call);
      };
      const get = objects.get.bind(objects);
      objects.get = (...call) => {
        clock.advance(60_000);
        return get(...call);
      };
      const { stdout } = await upload("--json");
      const { seconds } = JSON.parse(stdout) as { seconds: number };
      expect(seconds).toBeGreaterThanOrEqual(7);
      expect(seconds).toBeLessThan(9);
    });

    test("are null, and the command says so, when one was not seen; the results are there all the same", async () => {
      withhold();
      const { exitCode, stderr, stdout } = await upload();
      expect({ exitCode, stderr }).toEqual({
        exitCode: 3,
        stderr: expect.stringContaining("2 acknowledgements not seen in time: how long the run took is not known\n") as string,
      });
      expect(stdout).toMatch(/^batch \w{26} completed on route fleet: 2 files, 10 B$/m);
    });
  });

  describe("S1.73: objects on the upload path", () => {
    const upload = (...args: string[]) => harness.run("submit", ...args, "--via", "upload");
    beforeEach(() => {
      // a bucket that the stack may not read: the user copies
      for (const name of ["a b.txt", "ü/größe.bad", "notes.csv"]) harness.objects.set("archive-bucket", `2026/${name}`, "words");
    });

    test("are copied from any bucket that the user may read, counted and written as files are; patterns choose among them", async () => {
      const { exitCode, stderr, stdout } = await upload(
        "s3://archive-bucket/2026/",
        "--exclude",
        "*.csv",
        "--watch",
        "--json",
        "--out",
        "there",
      );
      expect({ exitCode, stderr: exitCode === 3 ? "" : stderr }).toEqual({ exitCode: 3, stderr: "" });
      expect(stderr).toContain("copying 2 files, 10 B\n");
      const document = JSON.parse(stdout) as { batchId: string; seconds: unknown };
      expect(document).toMatchObject({ files: { total: 2, processed: 1, quarantined: 1 }, totalWords: 3, receipt: null });
      expect(document.seconds).toEqual(expect.any(Number));
      expect(harness.objects.keys("processing")).toEqual(["a b.txt", "ü/größe.bad"].map((name) => `uploads/${document.batchId}/${name}`));
      expect((await readdir(path.join(harness.directory, "there", document.batchId))).toSorted()).toEqual(["batch.json", "results.jsonl"]);
    });

    test("without --watch say where their results will be", async () => {
      harness.finishes = false;
      const { exitCode, stdout } = await upload("s3://archive-bucket/2026/notes.csv", "--json");
      expect(exitCode).toBe(0);
      const { batchId, filenamePrefix } = JSON.parse(stdout) as { batchId: string; filenamePrefix: string };
      expect(harness.objects.has("processing", `uploads/${batchId}/notes.csv`)).toBe(true);
      expect(filenamePrefix).toBe(`processing/uploads/${batchId}/`);
    });

    test("that can't be copied are all named before anything is; told to, it goes on without them", async () => {
      harness.finishes = false;
      for (const name of ["cold.txt", "colder.txt"]) {
        harness.objects.set("archive-bucket", `2026/${name}`, "x", { storageClass: name === "cold.txt" ? "GLACIER" : "DEEP_ARCHIVE" });
      }
      const refused = await upload("s3://archive-bucket/2026/");
      expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
      expect(refused.stderr).toMatch(/'s3:\/\/archive-bucket\/2026\/cold\.txt': it is archived: .*\n'.*colder\.txt'/);
      expect(harness.objects.keys("uploading")).toEqual([]);
      expect((await upload("s3://archive-bucket/2026/", "--skip-unreadable")).exitCode).toBe(3);
      expect(harness.objects.keys("processing")).toHaveLength(3);
      const onlyCold = await upload("s3://archive-bucket/2026/cold.txt", "--skip-unreadable");
      expect(onlyCold).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("no object is left") as string });
    });

    test("of a bucket that the user may not list, or not read, name the bucket and the action", async () => {
      harness.objects.denied.add("archive-bucket");
      const listing = await upload("s3://archive-bucket/2026/");
      expect(listing).toMatchObject({ exitCode: 2 });
      expect(listing.stderr).toMatch(/the bucket 'archive-bucket' can't be listed: .*s3:ListBucket/);
      harness.objects.denied.clear();
      harness.objects.denied.add("archive-bucket/2026/notes.csv");
      const reading = await upload("s3://archive-bucket/2026/");
      expect(reading).toMatchObject({ exitCode: 1 });
      expect(reading.stderr).toMatch(
        /s3:\/\/archive-bucket\/2026\/notes\.csv could not be copied: access denied\nfix: .*s3:GetObject on the bucket archive-bucket, /,
      );
    });

    test("of a bucket in another region are refused", async () => {
      harness.objects.list = (bucket, key) => {
        throw new BucketElsewhereError(bucket, key);
      };
      const { exitCode, stderr } = await upload("s3://archive-bucket/2026/");
      expect({ exitCode, stderr }).toEqual({
        exitCode: 2,
        stderr: expect.stringMatching(/'archive-bucket' is in another region/) as string,
      });
    });

    test("one that changes after it was looked at is an error that names it", async () => {
      const copy = harness.objects.copy.bind(harness.objects);
      harness.objects.copy = (from, to, options) => {
        harness.objects.set("archive-bucket", "2026/notes.csv", "changed");
        return copy(from, to, options);
      };
      const { exitCode, stdout } = await upload("s3://archive-bucket/2026/notes.csv", "--json");
      expect(exitCode).toBe(1);
      expect(JSON.parse(stdout)).toMatchObject({
        error: {
          code: "source-object",
          message: expect.stringContaining("s3://archive-bucket/2026/notes.csv could not be copied: it was changed") as string,
        },
      });
      expect(harness.objects.keys("processing")).toEqual([]);
    });

    test("are not copied any more after Ctrl-C", async () => {
      harness.interruption.abort(new InterruptedError());
      expect((await upload("s3://archive-bucket/2026/")).exitCode).toBe(130);
      expect(harness.objects.keys("processing")).toEqual([]);
    });
  });

  test("several paths are one batch; what is left out is said, and what can't be counted is skipped only when told", async () => {
    harness.finishes = false;
    await mkdir(path.join(harness.directory, "more/.git"), { recursive: true });
    await writeFile(path.join(harness.directory, "more/.git/HEAD"), "x");
    await writeFile(path.join(harness.directory, "more/extra.txt"), "x");
    await symlink("gone", path.join(harness.directory, "more/broken"));
    const refused = await harness.run("submit", "texts", "more");
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toMatch(
      /1 thing of the input can't be counted:\n'.*more\/broken': a link that leads nowhere\nfix: .*--skip-unreadable/,
    );
    expect(await harness.ledger.listBatches(1)).toEqual([]);
    const skipped = await harness.run("submit", "texts", "more", "--skip-unreadable");
    expect(skipped.exitCode).toBe(3);
    expect(skipped.stderr).toContain("left out: .git; --no-default-excludes takes in what is left out by name\n");
    expect(skipped.stderr).toMatch(/^skipped '.*broken': a link that leads nowhere$/m);
    const [batch] = await harness.ledger.listBatches(1);
    expect(harness.objects.keys("uploading")).toContain(`batches/${batch?.batchId ?? ""}/extra.txt`);
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

describe("the stack that is talked to", () => {
  const outputsFile = (): string => path.join(harness.directory, "outputs.json");
  beforeEach(async () => {
    const deployed = { ...OUTPUTS, region: "eu-west-1" };
    const terraform = Object.fromEntries(
      Object.entries(deployed).map(([name, value]) => [name, { sensitive: false, type: "string", value }]),
    );
    await writeFile(outputsFile(), JSON.stringify(terraform));
  });

  test("is the local one that is up, with its credentials", async () => {
    await submitted();
    expect(harness.connected).toEqual([
      { description: "the local stack at http://127.0.0.1:4566", outputs: OUTPUTS, environment: ENVIRONMENT },
    ]);
  });
  test("is the deployed one that is named, with the user's own credentials, even if a local one is up", async () => {
    await submitted("--stack-outputs", "outputs.json");
    harness.variables = { FILEMILL_STACK_OUTPUTS: outputsFile() };
    await submitted();
    expect(harness.connected).toHaveLength(2);
    for (const target of harness.connected)
      expect(target).toEqual({ description: expect.stringContaining("eu-west-1") as string, outputs: { ...OUTPUTS, region: "eu-west-1" } });
  });
  test("neither: both ways out are told", async () => {
    await harness.run("local", "down");
    const { exitCode, stderr } = await harness.run("submit", "texts");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^error: no stack to talk to.*\nfix: .*filemill local up.*--stack-outputs.*FILEMILL_STACK_OUTPUTS\n$/);
  });
  test.each([
    ["no file", undefined, /can't read the stack's outputs/],
    ["no JSON", "{", /is not JSON/],
    ["outputs of another stack", '{"url":{"value":"x"}}', /holds no outputs of a filemill stack: it has none of them\n/],
    ["no outputs", "{}", /holds no outputs of a filemill stack: it has none of them\n/],
    [
      "some of them",
      JSON.stringify({ ...OUTPUTS, region: 5, state_bucket: undefined, results_table: undefined }),
      /: state_bucket, results_table are missing; region has no usable value\n/,
    ],
  ])("%s is refused, in two lines", async (_name, content, message) => {
    if (content === undefined) await rm(outputsFile());
    else await writeFile(outputsFile(), content);
    const { exitCode, stderr } = await harness.run("status", "--stack-outputs", "outputs.json");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]+\nfix: write it again with `terraform output -json > FILE`[^\n]+\n$/);
  });
  test("a deployed one is named, for what is done there may cost something; the local one goes without saying", async () => {
    expect((await harness.run("status", "--stack-outputs", "outputs.json")).stderr).toBe(
      "with the stack deployed in eu-west-1 (outputs: outputs.json)\n",
    );
    expect((await harness.run("status")).stderr).toBe("");
  });
});

describe("results", () => {
  test("of a batch: shown, and written with --out", async () => {
    const batchId = await submitted();
    const shown = await harness.run("results", batchId);
    expect(shown.exitCode).toBe(3);
    expect(shown.stdout).toContain(`batch ${batchId} completed on route fleet: 2 files, 10 B in 1.5 s`);
    expect(await readdir(harness.directory)).not.toContain("there");
    const fetched = await harness.run("results", batchId, "--out", "there", "--json");
    expect(JSON.parse(fetched.stdout)).toMatchObject({ batchId, seconds: 1.5 });
    expect(await readdir(path.join(harness.directory, "there", batchId))).toHaveLength(3);
  });
  test("of a file: its item in the table, or why there is none", async () => {
    const { stdout } = await harness.run("submit", "texts", "--via", "upload", "--json");
    const { filenamePrefix } = JSON.parse(stdout) as { filenamePrefix: string };
    const item = await harness.run("results", `${filenamePrefix}a.txt`, "--json");
    expect(JSON.parse(item.stdout)).toMatchObject({ filename: `${filenamePrefix}a.txt`, words: [{ word: "people", count: 2 }] });
    const exception = await harness.run("results", `${filenamePrefix}b.bad`);
    expect(exception).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("quarantined (corrupt-gzip)") as string });
    // as the AWS CLI and the console have it
    for (const name of ["a.txt", "b.bad"]) {
      for (const options of [[], ["--json"]]) {
        const plain = await harness.run("results", `${filenamePrefix}${name}`, ...options);
        expect(await harness.run("results", `s3://${filenamePrefix}${name}`, ...options)).toEqual(plain);
      }
    }
  });
  test.each([
    ["an unknown batch", [UNKNOWN], /no such batch/],
    ["an unknown file", ["processing/none.txt"], /no result of 'processing\/none.txt'/],
    ["an unknown file by its address", ["s3://processing/none.txt"], /no result of 'processing\/none.txt'/],
    ["a bucket's address", ["s3://processing/"], /'s3:\/\/processing\/' is a bucket, and no file/],
    ["half an address", ["s3:processing/a.txt"], /is not an S3 address/],
    ["neither", ["what"], /'what' is not a batch's id and no request id/],
    ["--out with a file", ["processing/a.txt", "--out", "x"], /--out with a file/],
  ])("%s exits with 2", async (_name, args, message) => {
    const { exitCode, stderr } = await harness.run("results", ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
  test("a batch that runs has none yet", async () => {
    harness.finishes = false;
    const { exitCode, stderr } = await harness.run("results", await submitted());
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/has no result yet\nfix: .*filemill status/);
  });
});

describe("status", () => {
  test("lists batches, newest first, or none", async () => {
    expect((await harness.run("status")).stdout).toBe("no batches yet\n");
    const batchIds = [await submitted(), await submitted("--route", "lambda")];
    const { stdout } = await harness.run("status");
    for (const batchId of batchIds) expect(stdout).toContain(batchId);
    const listed = JSON.parse((await harness.run("status", "--json")).stdout) as { batches: { batchId: string }[] };
    expect(listed.batches.map(({ batchId }) => batchId).toSorted()).toEqual(batchIds.toSorted());
  });
  test("of one batch tells plan, progress and counts", async () => {
    harness.finishes = false;
    const ref = { batchId: await submitted("--request-id", "r\u001b"), generation: 1 };
    expect((await harness.run("status", ref.batchId)).stdout).toMatch(/: running\n.*request 'r\\u\{1b\}'.*\nprogress: planning\n/);
    await harness.ledger.recordPlan(ref, {
      route: "fleet",
      fileCount: 2,
      bytes: 10,
      splitCount: 2,
      chunkCount: 1,
      manifestSha256: "0".repeat(64),
      planSha256: "0".repeat(64),
      estimatedSeconds: 3,
      estimatedCostUsd: 0.01,
      acknowledgePer: "file",
      carriedFileCount: 0,
      versions: VERSIONS,
    });
    const leaseUntil = harness.clock.now() + 1_000;
    await harness.ledger.claimChunk(ref, 0, { worker: "w", leaseUntil });
    await harness.ledger.commitGroup(ref, 0, 1, { group: 0, outcomes: "P", finishes: false, leaseUntil, slotMilliseconds: 1 });
    const { stdout } = await harness.run("status", ref.batchId);
    expect(stdout).toContain("plan: 2 files, 10 B, in 1 chunk on route fleet; expected 3 s and $0.0100 on AWS\nprogress: 1 of 2 files\n");
    const json = JSON.parse((await harness.run("status", ref.batchId, "--json")).stdout) as object;
    expect(json).toMatchObject({ ...ref, status: "open", progress: { phase: "counting", settled: 1, total: 2 }, reported: false });
  });
  test("of a finished batch tells its end", async () => {
    const { stdout } = await harness.run("status", await submitted());
    expect(stdout).toMatch(/: completed\n[\s\S]*progress: reported\nfiles: 1 processed, 0 skipped, 1 quarantined, 0 unfinished\n/);
  });
  test.each([
    ["an unknown batch", UNKNOWN, /no such batch/],
    ["no id", "what", /'what' is not a batch's id/],
  ])("%s exits with 2", async (_name, id, message) => {
    const { exitCode, stderr } = await harness.run("status", id);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe("the local stack that stays up", () => {
  test("up --json is enough for any AWS client", async () => {
    await harness.run("local", "down");
    const { stdout } = await harness.run("local", "up", "--json");
    expect(stdout).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, endpoint: "http://127.0.0.1:4566", environment: ENVIRONMENT });
  });
  test("a second up is refused and the first stays", async () => {
    const { exitCode, stderr } = await harness.run("local", "up");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/is up already at http:\/\/127\.0\.0\.1:4566 with 2 workers\nfix: .*local down/);
    expect(harness.events).toEqual(["claim", "synthesize", "start background", "release"]);
  });
  test("status and down", async () => {
    expect((await harness.run("local", "status")).stderr).toContain(
      "up at http://127.0.0.1:4566 with 2 workers since 2026-01-01T00:00:00.000Z;",
    );
    expect(JSON.parse((await harness.run("local", "status", "--json")).stdout)).toMatchObject({ up: true, workers: 2 });
    expect((await harness.run("local", "down")).stdout).toBe("stopped the local stack at http://127.0.0.1:4566\n");
    expect((await harness.run("local", "down")).stdout).toBe("no local stack was up\n");
    expect((await harness.run("local", "status")).stderr).toBe("no local stack is up\n");
    expect(JSON.parse((await harness.run("local", "status", "--json")).stdout)).toEqual({ schemaVersion: 1, up: false });
  });
});
