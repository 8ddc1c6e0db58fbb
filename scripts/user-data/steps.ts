import { isDeepStrictEqual } from "node:util";
import { START_FAILED_EVENT } from "../../constructs/compute/report-failed-start";
import { WORKER_SERVICE_NAME } from "../../systems/batch/contracts/names";
import type { Batches } from "./batches";
import type { Deployment } from "./deployment";
import type { Host } from "./host";
import { LET_FILE, PAUSES_FILE } from "./stand-ins";

const SERVICE = `${WORKER_SERVICE_NAME}.service`;
const HOME = `/opt/${WORKER_SERVICE_NAME}`;
const UNIT = `/etc/systemd/system/${SERVICE}`;
const CONSOLE = "/var/log/cloud-init-output.log";
/** Of cloud-init, at its end. */
const RESULT = "/run/cloud-init/result.json";
/** As long as an attempt may take on a machine under load. */
const ATTEMPT_SECONDS = 60;
/** Sixty attempts of a second each, on a machine under load. */
const SCRIPT_SECONDS = 300;
/** As the script pauses between attempts. */
const PAUSE_SECONDS = "15";
const ATTEMPTS = 60;
/** A batch's name. */
const IN_HAND = "in hand";
/** A start of Node, and a line's way to CloudWatch Logs. */
const WORKER_SECONDS = 30;

export interface WorkerArchive {
  readonly file: string;
  /** Of its main.js, hexadecimal. */
  readonly programSha256: string;
}

export interface CheckParts {
  /** The worker that is deployed first, one that is deployed later, one whose program this machine can't run. */
  readonly archives: Readonly<Record<"first" | "foreign" | "next", WorkerArchive>>;
  readonly batches: Batches;
  readonly deployment: Deployment;
  /** Boots a host on a disk: an empty one, or what a host of that name has left. */
  readonly boot: (disk: string, instanceId: string) => Promise<Host>;
  readonly say: (line: string) => void;
}

/** User data does otherwise than it should. */
export class CheckFailedError extends Error {
  public override readonly name = "CheckFailedError";
  public constructor(what: string, found: unknown, expected: unknown) {
    super(`${what}: it is ${JSON.stringify(found)}, to be ${String(expected instanceof RegExp ? expected : JSON.stringify(expected))}`);
  }
}

function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) throw new CheckFailedError(what, found, expected);
}

function expectMatch(what: string, found: string | undefined, expected: RegExp): void {
  if (!expected.test(found ?? "")) throw new CheckFailedError(what, found, expected);
}

/** What hosts are seen to do, one after the other. */
export class Steps {
  public constructor(private readonly parts: CheckParts) {}

