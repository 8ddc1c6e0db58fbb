import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, open, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { homedir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { EmulatorStartError, PortTakenError } from "../errors";
import { logTail } from "../processes/log-tail";
import { groupMembers, signalProcess } from "../../folders/processes";
import type { StackFolder } from "../processes/stack-folder";
import { CallsAndDenials } from "./calls-and-denials";
import { freePort, LOOPBACK, portIsFree } from "./ports";

/** The account of a local stack; twelve digits, and nobody's. */
export const LOCAL_ACCOUNT_ID = "000000000000";
export const LOCAL_REGION = "us-east-1";
/** The emulator's root user. */
export const ROOT_CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" } as const;

export interface EmulatorOptions {
  /** Interpreter with the emulator installed. */
  readonly python: string;
  readonly launcherFile: string;
  readonly folder: StackFolder;
  readonly port?: number;
  readonly signal?: AbortSignal;
  /** true: requests count as plain HTTP, so that TLS-only policies refuse them. For the test of those policies. @default false */
  readonly plainHttp?: boolean;
  /** Called when the process runs and is getting ready, which takes a quarter of a second: time for work of one's own. */
  readonly onSpawned?: () => void;
}

export interface Emulator {
  readonly endpoint: string;
  readonly pid: number;
  readonly traffic: CallsAndDenials;
  /** Settles with the exit's description when the process ends, whoever ended it. */
  readonly ended: Promise<string>;
  /** CPU seconds of the emulator itself and of the Lambda processes it started. */
  readonly cpuSeconds: () => Promise<{ emulator: number; lambdas: number }>;
  /** Kills the emulator and its Lambdas; there is nothing in them worth saving. */
  readonly stop: () => Promise<void>;
}

/** A free port may be taken by someone else before the emulator binds it. */
const PORT_ATTEMPTS = 3;
/** The start takes 0.2 to 0.5 s; a machine under load may need many times that. */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 20;

/** @throws PortTakenError, EmulatorStartError */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  if (options.port !== undefined) {
    if (!(await portIsFree(options.port))) throw new PortTakenError(options.port);
    return startOn(options.port, options);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOn(await freePort(), options);
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function startOn(port: number, options: EmulatorOptions): Promise<Emulator> {
  const { folder, signal } = options;
  const log = path.join(folder.path, "emulator.log");
  const nonce = randomBytes(16).toString("hex");
  const child = await spawnEmulator(port, nonce, log, options);
  const report = child.stdio[3];
  if (child.pid === undefined || !(report instanceof Readable)) {
    throw new EmulatorStartError(`${options.python} could not be started`, "remove the folder it lies in and try again");
  }
  const pid = child.pid;
  options.onSpawned?.();
  const exit = endOf(child).then(([code, killer]) => (killer === null ? `exit code ${String(code)}` : `signal ${killer}`));
  const stop = (): Promise<void> => endGroup(child, pid);
  const traffic = new CallsAndDenials(report);
  try {
    await folder.record(pid);
    await Promise.race([
      untilHealthy(port, nonce, signal),
      exit.then(async (how) => {
        throw await startError(port, how, log);
      }),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { endpoint: `http://${LOOPBACK}:${port}`, pid, traffic, ended: exit, cpuSeconds: () => cpuSeconds(pid), stop };
}

/** The Lambdas inherit the emulator's environment: it holds nothing of the user's but the home folder. */
async function spawnEmulator(port: number, nonce: string, log: string, options: EmulatorOptions): Promise<ChildProcess> {
  const temporary = path.join(options.folder.path, "tmp");
  await mkdir(temporary, { recursive: true });
  // the emulator writes Lambda workers in CommonJS below this folder, and Node looks for a package.json upwards
  await writeFile(path.join(temporary, "package.json"), '{"type":"commonjs"}\n');
  const output = await open(log, "a");
  try {
    const child = spawn(options.python, [options.launcherFile], {
      cwd: options.folder.path,
      detached: true,
      stdio: ["pipe", output.fd, output.fd, "pipe"],
      env: {
        PATH: [path.dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
        HOME: homedir(),
        LANG: "C.UTF-8",
        TMPDIR: temporary,
        PYTHONUNBUFFERED: "1",
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
        GATEWAY_PORT: String(port),
        BIND_HOST: LOOPBACK,
        AUTH: "true",
        LOG_LEVEL: "WARNING",
        LAMBDA_EXECUTOR: "local",
        MINISTACK_ACCOUNT_ID: LOCAL_ACCOUNT_ID,
        MINISTACK_REGION: LOCAL_REGION,
        SFTP_ENABLED: "0",
        IOT_MTLS_ENABLED: "0",
        FILEMILL_NONCE: nonce,
        ...(options.plainHttp === true ? { FILEMILL_PLAIN_HTTP: "1" } : {}),
      },
    });
    // a program that can't be started has no number, which startOn looks at; unheard, the event would end this process
    child.on("error", () => undefined);
    return child;
  } finally {
    await output.close();
  }
}

/** Its exit code and signal; it may have ended before anybody listened. */
const endOf = (child: ChildProcess): Promise<[number | null, string | null]> =>
  child.exitCode === null && child.signalCode === null
    ? (once(child, "exit") as Promise<[number | null, string | null]>)
    : Promise.resolve([child.exitCode, child.signalCode]);

async function startError(port: number, how: string, log: string): Promise<Error> {
  const output = await logTail(log);
  if (/already in use|address already|Errno 98|Errno 48/i.test(output)) return new PortTakenError(port);
  return new EmulatorStartError(
    `the emulator ended at its start (${how}):\n${output}`,
    "what it says above is the cause: it is installed as it should be",
  );
}

async function untilHealthy(port: number, nonce: string, signal: AbortSignal | undefined): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await healthNonce(port);
    if (answer === nonce) return;
    // whoever answers there, it is not the process we started
    if (answer !== undefined) throw new PortTakenError(port);
    if (Date.now() > deadline) {
      throw new EmulatorStartError(
        `the emulator did not answer on port ${port} within ${START_TIMEOUT_MS / 1_000} s`,
        "try again when the machine is less busy",
      );
    }
    await wait(POLL_MS);
  }
}

/** @returns undefined while nothing answers, empty when something else than our emulator does */
const healthNonce = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    get({ host: LOOPBACK, port, path: "/_ministack/health", agent: false }, (response) => {
      response.resume();
      resolve(String(response.headers["x-filemill-nonce"] ?? ""));
    }).on("error", () => {
      resolve(undefined);
    });
  });

async function cpuSeconds(pid: number): Promise<{ emulator: number; lambdas: number }> {
  const members = await groupMembers(pid);
  const leader = members.find((member) => member.pid === pid);
  const running = members.reduce((sum, member) => sum + (member === leader ? 0 : member.cpuSeconds), 0);
  return { emulator: leader?.cpuSeconds ?? 0, lambdas: running + (leader?.endedChildrenCpuSeconds ?? 0) };
}

async function endGroup(child: ChildProcess, pid: number): Promise<void> {
  const gone = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  signalProcess(-pid, "SIGKILL");
  await gone;
  while ((await groupMembers(pid)).length > 0) await wait(POLL_MS);
  for (const stream of child.stdio) stream?.destroy();
}
