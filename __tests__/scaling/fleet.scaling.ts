import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { runCommand, testHome } from "../support/command";
import { brokenUserData, courseworkStep, inService, ScaledStack, type Scaling } from "./scaled-stack";

const HOME = testHome("scaling");
/** Policies are ten times as fast as the clock: a worker that starts in a second has taken ten. */
const TIME_FACTOR = 10;
const FILES = 120;

let folder: string;
let stack: ScaledStack | undefined;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-scaling-"));
  const texts = path.join(folder, "texts");
  await mkdir(texts);
  for (let index = 0; index < FILES; index += 1) await writeFile(path.join(texts, `${index}.txt`), `Words about number ${index}. `);
});
afterEach(async () => {
  await stack?.stop();
  stack = undefined;
  await rm(folder, { recursive: true, force: true });
});

const loadTested = z.object({
  totalSeconds: z.number(),
  afterCopy: z.object({ visible: z.number(), inFlight: z.number() }),
  instances: z.object({ atFirst: z.number(), most: z.number() }),
  items: z.looseObject({}),
  survivors: z.array(z.unknown()),
});
const submitted = z.object({ batchId: z.string() });
const finished = z.object({ status: z.string(), files: z.object({ processed: z.number() }) });
/** Long enough that nobody is done before the others are there. */
const SLOW_WORK = "sh -c 'sleep 2; wc -w < {in}'";

const ended = ({ activities }: Scaling): number =>
  activities.filter(({ description, status }) => description.startsWith("Terminating") && status === "Successful").length;

describe("coursework with its step policy", () => {
  test("120 files bring five workers, at their minimum again afterwards; a scale-in in the middle loses nothing (S1.69, S1.85-S1.88)", async () => {
    const file = await courseworkStep(folder, 1);
    stack = await ScaledStack.start(HOME, TIME_FACTOR, "--workers", "5", "--stack-file", file);
    await stack.scaling("--desired", "1");
    await stack.until("one worker", ({ instances }) => instances.length === 1, 600);

    const { batchId } = submitted.parse(await stack.json("submit", path.join(folder, "texts"), "--exec", SLOW_WORK, "--route", "fleet"));
    await stack.untilVisible(({ chunks_queue_url: url }) => url, 100);
    const seconds = await stack.until("five in service", (scaling) => inService(scaling) === 5, 300);
    process.stdout.write(`five workers in service ${Math.round(seconds)} s of policies after the load\n`);
    expect(seconds).toBeLessThan(90);

    // four of five busy ones are ended: what they have in hand goes back
    const before = ended(await stack.scaling());
    await stack.scaling("--desired", "1");
    // by its activities: the policy has brought others by the next minute
    await stack.until("scaled in while busy", (scaling) => ended(scaling) >= before + 4, 600);
    const result = finished.parse(await stack.json("watch", batchId));
    expect(result).toEqual({ status: "completed", files: { processed: FILES } });

    const back = await stack.until("the minimum", ({ instances }) => instances.length === 1, 3_600);
    process.stdout.write(`the minimum again ${Math.round(back)} s of policies after the last file\n`);
    const { activities } = await stack.scaling();
    expect(activities.some(({ cause }) => /the alarm .*scale-out.* asked for the policy/.test(cause))).toBe(true);
  });
});

describe("the load test", () => {
  test("on coursework's step policy: several instances, 120 right items, the oldest is left; nothing of the stack stays (S1.70-S1.90)", async () => {
    // a worker here counts faster than a small instance: faster policies see the queue while it is long
    const chart = path.join(folder, "load-test.svg");
    const { exitCode, stderr, stdout } = await runCommand(HOME, [
      ...["load-test", "--environment", "coursework", "--run", "B", "--time-factor", "30", "--chart", chart, "--json"],
    ]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const test = loadTested.parse(JSON.parse(stdout));
    process.stdout.write(
      `120 files in ${test.totalSeconds.toFixed(1)} s, ${test.instances.most} instances at most, ${test.afterCopy.visible} and ${test.afterCopy.inFlight} after the copy\n`,
    );
    expect(test.items).toMatchObject({ files: 120, items: 120, scan: { returned: 120, scanned: 120 } });
    expect(test.afterCopy.visible + test.afterCopy.inFlight).toBeGreaterThan(100);
    expect(test.instances.atFirst).toBe(1);
    expect(test.instances.most).toBeGreaterThan(1);
    expect(test.survivors).toEqual([expect.objectContaining({ isOldest: true })]);
    expect(await readFile(chart, "utf8")).toContain("ALARM: wordfreq-jobs-scale-out");
    expect(JSON.parse((await runCommand(HOME, ["local", "status", "--json"])).stdout)).toMatchObject({ up: false });
  });
});

describe("a fleet that may be at zero", () => {
  test("goes there by itself; one file wakes a worker; a plan's demand is there within 30 s; then it is at zero again (S1.109)", async () => {
    stack = await ScaledStack.start(HOME, TIME_FACTOR, "--workers", "2");
    await stack.until("zero", ({ instances }) => instances.length === 0, 1_200);

    await writeFile(path.join(folder, "one.txt"), "Just one file of words.");
    await stack.json("submit", path.join(folder, "one.txt"), "--via", "upload");
    const woken = await stack.until("one worker", (scaling) => inService(scaling) === 1, 300);
    process.stdout.write(`one file woke a worker within ${Math.round(woken)} s of policies\n`);
    await stack.until("zero again", ({ instances }) => instances.length === 0, 1_200);

    const { batchId } = submitted.parse(await stack.json("submit", path.join(folder, "texts"), "--exec", SLOW_WORK, "--route", "fleet"));
    await stack.untilVisible(({ chunks_queue_url: url }) => url, 1);
    const planned = await stack.until("what the plan demands", (scaling) => inService(scaling) >= 1, 300);
    // the plan calls the orchestrator: no policy is waited for, and what passes is the clock's time
    const seconds = planned / TIME_FACTOR;
    process.stdout.write(`the plan's capacity was there within ${Math.round(seconds)} s\n`);
    expect(seconds).toBeLessThan(30);
    const result = finished.parse(await stack.json("watch", batchId));
    expect(result).toEqual({ status: "completed", files: { processed: FILES } });
    const back = await stack.until("zero after the batch", ({ instances }) => instances.length === 0, 1_200);
    process.stdout.write(`zero again ${Math.round(back)} s of policies after the batch\n`);
  });
});

describe("a fleet whose user data gives workers nothing to start with", () => {
  test("goes to zero, and stays there: the reconciler ends what shows no sign of life, and the orchestrator asks for no more", async () => {
    const workers = 3;
    stack = await ScaledStack.start(HOME, TIME_FACTOR, "--workers", String(workers), "--stack-file", await brokenUserData(folder));
    // ten minutes of the clock without a sign of life, which Lambdas count in
    const seconds = (await stack.until("zero", ({ desired, instances }) => desired === 0 && instances.length === 0, 12_000)) / TIME_FACTOR;
    process.stdout.write(`hosts that never started were given up after ${Math.round(seconds)} s\n`);
    await stack.json("submit", path.join(folder, "texts"), "--route", "fleet");
    // two minutes of the orchestrator's
    await new Promise((resolve) => setTimeout(resolve, 120_000 / TIME_FACTOR));
    expect(await stack.scaling()).toMatchObject({ desired: 0, instances: [] });
  });
});
