import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { InterruptedError } from "../../../../kit/cli/command-errors";
import { batchDocumentSchema } from "../../../../systems/batch/core/results/batch-document";
import { Harness } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
  await mkdir(path.join(harness.directory, "texts/sub"), { recursive: true });
  await writeFile(path.join(harness.directory, "texts/a.txt"), "words");
  await writeFile(path.join(harness.directory, "texts/sub/b.txt"), "words");
});
afterEach(async () => {
  // a run that failed may still be taking back what it had begun to write
  await rm(harness.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
});

const add = (name: string): Promise<void> => writeFile(path.join(harness.directory, "texts", name), "words");

describe("the disk of the local stack", () => {
  test("an input that may not fit on it is told beforehand, by size and folder", async () => {
    harness.freeBytes = 19;
    const { exitCode, stderr } = await harness.run("local", "run", "texts");
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^this may not fit: .* up to 20 B for these files, and \S+\.filemill has 19 B free; FILEMILL_HOME/);
    await harness.run("local", "up");
    expect((await harness.run("submit", "texts")).stderr).toContain("this may not fit: ");
  });

  test("one that fits is not", async () => {
    harness.freeBytes = 20;
    expect((await harness.run("local", "run", "texts")).stderr).not.toContain("fit");
    await harness.run("local", "up");
    expect((await harness.run("submit", "texts")).stderr).not.toContain("fit");
  });
});

