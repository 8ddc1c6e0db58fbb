import { readFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { z } from "zod";
import { CreatedFile } from "../../folders/created-file";
import { processIdentitySchema } from "../../folders/mark";
import type { ProcessIdentity } from "../../folders/mark";
import { lifeOf } from "../../folders/processes";
import { removeFileIn } from "../../folders/removal";
import { isMissing } from "../../folders/system-errors";
import { jsonOf } from "../../lib/json-of";

/** What `local up` left running, as the supervisor tells it. */
export const backgroundStackSchema = z.object({
  endpoint: z.string(),
  /** Of each system, by its name; who reads them knows their schema. */
  outputs: z.record(z.string(), z.record(z.string(), z.unknown())),
  environment: z.object({
    AWS_ENDPOINT_URL: z.string(),
    AWS_REGION: z.string(),
    AWS_DEFAULT_REGION: z.string(),
    AWS_ACCESS_KEY_ID: z.string(),
    AWS_SECRET_ACCESS_KEY: z.string(),
  }),
  /** The supervisor; SIGTERM stops everything. */
  pid: z.int().min(1),
  /** How many processes of a name the systems have. */
  processes: z.record(z.string(), z.int().min(0)),
  /** Seconds of policies in a second. @default 1 */
  timeFactor: z.number().optional(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  /** What went wrong since, if anything: a worker ended, a permission was missing. */
  failure: z.string().optional(),
});
export type BackgroundStack = z.output<typeof backgroundStackSchema>;

/** Absent `stack`: it is being started. `controlSecret` is for who orders faults; commands don't show it. */
const upFileSchema = z.object({
  owner: processIdentitySchema,
  stack: backgroundStackSchema.optional(),
  controlSecret: z.string().optional(),
});
export type UpFile = z.output<typeof upFileSchema>;

const UP_FILE = "up.json";

/** @returns undefined when there is no background stack, or the process that ran it is gone */
export async function readUpFile(home: string): Promise<UpFile | undefined> {
  const file = await parseUpFile(home);
  return file !== undefined && (await lifeOf(file.owner)) === "alive" ? file : undefined;
}

/** Only who holds the home's lock writes. */
export async function writeUpFile(home: string, content: UpFile): Promise<void> {
  const file = path.join(home, UP_FILE);
  const beside = await CreatedFile.create(`${file}.${randomBytes(6).toString("hex")}`, 0o600);
  try {
    // it holds credentials: it is made beside, for its owner from the moment it exists
    await beside.write([JSON.stringify(content, undefined, 2)]);
    await beside.publish(file);
  } finally {
    await beside.discard();
  }
}

/** Only who holds the home's lock removes it. @param owner whose it must be; absent: whoever's */
export async function removeUpFile(home: string, owner?: ProcessIdentity): Promise<void> {
  const found = await parseUpFile(home);
  if (owner !== undefined && (found?.owner.pid !== owner.pid || found.owner.started !== owner.started)) return;
  await removeFileIn(home, UP_FILE);
}

async function parseUpFile(home: string): Promise<UpFile | undefined> {
  let text: string;
  try {
    text = await readFile(path.join(home, UP_FILE), "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  // a file of another version, or half of one, belongs to nobody who runs
  const parsed = upFileSchema.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : undefined;
}
