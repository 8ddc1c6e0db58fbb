import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import priceList from "../../../../kit/lib/price-list.json";
import { DOCTOR, Harness, OUTPUTS } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.withTexts();
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

interface Routes {
  readonly routes: { readonly route: string; readonly costUsd: number; readonly size: number; readonly boundBy: string }[];
}
const estimated = async (...args: string[]): Promise<Routes & Record<string, unknown>> => {
  const { exitCode, stderr, stdout } = await harness.run("estimate", ...args, "--json");
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Routes & Record<string, unknown>;
};
const THOUGHT = ["--bytes", "100TB", "--files", "100000000"] as const;

test("100 TB in 100 million files, without any stack: every route, what binds it, the choice and what is assumed", async () => {
  const { exitCode, stdout } = await harness.run("estimate", ...THOUGHT, "--deadline", "2h");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^100,000,000 files, 100\.0 TB: 2,272,728 chunks/);
  expect(stdout).toContain("50 batches");
  expect(stdout).toMatch(/workers of the fleet/);
  expect(stdout).toMatch(/fleet: not within 2 h; \d+ workers would do/);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain("spot vCPUs of the account: from 5 to");
  expect(stdout).toContain("--route auto takes fleet: Lambda is sooner, but costs");
  expect(stdout).toContain("assumed:\n- a slot works through 20 MB a second");
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(harness.connected).toHaveLength(0);
});

test("files of this machine, by the sizes that they have; a packed one is not cut", async () => {
  const folder = path.join(harness.directory, "big");
  await mkdir(folder);
  await writeFile(path.join(folder, "a.txt"), Buffer.alloc(20 * 1_048_576, "a "));
  await writeFile(path.join(folder, "b.log.gz"), Buffer.alloc(20 * 1_048_576, "a "));
  expect(await estimated("big", "--environment", "local")).toMatchObject({
    files: 2,
    bytes: 40 * 1_048_576,
    work: { chunks: 4, splits: 4 },
  });
  expect(await estimated("texts")).toMatchObject({
    files: 2,
    bytes: 10,
    batches: { count: 1, because: "one" },
    chosen: { route: "lambda" },
  });
});

test("objects of a bucket, through the stack's eyes", async () => {
  await harness.run("local", "up");
  harness.objects.set("uploading", "in/a.txt", "four");
  harness.objects.set("uploading", "in/b.tmp", "four");
  expect(await estimated("s3://uploading/in/")).toMatchObject({ files: 2, bytes: 8 });
  expect(await estimated("s3://uploading/in/", "--exclude", "*.tmp")).toMatchObject({ files: 1, bytes: 4 });
});

test("environment, variables, quotas, rate and prices change it", async () => {
  const [dev] = (await estimated(...THOUGHT)).routes;
  expect(dev).toMatchObject({ size: 2, boundBy: "maximum-instances" });
  const prod = await estimated(...THOUGHT, "--environment", "prod", "--spot-vcpus", "180", "--on-demand-vcpus", "20");
  expect(prod.routes[0]).toMatchObject({ size: 100, boundBy: "maximum-instances" });
  harness.variables = { FILEMILL_MAXIMUM_INSTANCES: "1" };
  expect((await estimated(...THOUGHT)).routes[0]).toMatchObject({ size: 1 });
  harness.variables = {};
  expect((await estimated(...THOUGHT, "--lambda-concurrency", "10")).routes[1]).toMatchObject({ size: 10, boundBy: "lambdaConcurrency" });
  const quick = await estimated(...THOUGHT, "--rate", "40MB");
  expect(quick.work).toMatchObject({ slotSeconds: expect.closeTo(3_810_720, -3) as number });
  const dear = { ...priceList, prices: { ...priceList.prices, stateTransition: { ...priceList.prices.stateTransition, usd: 1 } } };
  await writeFile(path.join(harness.directory, "dear.json"), JSON.stringify(dear));
  expect((await estimated(...THOUGHT, "--prices", "dear.json")).routes[0]?.costUsd).toBeGreaterThan(4_000_000);
});

test("a deployed stack that is named says what it was deployed with, and its account what it has", async () => {
  const outputs = { ...OUTPUTS, configured: { ...OUTPUTS.configured, spot_vcpus: 600, maximum_open_batches: 3 } };
  await writeFile(
    path.join(harness.directory, "outputs.json"),
    JSON.stringify(Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { value }]))),
  );
  const answer = (value: number) => ({ value });
  harness.parts = {
    doctor: {
      ...DOCTOR,
      emulator: false,
      quotas: {
        read: () =>
          Promise.resolve({
            lambdaConcurrency: answer(70),
            unreservedLambdaConcurrency: answer(70),
            spotVcpus: answer(64),
            onDemandVcpus: { problem: "denied" },
          }),
      },
    },
  };
  const { assumptions, batches, routes } = await estimated(...THOUGHT, "--stack-outputs", "outputs.json");
  expect(batches).toMatchObject({ open: 3 });
  expect(routes[0]).toMatchObject({ size: 32, boundBy: "spotVcpus" });
  expect(routes[1]).toMatchObject({ size: 70 });
  expect(JSON.stringify(assumptions)).toContain("spot vCPUs 64 (the account's), on-demand vCPUs 5 (AWS's default)");
});

test.each([
  ["nothing", [], /nothing to estimate/],
  ["bytes alone", ["--bytes", "1TB"], /--bytes without --files/],
  ["files alone", ["--files", "3"], /--files without --bytes/],
  ["both and a source", ["texts", "--bytes", "1TB", "--files", "3"], /there is one/],
  ["a file that no bucket holds", ["--bytes", "100TB", "--files", "1"], /more than an object of S3 holds \(50\.0 TB\)/],
  ["no size", ["--bytes", "many", "--files", "1"], /expected bytes/],
  ["no environment", [...THOUGHT, "--environment", "moon"], /Allowed choices are local, dev, prod, coursework/],
  ["no such price list", [...THOUGHT, "--prices", "none.json"], /can't be read/],
  ["no price list", [...THOUGHT, "--prices", "texts/a.txt"], /is no JSON/],
  ["a deadline that is over", [...THOUGHT, "--deadline", "2020-01-01T00:00:00Z"], /not in the future/],
])("refuses %s", async (_name, args, message) => {
  const { exitCode, stderr, stdout } = await harness.run("estimate", ...args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toMatch(message);
});

test("a price list without a number, or without the environment's instances, is refused by name", async () => {
  const without = async (name: string, document: object): Promise<string> => {
    await writeFile(path.join(harness.directory, name), JSON.stringify(document));
    const { exitCode, stderr } = await harness.run("estimate", ...THOUGHT, "--prices", name);
    expect(exitCode).toBe(2);
    return stderr;
  };
  const { queueRequest, ...others } = priceList.prices;
  expect(queueRequest.usd).toBeGreaterThan(0);
  expect(await without("short.json", { ...priceList, prices: others })).toContain("prices.queueRequest");
  expect(await without("bare.json", { ...priceList, instances: {} })).toContain("has no c7g.large");
});
