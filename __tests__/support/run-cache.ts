import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A folder of this run of Jest, for what many test files need and the sources alone decide. Not set: nothing is kept. */
const VARIABLE = "TEXTS_OF_THIS_TEST_RUN";

/** What `make` gives: made by the first test file of the run that asks for it. */
export function oncePerRun(key: string, make: () => string): string {
  const folder = process.env[VARIABLE];
  if (folder === undefined) return make();
  const file = path.join(folder, createHash("sha256").update(key).digest("hex"));
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const text = make();
  // whole or not at all: another process may look for it
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, file);
  return text;
}

/** Jest's globalSetup, before the processes of the run are started. */
export function beginRun(): void {
  process.env[VARIABLE] = mkdtempSync(path.join(tmpdir(), "filemill-test-run-"));
}

/** Jest's globalTeardown. */
export function endRun(): void {
  const folder = process.env[VARIABLE];
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
