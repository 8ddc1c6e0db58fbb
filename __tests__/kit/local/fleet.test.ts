import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FleetError } from "../../../kit/local/errors";
import { DIE_WITH_PARENT } from "../../../kit/local/fleet/die-with-parent";
import { makeFleet, MAXIMUM_LOSSES } from "../../../kit/local/fleet/fleet";
import type { Fleet, FleetOptions } from "../../../kit/local/fleet/fleet";
import { launchTemplateSettings } from "../../../kit/local/fleet/launch-template";
import { findProcess } from "../../../kit/folders/processes";
import { StackFolder } from "../../../kit/local/processes/stack-folder";
import type { ProvisionedStack } from "../../../kit/local/provision/provision";
import type { LocalScaling } from "../../../kit/local/scaling/local-scaling";
import { PolicyClock } from "../../../kit/local/scaling/policy-clock";
import { eventually } from "./support/local-home";
import { scalingOf, SMALL_GROUP } from "./support/small-group";

let home: string;
let folder: StackFolder;
let fleet: Fleet | undefined;
let scaling: LocalScaling;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "filemill-fleet-"));
  folder = await StackFolder.create(home);
  fleet = undefined;
});
afterEach(async () => {
  scaling.stop();
  await fleet?.stop();
  await rm(home, { recursive: true, force: true });
});

async function start(
  program: string,
  workers = 1,
  options: Partial<FleetOptions> = {},
  group = scalingOf({ DesiredCapacity: workers }),
): Promise<Fleet> {
  const entryFile = path.join(home, "worker.js");
  await writeFile(entryFile, program);
  const environment = (number: number) => ({ NUMBER: String(number) });
  scaling = group;
  const size = () => scaling.group(SMALL_GROUP).desired;
  const common = { folder, name: "worker", entryFile, drainTimeoutMs: 60_000, endTimeoutMs: 60_000, environment, size };
  let made: Fleet | undefined;
  scaling.attach(SMALL_GROUP, (events) => {
    made = makeFleet({ ...common, ...options }, events);
    return made.host;
  });
  if (made === undefined) throw new Error("no fleet was made");
  fleet = made;
  scaling.begin();
  await made.settled();
  return made;
}
/** Empty until the worker is started. */
const logOf = (worker: number): Promise<string> => readFile(path.join(folder.path, `worker-${String(worker)}.log`), "utf8").catch(() => "");
const logged = (worker: number, text: string) => eventually(async () => (await logOf(worker)).includes(text));
const STAY = "setInterval(() => {}, 1000);";