describe.each(["batch", "upload"])("via %s", (via) => {
  test("counts, writes results, prints them, stops the stack and exits with 0", async () => {
    const { exitCode, stdout } = await harness.run("local", "run", "texts", "--via", via, "--workers", "3");
    expect(exitCode).toBe(0);
    expect(harness.events).toEqual(["synthesize", "start cdk.tf.json 3", "stop"]);
    const [batchId = ""] = await readdir(path.join(harness.directory, "filemill-out"));
    const folder = path.join(harness.directory, "filemill-out", batchId);
    const lines = (await readFile(path.join(folder, "results.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { filename: string }).filename)).toEqual(["a.txt", "sub/b.txt"]);
    expect(stdout).toContain(`batch ${batchId} completed`);
    expect(stdout).toMatch(/people\s*│\s*4/);
    expect(stdout).toContain(`results: ${folder}\n`);
  });

  test("S1: --json prints batch.json as the only line of stdout", async () => {
    const { stdout, stderr } = await harness.run("local", "run", "texts", "--via", via, "--json");
    expect(stdout).toMatch(/^[^\n]+\n$/);
    const document = batchDocumentSchema
      .extend({ schemaVersion: z.literal(2) })
      .strict()
      .parse(JSON.parse(stdout));
    expect(document).toMatchObject({
      generation: 1,
      status: "completed",
      files: { total: 2, processed: 2, skipped: 0, quarantined: 0, unfinished: 0 },
      bytes: 10,
      workload: { name: "word-count", options: { minimumWordLength: 5, top: 10, encoding: "auto" } },
      result: { totalWords: 6, distinctWords: 2, words: expect.arrayContaining([{ word: "people", count: 4 }]) as unknown },
      outputs: { files: 0, bytes: 0 },
      manifestSha256: via === "upload" ? null : "0".repeat(64),
    });
    expect(await readFile(path.join(harness.directory, "filemill-out", document.batchId, "batch.json"), "utf8")).toBe(stdout);
    expect(stderr).toContain("uploaded 2/2");
  });

  test("quarantined files are named, escaped, and make the exit code 3", async () => {
    await add("x\u001b[2J.bad");
    await add("y.png");
    const { exitCode, stdout } = await harness.run("local", "run", "texts", "--via", via);
    expect(exitCode).toBe(3);
    // single files of the upload path are told of by their exception, which has the reason
    const why = via === "upload" ? "corrupt-gzip" : "corrupt-gzip: unexpected end of file";
    expect(stdout).toContain(`quarantined: x\\u{1b}[2J.bad (${why})\n`);
    expect(stdout).toContain("skipped: y.png (not-text)\n");
    expect(stdout).not.toContain("\u001b");
  });

  test("skipped files leave the exit code 0", async () => {
    await add("y.png");
    expect((await harness.run("local", "run", "texts", "--via", via)).exitCode).toBe(0);
  });

  test("a failing stack ends the run with 1, naming why, and is stopped", async () => {
    harness.finishes = false;
    harness.fail({ message: "worker denied: dynamodb:PutItem", fix: "grant it" });
    const { exitCode, stderr, stdout } = await harness.run("local", "run", "texts", "--via", via);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("error: worker denied: dynamodb:PutItem\nfix: grant it\n");
    expect(stdout).toBe("");
    expect(harness.events.at(-1)).toBe("stop");
  });

  test("an interruption stops the stack, leaves no results and exits with 130", async () => {
    harness.finishes = false;
    const sleep = harness.clock.sleep.bind(harness.clock);
    harness.clock.sleep = (milliseconds, signal) => {
      harness.interruption.abort(new InterruptedError());
      return sleep(milliseconds, signal);
    };
    const { exitCode, stderr, stdout } = await harness.run("local", "run", "texts", "--via", via);
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(/\ninterrupted\n$/);
    expect(stdout).toBe("");
    expect(harness.events.at(-1)).toBe("stop");
    expect(await readdir(harness.directory)).not.toContain("filemill-out");
    expect(await readdir(path.join(harness.directory, ".filemill/runs"))).toEqual([]);
  });
});

test("a denied call that comes after the last result fails the run", async () => {
  const read = harness.queue.read.bind(harness.queue);
  harness.queue.read = () => {
    harness.fail({ message: "worker denied: sqs:DeleteMessage", fix: "grant it" });
    return read();
  };
  const { exitCode, stderr } = await harness.run("local", "run", "texts");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("sqs:DeleteMessage");
});

test("messages that stay in a queue are told", async () => {
  await harness.queue.send(["left"]);
  const { exitCode, stderr } = await harness.run("local", "run", "texts");
  expect(exitCode).toBe(0);
  expect(stderr).toContain("messages are still in the queues");
});

test("results that can't be written are an error of the run", async () => {
  await writeFile(path.join(harness.directory, "file"), "");
  const { exitCode, stderr } = await harness.run("local", "run", "texts", "--out", "file");
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/^error: .*file' is not a folder\nfix: give another folder with --out\n$/);
});

test("without a path the texts that come along are counted", async () => {
  const { exitCode, stdout } = await harness.run("local", "run", "--json");
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ files: { total: 233 } });
});

test("--stack-file takes the place of a synthesis", async () => {
  await harness.run("local", "run", "texts", "--stack-file", "other.tf.json", "--workers", "1");
  expect(harness.events).toEqual(["start other.tf.json 1", "stop"]);
});

test("--pinned-node runs Lambdas and workers by the Node of the instances", async () => {
  await harness.run("local", "run", "texts", "--workers", "1", "--pinned-node");
  expect(harness.events).toContain("start cdk.tf.json 1 by /pinned/node");
});

describe("wrong usage exits with 2 and starts nothing", () => {
  const cases: [name: string, args: string[], message: RegExp][] = [
    ["an unknown option", ["texts", "--nope"], /unknown option '--nope'/],
    ["an option misspelt", ["texts", "--worker", "2"], /fix: did you mean --workers\?/],
    ["no such path", ["nowhere"], /nowhere': no such file or folder/],
    ["an empty folder", ["empty"], /no files in 'empty'/],
    ["no workers", ["texts", "--workers", "0"], /whole number from 1 to 64/],
    ["workers that are no number", ["texts", "--workers", "two"], /whole number from 1 to 64/],
    ["half a worker", ["texts", "--workers", "1.5"], /whole number/],
    ["a top list too long", ["texts", "--top", "51"], /whole number from 1 to 50/],
    ["no minimum word length", ["texts", "--minimum-word-length", "0"], /whole number from 1 to 1024/],
    ["an unknown way", ["texts", "--via", "mail"], /Allowed choices are batch, upload/],
    ["an unknown route", ["texts", "--route", "spark"], /Allowed choices are auto, fleet, lambda/],
    ["Lambda on the upload path", ["texts", "--via", "upload", "--route", "lambda"], /events of the upload path go to the fleet/],
    ["files of one name", ["texts", "again"], /two files would both be named 'a\.txt'/],
    ["a value that is missing", ["texts", "--out"], /argument missing/],
  ];
  test.each(cases)("%s", async (_name, args, message) => {
    await mkdir(path.join(harness.directory, "empty"));
    await mkdir(path.join(harness.directory, "again"));
    await writeFile(path.join(harness.directory, "again/a.txt"), "another");
    const { exitCode, stderr, stdout } = await harness.run("local", "run", ...args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]+(\n[^\n]+)?\nfix: [^\n]+\n$/);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(harness.events).toEqual([]);
    expect(await readdir(harness.directory)).not.toContain("filemill-out");
  });
});
