import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { AlreadyUpError, findBackgroundStack, startBackgroundStack, startLocalStack, stopBackgroundStack } from "../../../kit/local";
import type { BackgroundStackOptions } from "../../../kit/local";
import { eventually, homeOf, leftovers, makeHome, NOTHING_LEFT, processesOf, PROJECT_DIRECTORY, removeHome } from "./support/local-home";
import { smallStackWithout, smallSystem } from "./support/small-stack";

let home: string;
let options: BackgroundStackOptions;

beforeEach(async () => {
  home = await makeHome();
  const supervisorFile = path.join(home, "supervisor.js");
  await build({
    entryPoints: [path.join(__dirname, "support", "small-supervisor.ts")],
    bundle: true,
    platform: "node",
    target: "node20",
    // read from the project, not bundled: the bundle is made for each test
    external: ["@aws-sdk/*", "fs-native-extensions", "zod"],
    outfile: supervisorFile,
    logLevel: "silent",
  });
  const modules = path.join(PROJECT_DIRECTORY, "node_modules");
  await writeFile(supervisorFile, `module.paths.push(${JSON.stringify(modules)});\n${await readFile(supervisorFile, "utf8")}`);
  const program = path.join(home, "worker.js");
  await writeFile(program, `setInterval(() => {}, 1000);`);
  options = {
    projectDirectory: PROJECT_DIRECTORY,
    homeDirectory: home,
    systems: [await smallSystem(path.join(home, "stack"))],
    processes: { worker: 1 },
    programFiles: { worker: program },
    supervisorFile,
  };
});
afterEach(async () => {
  await stopBackgroundStack(homeOf(home));
  await removeHome(home);
});

describe("a background stack", () => {
  test("stays up until it is stopped, and only one can be up", async () => {
    const stages: string[] = [];
    const up = await startBackgroundStack({ ...options, onStage: (stage) => stages.push(stage) });
    expect(stages).toEqual(["starting the emulator", "provisioning the stack", "starting 1 worker for what the test wants"]);
    expect(await findBackgroundStack(homeOf(home))).toEqual(up);
    expect(up).toMatchObject({
      processes: { worker: 1 },
      outputs: { small: { processing_bucket: "small-data" } },
      environment: { AWS_ENDPOINT_URL: up.endpoint },
    });

    await expect(startBackgroundStack(options)).rejects.toThrow(AlreadyUpError);
    await expect(startBackgroundStack(options)).rejects.toThrow(`a local stack is up already at ${up.endpoint}`);

    await stopBackgroundStack(homeOf(home));
    expect(await findBackgroundStack(homeOf(home))).toBeUndefined();
    expect(await leftovers(home, up.endpoint)).toEqual(NOTHING_LEFT);
    expect(await readdir(home)).not.toContain("up.json");
  });

  test("of four that are started at the same moment one comes up, and the others say who starts it", async () => {
    const starts = await Promise.allSettled(Array.from({ length: 4 }, () => startBackgroundStack(options)));
    const up = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
    const refusals = starts.flatMap((start) => (start.status === "rejected" ? [start.reason as unknown] : []));
    expect(up).toHaveLength(1);
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(AlreadyUpError);
      expect(refusal).toMatchObject({ message: `a local stack is being started by process ${process.pid}` });
    }
    expect(await findBackgroundStack(homeOf(home))).toEqual(up[0]);
    // the supervisor has the claim now, although who started it has let go
    await expect(startBackgroundStack(options)).rejects.toThrow(`a local stack is up already at ${up[0]?.endpoint ?? ""}`);
  });

  test("takes everything with it when it is killed, and the next start removes its folder", async () => {
    const up = await startBackgroundStack(options);
    expect((await processesOf(home)).length).toBeGreaterThanOrEqual(3);
    process.kill(up.pid, "SIGKILL");
    await eventually(async () => (await processesOf(home)).length === 0);
    expect(await findBackgroundStack(homeOf(home))).toBeUndefined();
    expect(await readdir(path.join(home, "stacks"))).toHaveLength(1);

    const next = await startLocalStack({ ...options, processes: {} });
    expect(await readdir(path.join(home, "stacks"))).toHaveLength(1);
    await next.stop();
    expect(await leftovers(home, up.endpoint)).toEqual(NOTHING_LEFT);
  });

  test("stops whole on SIGTERM", async () => {
    const up = await startBackgroundStack(options);
    process.kill(up.pid, "SIGTERM");
    await eventually(async () => (await processesOf(home)).length === 0);
    expect(await leftovers(home, up.endpoint)).toEqual(NOTHING_LEFT);
  });

  test("replaces a worker that dies, and says so in up.log", async () => {
    await startBackgroundStack(options);
    const workers = async () => (await processesOf(home)).filter((line) => line.includes("worker.js"));
    const [first = ""] = await workers();
    process.kill(Number.parseInt(first, 10), "SIGKILL");
    await eventually(async () => (await readFile(path.join(home, "up.log"), "utf8")).includes("worker 1 takes its place"));
    await eventually(async () => (await workers()).length === 1);
    expect(await workers()).not.toContain(first);
    expect((await findBackgroundStack(homeOf(home)))?.failure).toBeUndefined();
  });

  test("ends when its emulator ends, and tells of a worker that was lost", async () => {
    const up = await startBackgroundStack({ ...options, replaceLostWorkers: false });
    const pidOf = async (what: string): Promise<number> =>
      Number.parseInt((await processesOf(home)).find((line) => line.includes(what)) ?? "", 10);
    process.kill(await pidOf("worker.js"), "SIGKILL");
    await eventually(async () => (await findBackgroundStack(homeOf(home)))?.failure?.includes("worker 0 ended (signal SIGKILL)") === true);
    expect(await findBackgroundStack(homeOf(home))).toMatchObject(up);
    process.kill(await pidOf("launcher.py"), "SIGKILL");
    await eventually(async () => (await processesOf(home)).length === 0);
    expect(await findBackgroundStack(homeOf(home))).toBeUndefined();
  });

  test("hands a failure of its start to whoever started it", async () => {
    const broken = await smallSystem(path.join(home, "broken"), smallStackWithout("aws_launch_template", "aws_autoscaling_group"));
    await expect(startBackgroundStack({ ...options, systems: [broken] })).rejects.toMatchObject({
      message: "the stack has 0 Auto Scaling groups; a local fleet is made for one",
      fix: expect.stringContaining("constructs/compute") as string,
    });
    expect(await leftovers(home)).toEqual(NOTHING_LEFT);
  });

  test("is given up when whoever starts it is interrupted", async () => {
    const interruption = new AbortController();
    const reason = new Error("interrupted by the test");
    const onStage = (stage: string): void => {
      if (stage === "provisioning the stack") interruption.abort(reason);
    };
    await expect(startBackgroundStack({ ...options, signal: interruption.signal, onStage })).rejects.toBe(reason);
    expect(await leftovers(home)).toEqual(NOTHING_LEFT);
    expect(await findBackgroundStack(homeOf(home))).toBeUndefined();
  });
});
