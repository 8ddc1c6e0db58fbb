import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { RunFailedError } from "../../../../kit/cli/command-errors";
import type { DeploymentRef } from "../../../../kit/cli/terraform/deployments";
import { Harness, OUTPUTS } from "./harness";

const TAGS = { Project: "filemill", Environment: "dev", Owner: "jane" };
const BUCKETS = ["uploading", "processing", "state"] as const;
const SOURCE = "somebodys-files";
const NOTHING_DELETED = "nothing was deleted";

let harness: Harness;
let opened: DeploymentRef[];
/** What `terraform output -json` says. */
let stateOutputs: unknown;
const outputs = { ...OUTPUTS, source_buckets: ["uploading", SOURCE] };

beforeEach(async () => {
  harness = await Harness.make();
  const { storage } = harness;
  for (const name of BUCKETS) storage.add(name, TAGS, ["a", "b", "b", "c", "d"]);
  storage.add(SOURCE, { Project: "payroll" }, ["precious"]);
  for (const table of [OUTPUTS.results_table, OUTPUTS.ledger_table]) storage.tables.set(table, false);
  const file = Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { value }]));
  await writeFile(path.join(harness.directory, "outputs.json"), JSON.stringify(file));
  opened = [];
  stateOutputs = { state_bucket: { value: "state" } };
  harness.deployments = {
    synthesize: () => Promise.reject(new Error("nothing is synthesized here")),
    check: () => undefined,
    open: (ref) => {
      opened.push(ref);
      return Promise.resolve({
        outputs: stateOutputs,
        destroy: (say) => {
          say("Destroy complete!");
          harness.events.push("terraform destroy");
          // as AWS does: a bucket that holds anything refuses
          for (const name of BUCKETS) if (storage.keysOf(name)?.length === 0) storage.buckets.delete(name);
          return Promise.resolve();
        },
      });
    },
  };
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

const destroy = (...options: string[]) => harness.run("destroy", "--stack-outputs", "outputs.json", ...options);
const contents = () => Object.fromEntries([...harness.storage.buckets].map(([name, { versions }]) => [name, versions.length]));
const UNTOUCHED = { uploading: 5, processing: 5, state: 5, [SOURCE]: 1 };

/** Refused with this code and these words, and all is as it was. */
async function expectRefused(exitCode: number, words: string, ...options: string[]): Promise<void> {
  const result = await destroy(...options);
  expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode, stderr: expect.stringContaining(words) as string });
  expect(result.stderr).toMatch(/^fix: \S/m);
  expect(harness.events).not.toContain("terraform destroy");
  expect(contents()).toEqual(UNTOUCHED);
}

describe("a stack that is to go", () => {
  test("every version of its own buckets goes, then Terraform destroys it; a bucket that batches only read keeps everything", async () => {
    const { exitCode, stdout, stderr } = await destroy("--yes", "batch-dev");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "batch-dev destroyed\n" });
    expect(contents()).toEqual({ [SOURCE]: 1 });
    expect(opened).toEqual([{ system: "batch", environment: "dev", owner: "jane", region: "us-east-1" }]);
    expect(stderr).toContain(`not touched: ${SOURCE}`);
    expect(stderr).toContain("Destroy complete!");
  });

  test("what is typed counts like --yes", async () => {
    harness.answer = "batch-dev";
    expect(await destroy()).toMatchObject({ exitCode: 0, stdout: "batch-dev destroyed\n" });
    expect(contents()).toEqual({ [SOURCE]: 1 });
  });

  test("open batches are cancelled and reported before anything is deleted", async () => {
    await mkdir(path.join(harness.directory, "texts"));
    await writeFile(path.join(harness.directory, "texts/a.txt"), "words");
    harness.finishes = false;
    const batchId = (await harness.run("submit", "texts", "--stack-outputs", "outputs.json")).stdout.trim();
    const ended: (string | undefined)[] = [];
    harness.storage.beforeRemove = () => {
      ended.push(reported);
    };
    let reported: string | undefined;
    const markCompletionSent = harness.ledger.markCompletionSent.bind(harness.ledger);
    harness.ledger.markCompletionSent = async (ref, at) => {
      await markCompletionSent(ref, at);
      reported = ref.batchId;
    };
    const { exitCode, stdout } = await destroy("--yes", "batch-dev", "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ stack: "batch-dev", destroyed: true, openBatches: [batchId], untouchedBuckets: [SOURCE] });
    expect(new Set(ended)).toEqual(new Set([batchId]));
  });

  test("what is written while a bucket is emptied goes, too", async () => {
    let late = 3;
    harness.storage.beforeRemove = (bucket) => {
      if (late > 0) harness.storage.put(bucket, `late-${late--}`);
    };
    expect(await destroy("--yes", "batch-dev")).toMatchObject({ exitCode: 0 });
    expect(late).toBe(0);
    expect(contents()).toEqual({ [SOURCE]: 1 });
  });

  test("somebody who writes on and on ends it with the cause, and Terraform is not run", async () => {
    harness.storage.beforeRemove = (bucket) => {
      harness.storage.put(bucket, "again");
    };
    const { exitCode, stderr } = await destroy("--yes", "batch-dev");
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining("somebody still writes into it") as string });
    expect(harness.events).not.toContain("terraform destroy");
  });

  test("one that an earlier try destroyed in part goes on where that stopped", async () => {
    harness.storage.buckets.delete("processing");
    harness.storage.tables.clear();
    expect(await destroy("--yes", "batch-dev")).toMatchObject({ exitCode: 0 });
    expect(contents()).toEqual({ [SOURCE]: 1 });
  });

  test("a bucket that Terraform leaves behind is named, exit code 1", async () => {
    const { open } = harness.deployments;
    harness.deployments = {
      synthesize: () => Promise.reject(new Error("nothing is synthesized here")),
      check: () => undefined,
      open: async (ref, signal) => ({ ...(await open(ref, signal)), destroy: () => Promise.resolve() }),
    };
    const { exitCode, stderr } = await destroy("--yes", "batch-dev");
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining("still there, emptied") as string });
  });
});

