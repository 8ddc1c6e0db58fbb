import { open } from "node:fs/promises";

const TAIL_BYTES = 2_000;

/** The end of a log file, for an error message; says so when there is nothing. */
export async function logTail(file: string): Promise<string> {
  let handle;
  try {
    handle = await open(file);
  } catch {
    return `(no log at ${file})`;
  }
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(size - start), position: start });
    const text = buffer.toString("utf8", 0, bytesRead).trim();
    return text === "" ? "(its log is empty)" : text;
  } finally {
    await handle.close();
  }
}