  public async run(): Promise<void> {
    const { batches, say } = this.parts;
    const inHand = await this.#firstStart();
    const host = await this.#bakedImage();
    // given back while it was draining, a job may go to the poll that the worker has left behind, and then it is away for a lease:
    // https://github.com/aws/aws-sdk-java/issues/2083
    await Promise.all([this.#noArchive(), batches.finish(IN_HAND, inHand)]);
    say("the batch that the other worker had in hand is finished: its result is right");
    await host.powerOff();
    await this.#foreignArchive();
  }

  /** @returns the id of a batch that the worker had in hand when it was stopped */
  async #firstStart(): Promise<string> {
    const { batches, boot, deployment, say } = this.parts;
    const id = "i-0f11e5000000000a1";
    const archive = await deployment.readArchive();
    await deployment.removeArchive();
    const host = await boot("first", id);
    await this.#atPause(host, 1, /\(NoSuchKey\)/);
    await deployment.writeArchive(archive.subarray(0, -1));
    await this.#atPause(host, 2, /worker\.tar\.gz: FAILED/);
    await deployment.writeArchive(archive);
    await deployment.faults.set([{ kind: "internal-error", operation: "s3:GetObject", caller: id }], 1);
    await this.#atPause(host, 3, /\(InternalError\)/);
    await deployment.faults.set([{ kind: "cut-reply", operation: "s3:GetObject", caller: id }], 1);
    await this.#atPause(host, 4, / read, but total bytes expected is /);
    await deployment.faults.clear();
    await host.write(LET_FILE, "4");
    await this.#succeeded(host);
    say(
      `the archive was fetched at the fifth attempt: missing, damaged, an error of S3 and a broken connection before, ${PAUSE_SECONDS} s after each`,
    );
    await this.#isInstalled(host, this.parts.archives.first);

    const verified = await host.run("systemd-analyze", "verify", UNIT);
    expectEqual("systemd-analyze verify", verified, { exitCode: 0, text: "" });
    say("systemd-analyze verify: nothing to say of the unit");
    await this.#runsAsTheUnitSays(host);

    await batches.finish("whole", await batches.submit("whole"));
    say("the worker did a batch: its result is right");

    await deployment.faults.set([{ kind: "delay-reply", seconds: 3, operation: "s3:GetObject", caller: id, next: 1 }], 1);
    const inHand = await batches.submit(IN_HAND);
    await host.until("a file in the worker's hands", WORKER_SECONDS, async () =>
      Object.keys((await deployment.faults.counts())["delay-reply"] ?? {}).length > 0 ? true : undefined,
    );
    await host.run("systemctl", "stop", SERVICE);
    await deployment.faults.clear();
    expectEqual("the service's end", await this.#shown(host, "Result", "ExecMainStatus"), "Result=success\nExecMainStatus=0");
    const lines = (await deployment.logOf(id)).map(({ message }) => message);
    expectEqual("told of the signal in its log", lines.includes("interrupt_received"), true);
    say("SIGTERM in the middle of a batch: the worker drained and ended in order");
    await host.powerOff();
    return inHand;
  }

  async #bakedImage(): Promise<Host> {
    const { archives, boot, deployment, say } = this.parts;
    const before = deployment.workerVersion;
    await deployment.upgrade(archives.next.file);
    const id = "i-0f11e5000000000b2";
    const host = await boot("first", id);
    await this.#succeeded(host);
    await this.#isInstalled(host, archives.next);
    await this.#runsAsTheUnitSays(host);
    const version = deployment.workerVersion;
    expectEqual("another version", version === before, false);
    const started = await host.until("a line of the new worker", WORKER_SECONDS, async () => {
      const lines = (await deployment.logOf(id)).filter(({ message }) => message === "worker_started");
      return lines.some((line) => line["version"] === version) ? lines.length : undefined;
    });
    expectEqual("workers that started on the new instance", started, 1);
    say(`an image of that disk: the worker of version ${before} in it did not start, and made room for ${version}`);
    return host;
  }

  async #noArchive(): Promise<void> {
    const { boot, deployment, say } = this.parts;
    const archive = await deployment.readArchive();
    await deployment.removeArchive();
    const id = "i-0f11e5000000000c3";
    const host = await boot("empty", id);
    await host.write(LET_FILE, String(ATTEMPTS));
    await this.#failed(host);
    const pauses = await host.read(PAUSES_FILE);
    expectEqual("pauses", pauses, `${PAUSE_SECONDS}\n`.repeat(ATTEMPTS - 1));
    await this.#toldOfFailure(host, id, new RegExp(`gave up after ${ATTEMPTS} attempts`));
    expectEqual("what is left", await Promise.all([host.read(UNIT), host.read(`${HOME}/main.js`)]), [undefined, undefined]);
    say(`no archive: it gave up after ${ATTEMPTS} attempts, told so in the log group, and left no service`);
    await deployment.writeArchive(archive);
    await host.powerOff();
  }

