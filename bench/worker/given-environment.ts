import { copyFile, mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { isMissing } from "../../kit/folders/system-errors";

const LOOK_MILLISECONDS = 50;
const environmentSchema = z.record(z.string(), z.string());

/** A program in the place of the worker's, and what a stack gave it. */
export class StandIn {
  private constructor(public readonly program: string) {}

  public static async in(directory: string, projectDirectory: string): Promise<StandIn> {
    const folder = path.join(directory, "stand-in");
    await mkdir(folder);
    const program = path.join(folder, "stand-in.cjs");
    await copyFile(path.join(projectDirectory, "bench", "worker", "stand-in.cjs"), program);
    return new StandIn(program);
  }

  /** Waits until a stack has started it. @throws the signal's reason */
  public async environment(signal: AbortSignal): Promise<Record<string, string>> {
    const file = path.join(path.dirname(this.program), "environment.json");
    for (;;) {
      signal.throwIfAborted();
      try {
        return environmentSchema.parse(JSON.parse(await readFile(file, "utf8")));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      await wait(LOOK_MILLISECONDS);
    }
  }
}
