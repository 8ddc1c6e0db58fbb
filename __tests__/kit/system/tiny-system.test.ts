import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Writable } from "node:stream";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import { runCommand } from "../../../command/run-command";
import { systemClock } from "../../../kit/aws/system-clock";
import { localRuntime } from "../../../kit/cli/local/embedded-runtime";
import { makeReporter } from "../../../kit/cli/render/reporter";
import { machineSurroundings } from "../../../kit/cli/surroundings";
import { StreamOutput } from "../../../kit/cli/terminal/output";
import { stopBackgroundStack } from "../../../kit/local";
import { bundleProgram } from "../../support/bundle-program";
import { PROJECT } from "../../support/project";
import { TINY_SYSTEMS } from "../../support/tiny-system/system";
import { homeOf, leftovers, makeHome, NOTHING_LEFT, removeHome } from "../local/support/local-home";

const HANDLER = `exports.handler = async () => "hello " + process.env.GREETED;`;

let home: string;
let programs: { synthesis: string; supervisor: string };

beforeAll(async () => {
  home = await makeHome();
  const build = path.join(home, "build");
  const zip = zipSync({ "index.js": new TextEncoder().encode(HANDLER) });
  for (const { name, functions } of TINY_SYSTEMS) {
    await mkdir(path.join(build, "lambdas", name), { recursive: true });
    for (const each of await functions()) await writeFile(path.join(build, "lambdas", name, `${each}.zip`), zip);
  }
  const [synthesis, supervisor] = await Promise.all(
    ["main", "supervisor"].map((each) => bundleProgram(`__tests__/support/tiny-system/${each}.ts`, path.join(build, `${each}.js`))),
  );
  programs = { synthesis: synthesis ?? "", supervisor: supervisor ?? "" };
});
afterAll(async () => {
  await removeHome(home);
});
afterEach(async () => {
  await stopBackgroundStack(homeOf(home));
  await rm(path.join(home, "up.log"), { force: true });
});

class Text extends Writable {
  public text = "";
  public override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** The command with the tiny systems in place of the product's. */
async function filemill(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new Text(), new Text()];
  const terminal = { stdout: new StreamOutput(stdout), stderr: new StreamOutput(stderr), screen: undefined };
  const environment = { ...process.env, FILEMILL_HOME: home };
  const { signal } = new AbortController();
  const local = localRuntime({ projectDirectory: PROJECT, workingDirectory: () => home, environment, systems: TINY_SYSTEMS, programs });
  const exitCode = await runCommand(
    {
      projectDirectory: PROJECT,
      workingDirectory: home,
      environment,
      standardInput: () => process.stdin,
      terminal,
      reporter: makeReporter(terminal, signal),
      signal,
      clock: systemClock,
      local,
      deployments: {
        check: () => undefined,
        synthesize: () => Promise.reject(new Error("nothing is synthesized here")),
        open: () => Promise.reject(new Error("nothing is deployed")),
      },
      ask: undefined,
    },
    ["node", "filemill", ...args],
    "1.2.3",
    machineSurroundings(local),
    await Promise.all(TINY_SYSTEMS.map(async (system) => ({ ...system, command: await system.command() }))),
  );
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

interface Status {
  readonly endpoint: string;
  readonly outputs: object;
  readonly environment: { readonly AWS_REGION: string; readonly AWS_ACCESS_KEY_ID: string; readonly AWS_SECRET_ACCESS_KEY: string };
  readonly systems: readonly { readonly name: string; readonly outputs: Readonly<Record<string, string>> }[];
}
const status = async (): Promise<Status> => JSON.parse((await filemill("local", "status", "--json")).stdout) as Status;

/** What the function of a stack that is up answers. */
async function answerOf(name: string | undefined, { endpoint, environment }: Status): Promise<unknown> {
  const credentials = { accessKeyId: environment.AWS_ACCESS_KEY_ID, secretAccessKey: environment.AWS_SECRET_ACCESS_KEY };
  const client = new LambdaClient({ endpoint, region: environment.AWS_REGION, credentials });
  try {
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: name }));
    return JSON.parse(Payload?.transformToString() ?? "null");
  } finally {
    client.destroy();
  }
}

test("a system of its own goes from its manifest to a stack that is up, and its verb finds it (C.7)", async () => {
  const { exitCode, stderr } = await filemill("local", "up");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringMatching(/up at http:\S+; for any AWS client:\n$/) as string });
  const up = await status();
  expect(up.systems).toEqual([
    {
      name: "tiny",
      outputs: { bucket: "tiny-files-local", queue_url: `${up.endpoint}/000000000000/tiny-queue`, function_name: "tiny-greet" },
    },
  ]);
  expect(up.outputs).toEqual(up.systems[0]?.outputs);
  expect(up).not.toHaveProperty("workers");
  expect(await answerOf("tiny-greet", up)).toBe("hello tiny");

  expect(JSON.parse((await filemill("tiny-outputs")).stdout)).toMatchObject({ bucket: "tiny-files-local" });
  expect(await filemill("twin-outputs")).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr: expect.stringMatching(/has no system 'twin'; it has tiny\nfix: .*local up --system twin`\n$/) as string,
  });
  expect((await filemill("local", "down")).stdout).toBe(`stopped the local stack at ${up.endpoint}\n`);
  expect(await leftovers(home, up.endpoint)).toEqual(NOTHING_LEFT);
});

test("several systems are up on one emulator, each with its own stack, and go down together", async () => {
  expect(await filemill("local", "up", "--system", "twin", "--system", "tiny")).toMatchObject({ exitCode: 0 });
  const up = await status();
  expect(up.systems.map(({ name }) => name)).toEqual(["tiny", "twin"]);
  expect(await Promise.all(up.systems.map(({ outputs }) => answerOf(outputs["function_name"], up)))).toEqual(["hello tiny", "hello twin"]);
  expect(await readFile(path.join(home, "up.log"), "utf8")).toContain("provisioning the stacks of tiny, twin");
  expect(await filemill("local", "down")).toMatchObject({ exitCode: 0 });
  expect(await leftovers(home, up.endpoint)).toEqual(NOTHING_LEFT);
});

test("a system that there isn't is refused before anything starts", async () => {
  const { exitCode, stderr } = await filemill("local", "up", "--system", "batch");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("systems are tiny, twin");
});
