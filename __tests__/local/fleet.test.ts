import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { FleetError } from "../../local/errors";
import { DIE_WITH_PARENT } from "../../local/fleet/die-with-parent";
import { startFleet } from "../../local/fleet/fleet";
import type { Fleet } from "../../local/fleet/fleet";
import { workerSettings } from "../../local/fleet/worker-settings";
import { findProcess } from "../../local/processes/processes";
import { StackFolder } from "../../local/processes/stack-folder";
import type { ProvisionedStack } from "../../local/provision/provision";
import { eventually } from "./support/local-home";

let home: string;
let folder: StackFolder;
let fleet: Fleet | undefined;
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "filemill-fleet-"));
  folder = await StackFolder.create(home);
  fleet = undefined;
});
afterEach(async () => {
  await fleet?.stop();
  await rm(home, { recursive: true, force: true });
});

async function start(program: string, workers = 1, drainTimeoutMs = 5_000): Promise<Fleet> {
  const entryFile = path.join(home, "worker.js");
  await writeFile(entryFile, program);
  fleet = await startFleet({ folder, workers, entryFile, drainTimeoutMs, environment: (number) => ({ NUMBER: String(number) }) });
  return fleet;
}
const logOf = (worker: number): Promise<string> => readFile(path.join(folder.path, `worker-${String(worker)}.log`), "utf8");
const logged = (worker: number, text: string) => eventually(async () => (await logOf(worker)).includes(text));
const STAY = "setInterval(() => {}, 1000);";

describe("the fleet", () => {
  test("each worker is a process of its own with its own environment, folder and log", async () => {
    const { pids } = await start(
      `console.log(process.env.NUMBER, process.cwd() === process.env.TMPDIR, Object.keys(process.env).length); ${STAY}`,
      3,
    );
    await Promise.all([0, 1, 2].map((number) => logged(number, `${String(number)} true 5`)));
    expect(new Set(pids).size).toBe(3);
    // nothing of the command's own environment
    expect(process.env).toHaveProperty("HOME");
  });

  test("stopping waits for the drain", async () => {
    const drained = path.join(home, "drained");
    const running = await start(
      `console.log("up"); const alive = setInterval(() => {}, 1000);
       process.on("SIGTERM", () => setTimeout(() => { require("node:fs").writeFileSync(${JSON.stringify(drained)}, "yes"); clearInterval(alive); }, 200));`,
    );
    await logged(0, "up");
    await running.stop();
    expect(await readFile(drained, "utf8")).toBe("yes");
  });

  test("a worker that does not drain in time is killed", async () => {
    const running = await start(`process.on("SIGTERM", () => console.log("no")); console.log("up"); ${STAY}`, 2, 200);
    await Promise.all([logged(0, "up"), logged(1, "up")]);
    await running.stop();
    for (const pid of running.pids) expect(await findProcess(pid)).toBeUndefined();
    expect(await logOf(0)).toContain("no");
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
    expect(workerSettings(stackOf(template(GOOD), profile, role))).toEqual({
      environment: { A: "1", URL: "http://h/?x=y z", EMPTY: "" },
      roleArn: "arn:role",
    });
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
    expect(() => workerSettings(stack)).toThrow(FleetError);
    expect(() => workerSettings(stack)).toThrow(message);
  });
});
