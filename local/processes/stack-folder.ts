import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { commandLine, groupMembers, identify, isAlive, signalProcess } from "./processes";
import type { ProcessIdentity } from "./processes";

const identitySchema = z.object({ pid: z.int().min(1), started: z.string() });
/** What a stack's folder says of it: who runs it, and the leaders of the process groups it started. */
const stateSchema = z.object({ owner: identitySchema, groups: z.array(identitySchema) });
type State = z.output<typeof stateSchema>;

const STATE_FILE = "state.json";
const stacksIn = (homeDirectory: string): string => path.join(homeDirectory, "stacks");

/** The folder of one running stack: temporary files, logs, and what the next run needs to clean up if this one can't. */
export class StackFolder {
  private constructor(
    public readonly path: string,
    private readonly owner: ProcessIdentity,
    private readonly groups: ProcessIdentity[] = [],
  ) {}

  /** `<home>/stacks/<pid>-<random>/`, seen by others only once it says whose it is. */
  public static async create(homeDirectory: string): Promise<StackFolder> {
    const owner = await identify(process.pid);
    if (owner === undefined) throw new Error(`this process (${process.pid}) is not in the system's list of processes`);
    const name = `${process.pid}-${randomBytes(4).toString("hex")}`;
    const directory = path.join(stacksIn(homeDirectory), name);
    const unfinished = path.join(stacksIn(homeDirectory), `.${name}`);
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    await writeState(unfinished, { owner, groups: [] });
    await rename(unfinished, directory);
    return new StackFolder(directory, owner);
  }

  /** Notes a process that leads a group of its own, so that it can be ended by whoever sweeps the folder. */
  public async record(pid: number): Promise<void> {
    const identity = await identify(pid);
    if (identity === undefined) return;
    this.groups.push(identity);
    await writeState(this.path, { owner: this.owner, groups: this.groups });
  }

  public async remove(): Promise<void> {
    await removeFolder(this.path);
  }
}

/** Removes what runs that ended without clean-up left: their folders, and their processes if any outlived them. */
export async function sweepDeadStacks(homeDirectory: string): Promise<void> {
  const root = stacksIn(homeDirectory);
  await mkdir(root, { recursive: true, mode: 0o700 });
  await Promise.all(
    (await readdir(root)).map(async (name) => {
      const directory = path.join(root, name);
      const state = await readState(directory);
      if (state === undefined ? await nameIsOfLiveProcess(name) : await isAlive(state.owner)) return;
      for (const group of state?.groups ?? []) await endGroup(group, directory);
      await removeFolder(directory);
    }),
  );
}

/** Ends a group only if its leader is the noted one, or a member's command line names the folder: numbers are used again. */
async function endGroup(leader: ProcessIdentity, directory: string): Promise<void> {
  for (const member of await groupMembers(leader.pid)) {
    const ours = member.pid === leader.pid ? member.started === leader.started : (await commandLine(member.pid)).includes(directory);
    if (ours) signalProcess(member.pid, "SIGKILL");
  }
}

/** A folder without a readable state is being made or being removed; its name tells by whom. */
async function nameIsOfLiveProcess(name: string): Promise<boolean> {
  const pid = /^\.?(\d+)-/.exec(name)?.[1];
  return pid !== undefined && (await identify(Number(pid))) !== undefined;
}

async function readState(directory: string): Promise<State | undefined> {
  let text: string;
  try {
    text = await readFile(path.join(directory, STATE_FILE), "utf8");
  } catch {
    // see nameIsOfLiveProcess
    return undefined;
  }
  return stateSchema.parse(JSON.parse(text));
}

async function writeState(directory: string, state: State): Promise<void> {
  const file = path.join(directory, STATE_FILE);
  await writeFile(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Processes that were just killed may still be writing into it, hence the retries. */
const removeFolder = (directory: string): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