describe("--dry-run", () => {
  test("says what would go and what would not, asks for nothing, needs no Terraform, and changes nothing", async () => {
    harness.deployments = {
      synthesize: () => Promise.reject(new Error("nothing is synthesized here")),
      check: () => {
        throw new Error("not to be called");
      },
      open: () => Promise.reject(new Error("nor this")),
    };
    const { exitCode, stdout } = await destroy("--dry-run");
    expect(exitCode).toBe(0);
    const told = stdout.replaceAll(/[\s│]+/g, " ");
    for (const words of [...BUCKETS.map((name) => `bucket ${name}`), "5 object versions", "with batch-dev goes for good", "keeps a backup"])
      expect(told).toContain(words);
    expect(told).toContain(`not touched: ${SOURCE}`);
    expect(contents()).toEqual(UNTOUCHED);
  });

  test("as JSON", async () => {
    harness.storage.tables.set(OUTPUTS.ledger_table, true);
    const { stdout } = await destroy("--dry-run", "--json");
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 2,
      stack: "batch-dev",
      destroyed: false,
      buckets: BUCKETS.map((name) => ({ name, versions: 5, bytes: 5 })),
      tables: [
        { name: OUTPUTS.results_table, isProtected: false },
        { name: OUTPUTS.ledger_table, isProtected: true },
      ],
      openBatches: [],
      untouchedBuckets: [SOURCE],
    });
  });
});

describe("refused, and nothing is deleted", () => {
  test("without a person at a terminal and without --yes", async () => {
    await expectRefused(2, "standard input is no terminal");
    expect(harness.connected).toEqual([]);
  });
  test.each(["batch-prod", "dev", "", "yes"])("the wrong name '%s', typed or given", async (name) => {
    await expectRefused(2, "the stack is batch-dev", "--yes", name);
    harness.answer = name;
    await expectRefused(2, "the stack is batch-dev");
  });
  test("no stack was named, though a local one is up", async () => {
    await harness.run("local", "up");
    const { exitCode, stderr } = await harness.run("destroy", "--yes", "batch-local");
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining("npx filemill local down") as string });
  });
  test.each(BUCKETS)("%s has not the mark", async (bucket) => {
    for (const tags of [{}, { ...TAGS, Project: "payroll" }, { ...TAGS, Owner: "" }, { ...TAGS, Environment: "prod" }]) {
      const found = harness.storage.buckets.get(bucket);
      harness.storage.buckets.set(bucket, { tags, versions: found?.versions ?? [] });
      await expectRefused(2, NOTHING_DELETED, "--yes", "batch-dev");
    }
  });
  test("every bucket is gone: which stack that was, nothing says", async () => {
    harness.storage.buckets.clear();
    const { exitCode, stderr } = await destroy("--yes", "batch-dev");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining("none of the stack's buckets is there") as string,
    });
  });
  test.each([OUTPUTS.results_table, OUTPUTS.ledger_table])("the table %s is protected", async (table) => {
    harness.storage.tables.set(table, true);
    await expectRefused(2, `${table} is protected against deletion`, "--yes", "batch-dev");
  });
  test.each([
    ["of nothing", {}, "knows no batch-dev"],
    ["of another stack", { state_bucket: { value: "bobs" } }, "another stack's, with the bucket 'bobs'"],
    ["that is none", [], "knows no batch-dev"],
  ])("a state %s", async (_name, found, words) => {
    stateOutputs = found;
    await expectRefused(1, words, "--yes", "batch-dev");
  });
  test("no Terraform", async () => {
    harness.deployments = {
      ...harness.deployments,
      synthesize: () => Promise.reject(new Error("nothing is synthesized here")),
      check: () => {
        throw new RunFailedError("terraform is not on the PATH", "install it");
      },
    };
    await expectRefused(1, "terraform is not on the PATH", "--yes", "batch-dev");
    expect(opened).toEqual([]);
  });
});