  async #foreignArchive(): Promise<void> {
    const { archives, boot, deployment, say } = this.parts;
    await deployment.upgrade(archives.foreign.file);
    const id = "i-0f11e5000000000d4";
    const host = await boot("foreign", id);
    await this.#failed(host);
    await this.#toldOfFailure(host, id, new RegExp(`${WORKER_SERVICE_NAME}.service failed`));
    say("a program that the machine can't run: told in the log group, too");
    await host.powerOff();
  }

  /** Lets the script end its pauses before that one, and looks what made it pause. */
  async #atPause(host: Host, number: number, console: RegExp): Promise<void> {
    await host.write(LET_FILE, String(number - 1));
    await host.until(`pause ${number}`, ATTEMPT_SECONDS, async () =>
      (await host.read(PAUSES_FILE))?.split("\n").length === number + 1 ? true : undefined,
    );
    expectEqual(`pause ${number}`, (await host.read(PAUSES_FILE))?.split("\n").at(-2), PAUSE_SECONDS);
    expectMatch(`console at pause ${number}`, await host.read(CONSOLE), console);
  }

  async #ended(host: Host): Promise<readonly string[]> {
    const text = await host.until("the end of user data", SCRIPT_SECONDS, () => host.read(RESULT));
    return (JSON.parse(text) as { readonly v1: { readonly errors: readonly string[] } }).v1.errors;
  }

  async #succeeded(host: Host): Promise<void> {
    const errors = await this.#ended(host);
    if (errors.length > 0) throw new CheckFailedError("errors of cloud-init", [errors, await host.read(CONSOLE)], []);
    const state = await this.#shown(host, "ActiveState", "UnitFileState");
    expectEqual("the service", state, "ActiveState=active\nUnitFileState=enabled");
  }

  async #failed(host: Host): Promise<void> {
    const errors = await this.#ended(host);
    if (errors.length === 0) throw new CheckFailedError("user data", await host.read(CONSOLE), "a failure");
  }

  async #toldOfFailure(host: Host, id: string, console: RegExp): Promise<void> {
    const told = (await this.parts.deployment.logOf(id)).filter(({ message }) => message === START_FAILED_EVENT);
    expectEqual(
      "failures told",
      told.map(({ exitCode, level, service }) => ({ exitCode, level, service })),
      [{ exitCode: 1, level: "ERROR", service: WORKER_SERVICE_NAME }],
    );
    expectMatch("the console's end in the log", String(told[0]?.["console"]), console);
    const { text } = await host.run("systemctl", "is-active", SERVICE);
    expectEqual("a worker that serves", text.trim() === "active", false);
  }

  /** The program is that of the archive, and root's. */
  async #isInstalled(host: Host, { programSha256 }: WorkerArchive): Promise<void> {
    const { text } = await host.run("sha256sum", `${HOME}/main.js`);
    expectEqual("the program", text.split(" ")[0], programSha256);
    const owners = await host.run("find", HOME, "!", "-user", "root");
    expectEqual("files that are not root's", owners.text, "");
  }

  /** As its own user, with the unit's environment. */
  async #runsAsTheUnitSays(host: Host): Promise<void> {
    const pid = (await this.#shown(host, "MainPID")).replace("MainPID=", "");
    const { text: user } = await host.run("stat", "--format=%U", `/proc/${pid}`);
    expectEqual("the worker's user", user.trim(), WORKER_SERVICE_NAME);
    expectMatch("the worker's process", await host.read(`/proc/${pid}/status`), /^NoNewPrivs:\s*1$/m);
    const environment = new Set((await host.read(`/proc/${pid}/environ`))?.split("\0"));
    const given = (await host.read(`/etc/${WORKER_SERVICE_NAME}.env`))?.split("\n").filter((line) => /^\w+=/.test(line)) ?? [];
    const missing = [...given, "TMPDIR=/var/tmp"].filter((line) => !environment.has(line));
    expectEqual("settings that the worker has not", [missing, given.length > 10], [[], true]);
  }

  async #shown(host: Host, ...properties: readonly string[]): Promise<string> {
    const { text } = await host.run("systemctl", "show", SERVICE, ...properties.map((property) => `--property=${property}`));
    return text.trim();
  }
}
