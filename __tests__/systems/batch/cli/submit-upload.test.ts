import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { InterruptedError } from "../../../../kit/cli/command-errors";
import { BucketElsewhereError } from "../../../../kit/ports/object-store";
import { Harness } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.upWithTexts();
});
afterEach(() => rm(harness.directory, { recursive: true, force: true }));

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
    expect(document).toMatchObject({ files: { total: 2, processed: 1, quarantined: 1 }, result: { totalWords: 3 }, receipt: null });
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
