import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { synthesizeStacks } from "../../kit/graph/synthesize-stacks";
import { SYSTEM_NAME } from "../../systems/batch/contracts/names";
import { batch } from "../../systems/batch/system";

const stackSchema = z.object({ locals: z.record(z.string(), z.string()) });
const REFERENCE = /\$\{[^}]*\}/g;

export interface ShellCheckOptions {
  readonly projectDirectory: string;
  /** Exists; stacks are synthesized into it. */
  readonly folder: string;
  /** Has ShellCheck, as rootFolder gives it. */
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * Reads every environment's user data with ShellCheck, at its strictest; a word stands for each reference to a resource.
 *
 * @returns what it complains of, and of how many environments it read
 * @see https://www.shellcheck.net
 */
export async function shellCheck({ folder, root, ...given }: ShellCheckOptions): Promise<{ complaints: string; environments: number }> {
  const { environments } = batch;
  const complaints: string[] = [];
  for (const environmentName of environments) {
    const outputDirectory = path.join(folder, environmentName);
    const files = await synthesizeStacks({ ...given, environmentName, systems: [SYSTEM_NAME], outputDirectory });
    const { locals } = stackSchema.parse(JSON.parse(await readFile(files[SYSTEM_NAME] ?? "", "utf8")));
    const scripts = Object.values(locals).filter((local) => local.startsWith("#!"));
    if (scripts.length === 0) throw new Error(`the stack of ${environmentName} has no user data`);
    for (const script of scripts) complaints.push(await complaintsOf(script.replaceAll(REFERENCE, "reference"), root, given.signal));
  }
  return { complaints: complaints.join(""), environments: environments.length };
}

async function complaintsOf(script: string, root: string, signal: AbortSignal): Promise<string> {
  const reader = spawn("chroot", [root, "shellcheck", "--severity=style", "-"], { stdio: ["pipe", "pipe", "pipe"], signal });
  const closed = new Promise<number | null>((resolve, reject) => reader.once("close", resolve).once("error", reject));
  reader.stdin.end(script);
  const [found, failure, code] = await Promise.all([text(reader.stdout), text(reader.stderr), closed]);
  // 1: it has complaints
  if (code !== 0 && code !== 1) throw new Error(`ShellCheck could not run: ${failure}`);
  return found;
}
