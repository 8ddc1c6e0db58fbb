import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { mkdir } from "node:fs/promises";
import { Harness } from "../harness";

/** What the stand-in of the stack says that every text comes to: three words. */
const TEXT = "people people union\n";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
  await mkdir(path.join(harness.directory, "texts"));
  for (const name of ["1.txt", "2.txt", "3.txt"]) await writeFile(path.join(harness.directory, "texts", name), TEXT);
  await writeFile(path.join(harness.directory, "texts", "notes.md"), TEXT);
  await harness.run("local", "up");
  harness.events.length = 0;
  // the stand-in's items name the first word only
  const { results } = harness;
  harness.parts = {
    results: {
      put: (items) => results.put(items),
      get: async (names) =>
        (await results.get(names)).map((item) => ({ ...item, attributes: { ...item.attributes, Words: { people: 2, union: 1 } } })),
    },
  };
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

const test3 = (...options: string[]) => harness.run("load-test", "texts", "--files", "3", ...options);
const uploaded = async (): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of harness.objects.list("uploading", "")) keys.push(key);
  return keys;
};

test("texts are uploaded, copied without what is no text, one of them twice; each has one item (S1.32, S1.73, S1.74, S1.79)", async () => {
  const { exitCode, stdout, stderr } = await test3("--json");
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const document = JSON.parse(stdout) as Record<string, unknown>;
  expect(document).toMatchObject({
    passed: true,
    files: 3,
    bytes: 3 * TEXT.length,
    copies: 4,
    items: { files: 3, items: 3, wrong: [], missing: [], totalWords: 9, scan: { returned: 3, scanned: 3 } },
    purged: null,
  });
  expect(document["leftOut"]).toEqual([expect.stringMatching(/\/lsde-wordfreq-app\.zip$/)]);
  const keys = await uploaded();
  expect(keys).toHaveLength(4);
  expect(keys.some((key) => key.endsWith("notes.md"))).toBe(false);
  const processing: string[] = [];
  for await (const { key } of harness.objects.list("processing", "")) processing.push(key.split("/").at(-1) ?? "");
  expect(processing).toEqual(["1.txt", "2.txt", "3.txt"]);
  expect(stderr).toContain("what stays: objects below uploads/");
});

test("a table for people, which says what is measured; and a chart", async () => {
  harness.columns = 80;
  const { exitCode, stdout } = await test3("--chart", "load.svg");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("108 visible, 12 in");
  expect(stdout).toContain("last acknowledgement in the results queue");
  expect(stdout).toMatch(/passed\n$/);
  expect(await readFile(path.join(harness.directory, "load.svg"), "utf8")).toContain("<svg");
  // a chart of an earlier test may be replaced
  expect((await test3("--chart", "load.svg")).exitCode).toBe(0);
});

test("an item that a count of the same file contradicts is named, and the test has not passed", async () => {
  harness.parts = {};
  const { exitCode, stdout } = await test3();
  expect(exitCode).toBe(1);
  expect(stdout).toContain("0 of 3");
  expect(stdout).toMatch(/1\.txt.*the item says .*counted here/s);
  expect(stdout).toMatch(/not passed\n$/);
});

test("files that are not acknowledged in time, and a group that does not scale in, have not passed", async () => {
  harness.finishes = false;
  const late = await test3("--within", "5s", "--json");
  expect(late.exitCode).toBe(1);
  expect(JSON.parse(late.stdout)).toMatchObject({ passed: false, totalSeconds: null, items: { items: 0 } });

  harness.finishes = true;
  const group = harness.loadTest.fleet.state;
  let looks = 0;
  harness.loadTest.fleet.group = () => {
    looks += 1;
    return Promise.resolve(looks === 1 ? group : { ...group, desired: 2 });
  };
  const grown = await test3("--wait-for-scale-in", "10s", "--json");
  expect(grown.exitCode).toBe(1);
  expect(JSON.parse(grown.stdout)).toMatchObject({ passed: false, scaledInSeconds: null, items: { items: 3 } });
  looks = 0;
  expect((await test3("--wait-for-scale-in", "0s")).exitCode).toBe(0);
});

describe("nothing goes out", () => {
  test.each([
    ["too few texts", ["texts"], "'texts' has 3 files whose name ends with .txt; the load has 120"],
    [
      "a chart in the place of something else",
      ["texts", "--files", "3", "--chart", "mine.svg"],
      "is there already, and no chart of a load test",
    ],
    ["a chart in no folder", ["texts", "--files", "3", "--chart", "nowhere/chart.svg"], "can't write the chart to"],
    ["a chart of another kind", ["texts", "--files", "3", "--chart", "chart.png"], "doesn't end with .svg"],
    ["an environment with a stack that is up", ["--environment", "dev"], "--environment is of a stack that is started for the test"],
    ["a run of another environment", ["--environment", "dev", "--run", "B"], "--run with --environment dev"],
    ["bytes of files that are there", ["texts", "--bytes", "5MB"], "--bytes with a folder"],
    ["fewer bytes than files", ["--bytes", "100"], "--bytes 100 for 120 files"],
  ])("for %s", async (_, args, message) => {
    await writeFile(path.join(harness.directory, "mine.svg"), "<svg>mine</svg>");
    const { exitCode, stderr } = await harness.run("load-test", ...args);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(2);
    expect(await uploaded()).toEqual([]);
    expect(await readFile(path.join(harness.directory, "mine.svg"), "utf8")).toBe("<svg>mine</svg>");
  });

  test("for queues with messages in them, unless they may be deleted (S1.72)", async () => {
    harness.loadTest.results.visible = 4;
    const refused = await test3();
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("0 messages in the jobs queue and 4 messages in the results queue");
    expect(await uploaded()).toEqual([]);
    expect(harness.loadTest.results.visible).toBe(4);

    const { stdout } = await test3("--purge", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ passed: true, purged: { results: { visible: 4, inFlight: 0 } } });
  });
});

test("an interruption says what stays in a stack that stays", async () => {
  harness.loadTest.jobs.read = () => {
    if (harness.loadTest.fleet.done.length > 0) harness.interruption.abort(new Error("interrupted"));
    return Promise.resolve({ visible: 0, inFlight: 0 });
  };
  const list = harness.loadTest.fleet.activities.bind(harness.loadTest.fleet);
  harness.loadTest.fleet.activities = () => {
    harness.loadTest.fleet.done = [{ startedAt: "2026-01-01T00:00:00.000Z", status: "Successful", description: "Launching", cause: "" }];
    return list();
  };
  harness.finishes = false;
  const { exitCode, stderr } = await test3();
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain("what stays: objects below uploads/");
});

describe("a stack of its own", () => {
  beforeEach(async () => {
    await harness.run("local", "down");
    harness.events.length = 0;
  });

  test("is started and taken down; its queues are purged without a word, and nothing stays", async () => {
    harness.loadTest.jobs.visible = 1;
    const { exitCode, stderr } = await test3("--stack-file", "cdk.tf.json", "--workers", "5");
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(harness.events).toEqual(["start cdk.tf.json 5", "stop"]);
    expect(harness.loadTest.jobs.purges).toBe(1);
    expect(stderr).not.toContain("what stays");
  });

  test("goes with the test that fails on it", async () => {
    harness.fail({ message: "a permission is missing", fix: "a grant" });
    const { exitCode, stderr } = await test3("--stack-file", "cdk.tf.json", "--workers", "5");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("a permission is missing");
    expect(harness.events).toEqual(["start cdk.tf.json 5", "stop"]);
  });
});
