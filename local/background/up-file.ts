import { open, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { stackOutputsSchema } from "../../core/contracts/stack-outputs";
import { BackgroundStackError } from "../errors";
import { identify, isAlive } from "../processes/processes";

const ownerSchema = z.object({ pid: z.int().min(1), started: z.string() });

/** What `local up` left running, as the supervisor tells it. */
export const backgroundStackSchema = z.object({
  endpoint: z.string(),
  outputs: stackOutputsSchema,
  environment: z.object({
    AWS_ENDPOINT_URL: z.string(),
    AWS_REGION: z.string(),
    AWS_DEFAULT_REGION: z.string(),
    AWS_ACCESS_KEY_ID: z.string(),
    AWS_SECRET_ACCESS_KEY: z.string(),
  }),
  /** The supervisor; SIGTERM stops everything. */
  pid: z.int().min(1),
  workers: z.int().min(0),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  /** What went wrong since, if anything: a worker ended, a permission was missing. */
  failure: z.string().optional(),
});
export type BackgroundStack = z.output<typeof backgroundStackSchema>;

/** Absent `stack`: it is being started. `controlSecret` is for who orders faults; commands don't show it. */
const upFileSchema = z.object({ owner: ownerSchema, stack: backgroundStackSchema.optional(), controlSecret: z.string().optional() });
export type UpFile = z.output<typeof upFileSchema>;

export const upFilePath = (homeDirectory: string): string => path.join(homeDirectory, "up.json");

/** @returns undefined when there is no background stack, or the process that ran it is gone */
export async function readUpFile(homeDirectory: string): Promise<UpFile | undefined> {
  const file = await parseUpFile(homeDirectory);
  return file !== undefined && (await isAlive(file.owner)) ? file : undefined;
}

/**
 * Makes this process the one that runs the background stack of a home folder.
 *
 * @throws BackgroundStackError when another one does
 */
export async function claimUpFile(homeDirectory: string): Promise<UpFile["owner"]> {
  const owner = await identify(process.pid);
  if (owner === undefined) throw new Error(`this process (${process.pid}) is not in the system's list of processes`);
  const running = await readUpFile(homeDirectory);
  if (running !== undefined) throw alreadyUp(running);
  await rm(upFilePath(homeDirectory), { force: true });
  try {
    const handle = await open(upFilePath(homeDirectory), "wx", 0o600);
    await handle.writeFile(JSON.stringify({ owner }));
    await handle.close();
  } catch (error) {
    // another one was faster by a moment
    const other = await readUpFile(homeDirectory);
    throw other === undefined ? error : alreadyUp(other);
  }
  return owner;
}

export async function writeUpFile(homeDirectory: string, content: UpFile): Promise<void> {
  const file = upFilePath(homeDirectory);
  // it holds credentials: for its owner from the moment it exists, and never into a file that was there
  await rm(`${file}.new`, { force: true });
  await writeFile(`${file}.new`, JSON.stringify(content, undefined, 2), { flag: "wx", mode: 0o600 });
  await rename(`${file}.new`, file);
}

export const removeUpFile = (homeDirectory: string): Promise<void> => rm(upFilePath(homeDirectory), { force: true });

export const alreadyUp = ({ stack, owner }: UpFile): BackgroundStackError =>
  new BackgroundStackError(
    stack === undefined ? `a local stack is being started by process ${owner.pid}` : `a local stack is up already at ${stack.endpoint}`,
    "use it, or stop it with `npx filemill local down`",
  );

async function parseUpFile(homeDirectory: string): Promise<UpFile | undefined> {
  let text: string;
  try {
    text = await readFile(upFilePath(homeDirectory), "utf8");
  } catch {
    return undefined;
  }
  // a file of another version, or half of one, belongs to nobody who runs
  const parsed = upFileSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