describe("the fleet", () => {
  test("each worker is a process of its own with its own environment, folder and log", async () => {
    const running = await start(
      `const { HOME, NUMBER, TMPDIR } = process.env;
       console.log(NUMBER, process.cwd() === TMPDIR, HOME === TMPDIR, Object.keys(process.env).sort().join()); ${STAY}`,
      3,
    );
    // nothing of the command's own environment
    const names = "AWS_EC2_METADATA_DISABLED,AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED,HOME,LANG,NUMBER,PATH,TMPDIR";
    await eventually(async () => (await Promise.all([0, 1, 2].map(logOf))).every((log) => log.endsWith("\n")));
    expect(await Promise.all([0, 1, 2].map(logOf))).toEqual([0, 1, 2].map((number) => `${String(number)} true true ${names}\n`));
    expect(new Set(running.pids()).size).toBe(3);
  });

  test("workers run by the Node that is named, which comes first on their PATH", async () => {
    const nodeFile = path.join(home, "bin", "node");
    await mkdir(path.dirname(nodeFile));
    await writeFile(nodeFile, `#!/bin/sh\necho named\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
    await start(`console.log(process.env.PATH.split(":")[0]); ${STAY}`, 1, { nodeFile });
    await eventually(async () => (await logOf(0)).split("\n").length === 3);
    expect(await logOf(0)).toBe(`named\n${path.dirname(nodeFile)}\n`);
  });

  test("stopping waits for the drain", async () => {
    const drained = path.join(home, "drained");
    const running = await start(
      `const alive = setInterval(() => {}, 1000);
       process.on("SIGTERM", () => setTimeout(() => { require("node:fs").writeFileSync(${JSON.stringify(drained)}, "yes"); clearInterval(alive); }, 200));
       console.log("up");`,
    );
    await logged(0, "up");
    await running.stop();
    expect(await readFile(drained, "utf8")).toBe("yes");
  });

  test("a worker that does not drain in time is killed", async () => {
    const running = await start(`process.on("SIGTERM", () => console.log("no")); console.log("up"); ${STAY}`, 2, {
      // long enough for a busy machine to hand the signal over: it is to be asked before it is killed
      drainTimeoutMs: 3_000,
    });
    const pids = running.pids();
    await Promise.all([logged(0, "up"), logged(1, "up")]);
    await running.stop();
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await findProcess(pid)).toBeUndefined();
    expect(await logOf(0)).toContain("no");
  });

  test("is brought to another program and environment worker by worker: each drains first, and none of them is a loss", async () => {
    const running = await start(`process.on("SIGTERM", () => { console.log("drained"); process.exit(0); }); console.log("up"); ${STAY}`, 2);
    await Promise.all([logged(0, "up"), logged(1, "up")]);
    const before = running.pids();
    const entryFile = path.join(home, "next.js");
    await writeFile(entryFile, `console.log(process.env.NUMBER); ${STAY}`);
    const next = { entryFile, environment: (number: number) => ({ NUMBER: `next ${number}` }) };
    expect(await running.roll(next, 60_000)).toEqual({ replaced: 2, killed: 0 });
    await Promise.all([logged(2, "next 2"), logged(3, "next 3")]);
    expect(await Promise.all([0, 1].map(logOf))).toEqual(["up\ndrained\n", "up\ndrained\n"]);
    expect(running.pids()).toHaveLength(2);
    expect(running.pids().filter((pid) => before.includes(pid))).toEqual([]);
    const lost = await Promise.race([running.lost, Promise.resolve("none")]);
    expect(lost).toBe("none");
  });

  test("and one that does not drain in time is killed, and counted", async () => {
    const running = await start(`process.on("SIGTERM", () => console.log("no")); console.log("up"); ${STAY}`);
    await logged(0, "up");
    const entryFile = path.join(home, "next.js");
    await writeFile(entryFile, STAY);
    // long enough for a busy machine to hand the signal over
    expect(await running.roll({ entryFile, environment: () => ({}) }, 3_000)).toEqual({ replaced: 1, killed: 1 });
    expect(await logOf(0)).toContain("no");
    expect(running.pids()).toHaveLength(1);
  });

  test("a worker that ends by itself is reported with its exit and the end of its log, one that was stopped is not", async () => {
    const failing = await start(`console.error("x".repeat(5000) + " out of luck"); process.exit(3);`, 2);
    expect(await failing.lost).toMatchObject({
      description: expect.stringMatching(/^worker \d ended \(exit code 3\):\n[^]{0,2100}out of luck$/) as string,
    });
    const good = await start(STAY);
    let lost = false;
    void good.lost.then(() => (lost = true));
    await good.stop();
    expect(lost).toBe(false);
  });

  test("a killed worker is replaced by the next one, which has the next number and a log and disk of its own", async () => {
    const replaced: string[] = [];
    const running = await start(`require("node:fs").writeFileSync("spilled", ""); console.log("up", process.env.NUMBER); ${STAY}`, 2, {
      replaceLostWorkers: true,
      onReplaced: (message) => replaced.push(message),
    });
    await Promise.all([logged(0, "up 0"), logged(1, "up 1")]);
    const [first = 0, second] = running.pids();
    process.kill(first, "SIGKILL");
    await logged(2, "up 2");
    await eventually(() => replaced.length === 1);
    expect(replaced).toEqual(["worker 0 ended (signal SIGKILL); worker 2 takes its place"]);
    expect(running.pids()).toEqual([second, expect.any(Number)]);
    const disks = (await readdir(folder.path)).flatMap((name) => /^worker-(\d+)-/.exec(name)?.[1] ?? []);
    expect(disks.toSorted()).toEqual(["1", "2"]);
    expect(await readdir(folder.path)).toContain("worker-0.log");
    // the sweep of a later run would end it, if nobody else did
    expect(await readFile(path.join(folder.path, "processes.json"), "utf8")).toContain(String(running.pids()[1]));
    const last = running.pids();
    await running.stop();
    for (const pid of last) expect(await findProcess(pid)).toBeUndefined();
  });

  test("two that die at once are both replaced", async () => {
    const running = await start(`console.log("up"); ${STAY}`, 2, { replaceLostWorkers: true });
    await Promise.all([logged(0, "up"), logged(1, "up")]);
    for (const pid of running.pids()) process.kill(pid, "SIGKILL");
    await Promise.all([logged(2, "up"), logged(3, "up")]);
    expect(running.pids()).toHaveLength(2);
  });

  test("a program that can't run is given up, with the number of losses and the end of the last log", async () => {
    const running = await start(`console.error("no luck for", process.env.NUMBER); process.exit(3);`, 1, { replaceLostWorkers: true });
    expect(await running.lost).toEqual({
      worker: MAXIMUM_LOSSES - 1,
      description: `${String(MAXIMUM_LOSSES)} workers ended within 60 s; the last: worker 4 ended (exit code 3):\nno luck for 4`,
    });
    expect(await readdir(folder.path)).not.toContain("worker-5.log");
  });

  test("an instance that is ended drains, and is gone from its group; nobody takes its place (S1.47)", async () => {
    const replaced: string[] = [];
    const running = await start(
      `process.on("SIGTERM", () => { console.log("drained"); process.exit(0); }); console.log("up"); ${STAY}`,
      2,
      {
        replaceLostWorkers: true,
        onReplaced: (message) => replaced.push(message),
      },
    );
    await Promise.all([logged(0, "up"), logged(1, "up")]);
    const [first] = scaling.instances;
    scaling.group(SMALL_GROUP).terminate(first?.instance.id ?? "", Date.now(), { lowersDesired: true });
    scaling.settle();
    await eventually(() => scaling.instances.length === 1);
    expect(await logOf(0)).toBe("up\ndrained\n");
    expect(running.pids()).toHaveLength(1);
    expect(replaced).toEqual([]);
    expect(scaling.group(SMALL_GROUP).activities.at(-1)).toMatchObject({ instanceId: first?.instance.id, status: "Successful" });
  });

  test("one that doesn't drain in time is killed", async () => {
    await start(`process.on("SIGTERM", () => console.log("no")); console.log("up"); ${STAY}`, 1, { endTimeoutMs: 3_000 });
    await logged(0, "up");
    scaling.group(SMALL_GROUP).setDesired(0, Date.now());
    scaling.settle();
    await eventually(() => scaling.instances.length === 0);
    expect(await logOf(0)).toBe("up\nno\n");
  });

  test("a spot worker that has drained is no loss; its instance stays until EC2 takes it, and then another one comes (S1.48)", async () => {
    const replaced: string[] = [];
    // two minutes of notice are a second
    const running = await start(
      `process.on("SIGTERM", () => process.exit(0)); console.log("up"); ${STAY}`,
      1,
      { onReplaced: (message) => replaced.push(message) },
      scalingOf(
        { DesiredCapacity: 1, MixedInstancesPolicy: { InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 } } },
        new PolicyClock(120),
      ),
    );
    await logged(0, "up");
    const [only] = scaling.instances;
    scaling.interrupt(only?.instance.id ?? "");
    for (const pid of running.pids()) process.kill(pid, "SIGTERM");
    await eventually(() => running.pids().length === 0);
    await logged(1, "up");
    expect(scaling.instances.map(({ instance }) => instance.id)).not.toContain(only?.instance.id);
    expect(scaling.group(SMALL_GROUP).activities.map(({ cause }) => cause)).toContain(
      "it was taken out of service: EC2 took the spot instance back",
    );
    expect(await Promise.race([running.lost, Promise.resolve("none")])).toBe("none");
  });

  test("a fleet that is stopped replaces nobody", async () => {
    const running = await start(`console.log("up"); ${STAY}`, 1, { replaceLostWorkers: true });
    await logged(0, "up");
    for (const pid of running.pids()) process.kill(pid, "SIGKILL");
    await running.stop();
    expect(running.pids()).toEqual([]);
  });

  test("a worker dies with its parent, however that went", async () => {
    const program = path.join(home, "worker.js");
    await writeFile(program, STAY);
    const options = JSON.stringify([...DIE_WITH_PARENT, program]);
    const parent = spawn(
      process.execPath,
      [
        "-e",
        `const child = require("node:child_process").spawn(process.execPath, ${options}, { detached: true, stdio: ["pipe", "ignore", "ignore"] }); console.log(child.pid); ${STAY}`,
      ],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    expect(await findProcess(pid)).toBeDefined();
    parent.kill("SIGKILL");
    await eventually(async () => (await findProcess(pid)) === undefined);
  });

  test("and is not kept alive by watching it", async () => {
    const child = spawn(process.execPath, [...DIE_WITH_PARENT, "-e", "console.log(1)"], { stdio: ["pipe", "ignore", "ignore"] });
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});

describe("what a launch template gives a worker", () => {
  const template = (userData: string) => ({
    address: "aws_launch_template.t",
    type: "aws_launch_template",
    attributes: { user_data: Buffer.from(userData).toString("base64"), iam_instance_profile: [{ name: "profile" }] },
  });
  const profile = {
    address: "aws_iam_instance_profile.p",
    type: "aws_iam_instance_profile",
    attributes: { name: "profile", arn: "arn:p", role: "role" },
  };
  const role = { address: "aws_iam_role.r", type: "aws_iam_role", attributes: { name: "role", arn: "arn:role" } };
  const stackOf = (...resources: ProvisionedStack["resources"]): ProvisionedStack => ({ resources, outputs: {} });
  const GOOD = "#!/bin/bash\n# filemill environment begin\nA=1\nURL=http://h/?x=y z\nEMPTY=\n# filemill environment end\nB=2\n";

  test("is what stands between the markers, and the role of its profile", () => {
    expect(launchTemplateSettings(stackOf(template(GOOD), profile, role))).toEqual({
      environment: { A: "1", URL: "http://h/?x=y z", EMPTY: "" },
      userData: GOOD,
      roleArn: "arn:role",
    });
  });

  test("of the templates of two architectures the one counts that the group names", () => {
    const named = (id: string, userData: string) => ({ ...template(userData), attributes: { ...template(userData).attributes, id } });
    const group = {
      address: "aws_autoscaling_group.g",
      type: "aws_autoscaling_group",
      attributes: { mixed_instances_policy: { launch_template: { launch_template_specification: { launch_template_id: "lt-2" } } } },
    };
    const stack = stackOf(named("lt-1", GOOD.replace("A=1", "A=other")), named("lt-2", GOOD), group, profile, role);
    expect(launchTemplateSettings(stack).environment["A"]).toBe("1");
  });

  test.each([
    ["no template", stackOf(profile, role), /0 launch templates/],
    ["two templates", stackOf(template(GOOD), template(GOOD), profile, role), /2 launch templates/],
    ["no markers", stackOf(template("A=1\n"), profile, role), /has no lines '# filemill environment begin'/],
    [
      "a line that is none",
      stackOf(template(GOOD.replace("A=1", "export A 1")), profile, role),
      /'export A 1' in its user data is no KEY=value/,
    ],
    ["no profile", stackOf(template(GOOD), role), /no instance profile whose role is in the stack/],
    ["no role", stackOf(template(GOOD), profile), /no instance profile whose role is in the stack/],
  ])("%s is refused with the reason", (_what, stack, message) => {
    expect(() => launchTemplateSettings(stack)).toThrow(FleetError);
    expect(() => launchTemplateSettings(stack)).toThrow(message);
  });
});
