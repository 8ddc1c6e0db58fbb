import { lstat, open, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { isMissing } from "./system-errors";
import { jsonOf } from "../lib/json-of";

/** The file that says a folder is the product's own. Whatever has none is never removed. */
export const MARK_FILE = ".filemill-mark.json";
/** Longer than any mark is: something else has that name. */
const MAXIMUM_BYTES = 4_096;

/** A process that can't be taken for a later one with the same number. */
export const processIdentitySchema = z.object({
  pid: z.int().min(1),
  /** Opaque: equal means the same process. */
  started: z.string(),
  /** The space that the number counts in (Linux: its PID namespace); "" where there is only one. */
  space: z.string().default(""),
});
export type ProcessIdentity = z.output<typeof processIdentitySchema>;

/** Folders that stay: `home` holds all of the local run, `build` what was built. Files in them may be removed, they themselves never. */
const KEPT_KINDS = ["home", "build"] as const;
/**
 * Folders that go: with their process (`run`, `stack`, `temporary`), when nothing uses them (`environment`), after their use (`scratch`).
 */
const REMOVABLE_KINDS = ["run", "stack", "environment", "temporary", "scratch"] as const;
export type RemovableKind = (typeof REMOVABLE_KINDS)[number];

const markSchema = z.discriminatedUnion("kind", [
  z.object({ product: z.literal("filemill"), kind: z.enum(KEPT_KINDS) }),
  z.object({
    product: z.literal("filemill"),
    kind: z.enum(REMOVABLE_KINDS),
    /** The folder's own name: the mark of a folder that was copied or renamed is none. */
    folder: z.string(),
    /** Whose it is: it may go once that process has ended. Absent: it lies in a folder that has an owner. */
    owner: processIdentitySchema.optional(),
  }),
]);
export type Mark = z.output<typeof markSchema>;

const markOf = (folder: string): string => path.join(folder, MARK_FILE);

/** @returns undefined when the folder has no mark of ours: none, another program's, a link, or one that was copied here */
export async function readMark(folder: string): Promise<Mark | undefined> {
  let text: string;
  try {
    const stats = await lstat(markOf(folder));
    if (!stats.isFile() || stats.size > MAXIMUM_BYTES) return undefined;
    text = await readFile(markOf(folder), "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const parsed = markSchema.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  return "folder" in parsed.data && parsed.data.folder !== path.basename(folder) ? undefined : parsed.data;
}

/**
 * Marks a folder that this process has just made, before anything else is in it.
 *
 * @param durable true: the mark is on the disk before this returns, so that it outlives a machine that stops
 */
export async function writeMark(folder: string, mark: Mark, durable: boolean): Promise<void> {
  const file = await open(markOf(folder), "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(mark)}\n`);
    if (durable) await file.sync();
  } finally {
    await file.close();
  }
}
