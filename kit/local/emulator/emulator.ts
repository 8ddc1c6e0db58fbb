import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable, Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { childEnvironment } from "../child-environment";
import { EmulatorStartError, PortTakenError } from "../errors";
import { LOOPBACK } from "../loopback";
import { logTail } from "../processes/log-tail";
import { groupMembers, signalProcess } from "../../folders/processes";
import type { StackFolder } from "../processes/stack-folder";
import { CallsAndDenials } from "./calls-and-denials";
import { listenToLauncher, type HandedCall } from "./launcher-report";
import type { ServiceAnswer, ServiceCall } from "../services/service";
import { makeStackSecrets } from "./stack-secrets";
import type { StackSecrets } from "./stack-secrets";

/** The account of a local stack; twelve digits, and nobody's. */
export const LOCAL_ACCOUNT_ID = "000000000000";
export const LOCAL_REGION = "us-east-1";

export interface EmulatorOptions {
  /** Interpreter with the emulator installed. */
  readonly python: string;
  readonly launcherFile: string;
  readonly folder: StackFolder;
  /** @default a free one */
  readonly port?: number;
  readonly signal?: AbortSignal;
  /** The Node that Lambdas are run by. @default the one that runs this process */
  readonly nodeFile?: string;
  /** true: requests count as plain HTTP, so that TLS-only policies refuse them. For the test of those policies. @default false */
  readonly plainHttp?: boolean;
  /** What this process answers in the emulator's place. @default nothing */
  readonly answered?: AnsweredCalls;
  /** How many seconds of rules by the clock pass in a second, 1 at least. @default 1 */
  readonly timeFactor?: number;
  /** Called when the process runs and is getting ready, which takes a quarter of a second: time for work of one's own. */
  readonly onSpawned?: () => void;
}

/** Calls of operations that are not the emulator's. */
export interface AnsweredCalls {
  /** Names by service; `*` for all of a service. */
  readonly operations: Readonly<Record<string, readonly string[]>>;
  /** Never rejects. */
  readonly answer: (call: ServiceCall) => Promise<ServiceAnswer>;
}

/** An event as a service of AWS sends it to the default bus. */
export interface AwsEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: object;
  /** ARNs. */
  readonly resources: readonly string[];
}

export interface Emulator {
  readonly endpoint: string;
  readonly pid: number;
  readonly secrets: StackSecrets;
  readonly traffic: CallsAndDenials;
  /** Settles with folder and reason when the disk has no room for an object. */
  readonly diskFull: Promise<string>;
  /** Settles with the exit's description when the process ends, whoever ended it. */
  readonly ended: Promise<string>;
  /** From then on policies that are about a group cover calls that name its instance. */
  readonly tellInstance: (instanceId: string, groupArn: string) => void;
  /** Puts an event on the default bus that no caller may put there: one of AWS's own. */
  readonly tellEvent: (event: AwsEvent) => void;
  /** From then on no function takes code, whoever asks. @throws EmulatorStartError when the emulator ends meanwhile */
  readonly seal: () => Promise<void>;
  /** CPU seconds of the emulator itself and of the Lambda processes it started. */
  readonly cpuSeconds: () => Promise<{ emulator: number; lambdas: number }>;
  /** Kills the emulator and its Lambdas; there is nothing in them worth saving. */
  readonly stop: () => Promise<void>;
}

/** The start takes 0.2 to 0.5 s; a machine under load may need many times that. */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 20;

