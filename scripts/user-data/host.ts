import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { IMDS_ADDRESS } from "../../kit/aws/imds";
import { isMissing } from "../../kit/folders/system-errors";
import { CleanUp } from "../../kit/local/processes/clean-up";
import { startMetadataService, type Instance } from "./metadata-service";

/** A boot takes a second, and cloud-init two more; a machine under load may need many times that. */
const BOOT_SECONDS = 60;
const POLL_MILLISECONDS = 50;
const SCRIPTS = ["scripts", "user-data"];

export interface HostOptions {
  readonly projectDirectory: string;
  /** As rootFolder gives it. */
  readonly root: string;
  /** The host's folder: its disk, its sockets. Exists; absolute, with a short path (a socket's has 107 bytes at most). */
  readonly folder: string;
  /** Written on its disk before it boots, by path. */
  readonly files: Readonly<Record<string, { readonly text: string; readonly mode?: number }>>;
  readonly instance: Instance;
  /** `http://127.0.0.1:PORT`, where it is inside, too. */
  readonly endpoint: string;
  readonly signal: AbortSignal;
}

export interface Said {
  readonly exitCode: number;
  /** Standard output and error. */
  readonly text: string;
}

/** A machine with a service manager of its own, booted in a root folder, whose network has AWS's stand-ins and nothing else. */
export class Host {
  private constructor(
    private readonly supervisor: ChildProcess,
    private readonly ended: Promise<unknown>,
    /** Of its first process, as this machine counts. */
    private readonly init: number,
    private readonly console: () => string,
    private readonly signal: AbortSignal,
    private readonly cleanUp: CleanUp,
  ) {}

  /** @param all ends it and all that belongs to it, unless it is switched off before */
  public static async boot(options: HostOptions, all: CleanUp): Promise<Host> {
    const cleanUp = new CleanUp();
    all.add(() => cleanUp.run());
    const { endpoint, files, folder, instance, projectDirectory, root, signal } = options;
    const name = `filemill-${process.pid}-${path.basename(folder)}`;
    for (const part of ["upper", "work", "root"]) await mkdir(path.join(folder, part), { recursive: true });
    for (const [file, { mode = 0o644, text }] of Object.entries(files)) {
      const target = path.join(folder, "upper", file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, text, { mode });
    }
    const { hostname, port } = new URL(endpoint);
    const [metadata, aws] = [path.join(folder, "metadata.socket"), path.join(folder, "aws.socket")];
    cleanUp.add(await startMetadataService(metadata, instance));
    cleanUp.add(await passOn(aws, Number(port), hostname));
    const network = await openNetwork(projectDirectory, [new URL(IMDS_ADDRESS).hostname, "80", metadata, hostname, port, aws], cleanUp);
    const script = path.join(projectDirectory, ...SCRIPTS, "host.sh");
    const supervisor = spawn(
      "unshare",
      ["--mount", "--propagation", "private", "setpriv", "--pdeathsig", "TERM", script, root, folder, String(network), name],
      // a group of its own: Ctrl-C is for the check, which ends its hosts
      { stdio: ["ignore", "pipe", "pipe"], detached: true },
    );
    let console = "";
    for (const stream of [supervisor.stdout, supervisor.stderr]) stream.on("data", (data: Buffer) => (console += data.toString()));
    const ended = once(supervisor, "close");
    const running = (): boolean => supervisor.exitCode === null && supervisor.signalCode === null;
    cleanUp.add(async () => {
      if (running()) supervisor.kill("SIGTERM");
      await ended;
    });
    const deadline = Date.now() + BOOT_SECONDS * 1_000;
    for (;;) {
      const init = await initOf(supervisor.pid ?? 0);
      if (init !== undefined) return new Host(supervisor, ended, init, () => console, signal, cleanUp);
      if (!running() || Date.now() > deadline) throw new Error(`the host ${name} did not boot:\n${console}`);
      await wait(POLL_MILLISECONDS, undefined, { signal });
    }
  }

  /** Runs a command as root of the host. */
  public run(...command: readonly string[]): Promise<Said> {
    const parameters = ["--target", String(this.init), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--", ...command];
    return new Promise((resolve, reject) => {
      execFile("nsenter", parameters, { signal: this.signal, env: { PATH: ROOTS_PATH } }, (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === "number") resolve({ exitCode: code, text: `${stdout}${stderr}` });
        else reject(new Error(`the host can't run ${command.join(" ")}`, { cause: error }));
      });
    });
  }

  /** A file of the host. @returns undefined when there is none */
  public async read(file: string): Promise<string | undefined> {
    try {
      return await readFile(this.pathOf(file), "utf8");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Writes a file in a folder of the host that is there. */
  public async write(file: string, text: string): Promise<void> {
    await writeFile(this.pathOf(file), text);
  }

  /** Waits until `look` finds something. @throws Error with the host's console when it ends, or has nothing after `seconds` */
  public async until<T>(what: string, seconds: number, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + seconds * 1_000;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (this.supervisor.exitCode !== null || Date.now() > deadline)
        throw new Error(`${what} was not there within ${seconds} s; the host's console:\n${this.console()}`);
      await wait(POLL_MILLISECONDS, undefined, { signal: this.signal });
    }
  }

  /** Shuts it down in order, as an instance that is stopped; its disk stays. */
  public async powerOff(): Promise<void> {
    await this.run("systemctl", "poweroff");
    await this.ended;
    await this.cleanUp.run();
  }

  private pathOf(file: string): string {
    return path.join("/proc", String(this.init), "root", file);
  }
}

const ROOTS_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The first process of the host: the child of systemd-nspawn, which is a child of host.sh. */
async function initOf(supervisor: number): Promise<number | undefined> {
  for (const nspawn of await childrenOf(supervisor)) {
    for (const init of await childrenOf(nspawn)) {
      // once it has a root of its own that is a system's
      const program = await readFile(`/proc/${init}/comm`, "utf8").catch(() => "");
      if (program.trim() === "systemd") return init;
    }
  }
  return undefined;
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch((error: unknown) => {
    if (isMissing(error)) return "";
    throw error;
  });
  return text.split(" ").filter(Boolean).map(Number);
}

/** @returns the process that holds the network */
async function openNetwork(projectDirectory: string, doors: readonly string[], cleanUp: CleanUp): Promise<number> {
  const door = path.join(projectDirectory, ...SCRIPTS, "door.mjs");
  const holder = spawn("unshare", ["--net", process.execPath, door, ...doors], { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const ended = once(holder, "close");
  cleanUp.add(async () => {
    holder.stdin.end();
    await ended;
  });
  await Promise.race([
    once(holder.stdout, "data"),
    ended.then(() => {
      throw new Error("the host's network could not be opened");
    }),
  ]);
  return holder.pid ?? 0;
}

/** Takes what comes to a socket of the file system to a port of this machine. @returns ends it */
async function passOn(socket: string, port: number, hostname: string): Promise<() => Promise<void>> {
  const open = new Set<{ destroy: () => void }>();
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    const outgoing = connect({ port, host: hostname, allowHalfOpen: true });
    incoming.on("error", () => void outgoing.destroy()).pipe(outgoing);
    outgoing.on("error", () => void incoming.destroy()).pipe(incoming);
    for (const each of [incoming, outgoing]) {
      open.add(each);
      each.on("close", () => open.delete(each));
    }
  });
  server.listen(socket);
  await once(server, "listening");
  return async () => {
    for (const each of open) each.destroy();
    server.close();
    await once(server, "close");
  };
}
