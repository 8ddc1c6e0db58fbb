import { isMissing } from "../../folders/system-errors";
import { open, readdir } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { HomeFullError } from "../errors";
import { freeBytes, fullDisk, RUN_BYTES } from "./disk-space";

const POLL_MS = 250;
const WORKER_LOG = /^worker-\d+\.log$/;
const LINE_FEED = 0x0a;

export interface DiskWatch {
  /** Settles once there is no room any more; never rejects. */
  readonly full: Promise<HomeFullError>;
  readonly stop: () => void;
}

export interface WatchedDisk {
  readonly home: string;
  /** Of the stack; holds the workers' logs. */
  readonly folder: string;
  /** Told when the disk can't be looked after any longer. */
  readonly say?: (line: string) => void;
  /** @default what the system tells */
  readonly free?: (folder: string) => Promise<number | undefined>;
}

/**
 * Looks after the disk that a stack's processes write to. What a function or a worker does when it can't write shows nowhere else, or
 * minutes later: its work is tried again and again. A worker's log is read, too: room that it needed is free again as soon as it gave up.
 */
export function watchDisk({ home, folder, say, free = freeBytes }: WatchedDisk): DiskWatch {
  let settle: (error: HomeFullError) => void = () => undefined;
  const full = new Promise<HomeFullError>((resolve) => {
    settle = resolve;
  });
  const logs = new Map<string, LogReader>();
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => {
        stop();
        // a folder that is gone is being removed
        if (!isMissing(error)) say?.(`the disk of '${home}' is not watched any longer: ${String(error)}`);
      })
      .finally(() => (looking = false));
  }, POLL_MS);
  timer.unref();
  const stop = (): void => {
    clearInterval(timer);
  };

  async function look(): Promise<void> {
    const found = fullDisk(home, await free(folder), RUN_BYTES) ?? (await complaintOf(home, folder, logs));
    if (found === undefined) return;
    stop();
    settle(found);
  }
  return { full, stop };
}

/** What a worker wrote of a disk that was full for a moment. */
async function complaintOf(home: string, folder: string, logs: Map<string, LogReader>): Promise<HomeFullError | undefined> {
  for (const name of (await readdir(folder)).filter((each) => WORKER_LOG.test(each))) {
    const reader = logs.get(name) ?? new LogReader(path.join(folder, name));
    logs.set(name, reader);
    for (const line of await reader.read()) {
      const code = fullDiskCode(line);
      if (code !== undefined) return new HomeFullError(home, `${name.slice(0, -".log".length)} met ${code}, the disk or its quota is full`);
    }
  }
  return undefined;
}

const complaintSchema = z.object({ error: z.object({ code: z.enum(["ENOSPC", "EDQUOT"]) }) });

/** The code of the error that a line of a worker's log tells of: as a field, not in some text, which may be a file's name. */
export function fullDiskCode(line: string): string | undefined {
  if (!/"code":"(ENOSPC|EDQUOT)"/.test(line)) return undefined;
  try {
    return complaintSchema.safeParse(JSON.parse(line)).data?.error.code;
  } catch {
    // half a line, or one that the runtime wrote
    return undefined;
  }
}

/** Whole lines of a file that grows. */
class LogReader {
  private position = 0;

  public constructor(private readonly file: string) {}

  public async read(): Promise<string[]> {
    const handle = await open(this.file);
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.max(0, size - this.position));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, this.position);
      const end = bytes.subarray(0, bytesRead).lastIndexOf(LINE_FEED) + 1;
      this.position += end;
      return bytes.toString("utf8", 0, end).split("\n");
    } finally {
      await handle.close();
    }
  }
}