/** @throws PortTakenError, EmulatorStartError */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { folder, signal } = options;
  signal?.throwIfAborted();
  const log = path.join(folder.path, "emulator.log");
  const secrets = makeStackSecrets();
  const { child, closed } = await spawnEmulator(log, options);
  const { pid } = child;
  const [orders, , , report] = child.stdio;
  if (pid === undefined || !(orders instanceof Writable) || !(report instanceof Readable)) {
    throw new EmulatorStartError(`${options.python} could not be started`, "remove the folder it lies in and try again");
  }
  options.onSpawned?.();
  const exit = closed.then(([code, killer]) => (killer === null ? `exit code ${String(code)}` : `signal ${killer}`));
  const traffic = new CallsAndDenials();
  const order = (message: object): void => {
    // an emulator that is gone hears nothing; its end is told elsewhere
    if (orders.writable) orders.write(`${JSON.stringify(message)}\n`);
  };
  const { listening, sealed, diskFull } = heed(report, traffic, (call) => {
    void answered(options.answered, call).then(order);
  });
  const stop = (): Promise<void> => endGroup(child, pid);
  try {
    // unheard, the end of a process that was just started would end this one
    orders.on("error", () => undefined);
    order(orderOf(secrets, options));
    await folder.record(pid);
    const port = await readiness(listening, exit, log, signal);
    return {
      endpoint: `http://${LOOPBACK}:${port}`,
      pid,
      secrets,
      traffic,
      diskFull,
      ended: exit,
      tellInstance: (instance, groupArn) => {
        order({ instance, groupArn });
      },
      tellEvent: (event) => {
        order({ event });
      },
      seal: async () => {
        order({ seal: true });
        await Promise.race([sealed, failingWith(exit, log)]);
      },
      cpuSeconds: () => cpuSeconds(pid),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @returns what answered.py takes */
async function answered(calls: AnsweredCalls | undefined, { id, ...call }: HandedCall): Promise<object> {
  if (calls === undefined) throw new Error(`the emulator handed over a call of ${call.service}, which nobody asked for`);
  const { body, ...rest } = await calls.answer(call);
  return { answer: id, ...rest, body: Buffer.from(body, "utf8").toString("base64") };
}

/** What launcher.py reads first: secrets, which the environment must not have, since every Lambda inherits it. */
const orderOf = ({ root, control }: StackSecrets, { answered: calls, folder, port, plainHttp, timeFactor }: EmulatorOptions): object => ({
  /** 0: a free one. */
  port: port ?? 0,
  plainHttp: plainHttp ?? false,
  timeFactor: timeFactor ?? 1,
  /** Names of operations by service. */
  answered: calls?.operations ?? {},
  /** Made by the launcher; big objects are files in it. */
  objectsFolder: path.join(folder.path, "objects"),
  ...root,
  controlSecret: control,
});

interface Signs {
  readonly listening: Promise<number>;
  readonly sealed: Promise<void>;
  readonly diskFull: Promise<string>;
}

function heed(report: Readable, traffic: CallsAndDenials, onCall: (call: HandedCall) => void): Signs {
  let seal: () => void = () => undefined;
  let tellDiskFull: (problem: string) => void = () => undefined;
  const sealed = new Promise<void>((resolve) => (seal = resolve));
  const diskFull = new Promise<string>((resolve) => (tellDiskFull = resolve));
  const listening = new Promise<number>((resolve, reject) => {
    listenToLauncher(report, {
      listening: resolve,
      portTaken: (port) => {
        reject(new PortTakenError(port));
      },
      sealed: () => {
        seal();
      },
      diskFull: (problem) => {
        tellDiskFull(problem);
      },
      call: onCall,
      calls: (counts) => {
        traffic.takeCalls(counts);
      },
      denied: (denial) => {
        traffic.takeDenial(denial);
      },
    });
  });
  // looked at later: what comes first may be an interruption
  listening.catch(() => undefined);
  return { listening, sealed, diskFull };
}

/** Its environment is what Lambdas inherit: it holds nothing of the user's, and no secret. */
type ExitFacts = [code: number | null, killer: string | null];
interface Spawned {
  readonly child: ChildProcess;
  readonly closed: Promise<ExitFacts>;
}

async function spawnEmulator(log: string, { python, launcherFile, folder, nodeFile }: EmulatorOptions): Promise<Spawned> {
  const temporary = path.join(folder.path, "tmp");
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  // the emulator writes Lambda workers in CommonJS below this folder, and Node looks for a package.json upwards
  await writeFile(path.join(temporary, "package.json"), '{"type":"commonjs"}\n', { mode: 0o600 });
  const output = await open(log, "a", 0o600);
  try {
    const child = spawn(python, [launcherFile], {
      cwd: folder.path,
      detached: true,
      stdio: ["pipe", output.fd, output.fd, "pipe"],
      env: {
        ...childEnvironment(temporary, nodeFile),
        PYTHONUNBUFFERED: "1",
        AUTH: "true",
        LOG_LEVEL: "WARNING",
        LAMBDA_EXECUTOR: "local",
        MINISTACK_ACCOUNT_ID: LOCAL_ACCOUNT_ID,
        MINISTACK_REGION: LOCAL_REGION,
        SFTP_ENABLED: "0",
        IOT_MTLS_ENABLED: "0",
        // the emulator tidies up containers when there is a daemon; a stack has none
        DOCKER_HOST: "unix:///nonexistent/docker.sock",
      },
    });
    // a program that can't be started has no number, which startEmulator looks at; unheard, the event would end this process
    child.on("error", () => undefined);
    // listened for at once: it may end while the log is closed here. Not "exit": what it said at last is read by then
    const closed = once(child, "close") as Promise<ExitFacts>;
    // it ends with an error of its own when it could not be started
    closed.catch(() => undefined);
    return { child, closed };
  } finally {
    await output.close();
  }
}

/** @returns the port when requests are served */
async function readiness(listening: Promise<number>, exit: Promise<string>, log: string, signal: AbortSignal | undefined): Promise<number> {
  const settled = new AbortController();
  const interrupted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => {
      reject(signal?.reason instanceof Error ? signal.reason : new Error("interrupted"));
    };
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true, signal: settled.signal });
  });
  const late = wait(START_TIMEOUT_MS, undefined, { signal: settled.signal }).then((): never => {
    throw new EmulatorStartError(
      `the emulator was not ready within ${START_TIMEOUT_MS / 1_000} s; the end of its log is in ${log}`,
      "try again when the machine is less busy",
    );
  });
  // ends with an error of its own when something else came first
  late.catch(() => undefined);
  try {
    return await Promise.race([listening, failingWith(exit, log), interrupted, late]);
  } finally {
    settled.abort();
  }
}

const failingWith = (exit: Promise<string>, log: string): Promise<never> =>
  exit.then(async (how) => {
    throw new EmulatorStartError(
      `the emulator ended at its start (${how}):\n${await logTail(log)}`,
      "remove .filemill/venv-* so that it is installed anew, then try again",
    );
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
