import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import type { ProcessIdentity } from "../../../kit/folders/mark";
import { OwnedFolder } from "../../../kit/folders/owned-folder";
import { identifySelf } from "../../../kit/folders/processes";
import { invocationFolders } from "../../../kit/function/invocation-folder";
import type { Use } from "../../../kit/function/use";
import { BATCH_FUNCTIONS, LAMBDA_NAMES } from "../../../lambdas/batch/functions";
import { folder } from "../../../lambdas/batch/uses";
import { Children } from "../../kit/folders/support/children";
import { PROJECT } from "../../support/command";
import { resolveText } from "../../support/resolve";
import { configurationOf, resourcesOf, synthesize } from "../../support/synth";

const sourceOf = (name: string): string => readFileSync(path.join(PROJECT, "lambdas", "batch", name, "function.ts"), "utf8");
const WRITING = BATCH_FUNCTIONS.filter(({ uses }) => Object.values<Use>(uses).includes(folder)).map(({ name }) => name);
const stack = synthesize(configurationOf("dev", { FILEMILL_INGEST: "lambda" }));
const PREFIX = "filemill-invocation-";
const ON_LAMBDA = { AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand" };

let parent: string;
let children: Children;
beforeEach(async () => {
  parent = await realpath(await mkdtemp(path.join(tmpdir(), "filemill-invocations-")));
  children = new Children();
});
afterEach(async () => {
  children.end();
  await rm(parent, { recursive: true, force: true });
});

test("functions write below the folder of their invocation, and nowhere else", () => {
  expect(WRITING).toEqual(expect.arrayContaining(["merge-range", "plan", "process-chunk", "process-upload", "reduce", "seal"]));
  expect(LAMBDA_NAMES.filter((name) => /\btmpdir\b|"\/tmp/.test(sourceOf(name)))).toEqual([]);
});

describe("an invocation that is killed", () => {
  const running: ChildProcess[] = [];
  const server = createServer();
  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => {
    for (const child of running) child.kill("SIGKILL");
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Runs the function as it ships until it waits for an answer of AWS, which never comes. */
  async function invoke(name: string): Promise<ChildProcess> {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const event = {
      // of S3, for the function that it calls
      Records: [
        { eventSource: "aws:s3", eventName: "ObjectCreated:Put", s3: { bucket: { name: "data-processing" }, object: { key: "a.txt" } } },
      ],
      batchId: "01JC0000000000000000000000",
      generation: 1,
      chunk: { index: 0, offset: 0, length: 1, sha256: "0".repeat(64) },
      range: { index: 0, offset: 0, length: 1, sha256: "0".repeat(64) },
      round: 0,
      retry: 0,
    };
    const program = `
      const { handler } = require(${JSON.stringify(path.join(PROJECT, "dist", "lambdas", "batch", name, "index.js"))});
      handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 900000 });`;
    const asked = once(server, "request");
    const child = spawn(process.execPath, ["-e", program], {
      env: {
        ...environmentOf(name),
        TMPDIR: parent,
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
    running.push(child);
    const ended = once(child, "exit").then(() => Promise.reject(new Error(`${name} ended before it asked anything of AWS`)));
    await Promise.race([asked, ended]);
    return child;
  }

  test.each(WRITING)("leaves nothing to the next one of %s", async (name) => {
    const first = await invoke(name);
    const [left = ""] = await readdir(parent);
    expect(left).toMatch(new RegExp(`^${PREFIX}${first.pid}-`));
    await mkdir(path.join(parent, left, "scratch-1"));
    await writeFile(path.join(parent, left, "scratch-1", "partials.jsonl"), "x".repeat(1_000));
    const ended = once(first, "exit");
    first.kill("SIGKILL");
    await ended;
    const second = await invoke(name);
    expect(await readdir(parent)).toEqual([expect.stringMatching(new RegExp(`^${PREFIX}${second.pid}-`))]);
  });
});

describe("what an invocation finds", () => {
  const warnings: unknown[] = [];
  const run = (environment: NodeJS.ProcessEnv): Promise<string[]> =>
    invocationFolders(environment, (_level, ...line) => warnings.push(line), parent)(() => readdir(parent));
  const leftover = async (owner: ProcessIdentity): Promise<string> =>
    path.basename((await OwnedFolder.create(parent, { kind: "temporary", prefix: `${PREFIX}${owner.pid}-`, owner })).path);

  test("of living processes of a local run stays: functions share a folder there", async () => {
    const staying = await leftover(await identifySelf());
    await leftover(await children.dead());
    expect(await run({})).toHaveLength(2);
    expect(await readdir(parent)).toEqual([staying]);
  });

  test("goes on Lambda, whoever it belonged to: an environment runs one invocation at a time, and may give numbers anew", async () => {
    await leftover(await identifySelf());
    await leftover({ ...(await children.dead()), space: "pid:[1]" });
    await mkdir(path.join(parent, `${PREFIX}unmarked`));
    expect(await run(ON_LAMBDA)).toHaveLength(2);
    expect(await readdir(parent)).toEqual([`${PREFIX}unmarked`]);
    expect(warnings).toEqual([]);
  });
});

/** The variables of the function as `dev` has them, with uploads by a function. */
function environmentOf(name: string): Record<string, string> {
  const lambda = resourcesOf(stack, "aws_lambda_function").find(({ body }) => body["function_name"] === `wordfreq-${name}`);
  const { variables } = z.object({ variables: z.record(z.string(), z.string()) }).parse(lambda?.body["environment"]);
  return Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, resolveText(stack, value)]));
}
