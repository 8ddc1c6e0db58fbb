import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { text } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { batchResultSchema } from "../../systems/batch/contracts/files";
import { wordTotalOf } from "../../workloads/word-count/view";
import type { Deployment } from "./deployment";

/** None is shorter than the five letters that count. */
const WORDS = ["archive", "bucket", "cloud", "daemon", "engine"];
const FILES = 6;

const submittedSchema = z.object({ batchId: z.string() });

/** Batches of files whose words are known by how they were written, by the command as a user of a deployed stack calls it. */
export class Batches {
  private constructor(
    private readonly projectDirectory: string,
    private readonly folder: string,
    private readonly deployment: Deployment,
    private readonly signal: AbortSignal,
  ) {}

  /** @param folder for files, results, and the stack's outputs */
  public static async of(projectDirectory: string, folder: string, deployment: Deployment, signal: AbortSignal): Promise<Batches> {
    await mkdir(folder);
    await writeFile(path.join(folder, "outputs.json"), deployment.outputs);
    return new Batches(projectDirectory, folder, deployment, signal);
  }

  /** Submits files for the fleet. @param name of the batch; of another one the files are others @returns its id */
  public async submit(name: string): Promise<string> {
    const files = path.join(this.folder, name);
    await mkdir(files);
    for (const [index, counts] of countsOf(name).entries()) {
      const words = WORDS.flatMap((word, position) => Array<string>(counts[position] ?? 0).fill(word));
      await writeFile(path.join(files, `file-${index}.txt`), `${words.join("\n")}\n`);
    }
    return submittedSchema.parse(JSON.parse(await this.#filemill("submit", files, "--route", "fleet"))).batchId;
  }

  /** Sees a batch to its end. @throws Error when its result is not what its files have */
  public async finish(name: string, batchId: string): Promise<void> {
    const { files, result, route, status, workload } = batchResultSchema.parse(JSON.parse(await this.#filemill("watch", batchId)));
    const totals = WORDS.map((word, position) => ({ word, count: countsOf(name).reduce((sum, each) => sum + (each[position] ?? 0), 0) }));
    const expected = {
      status: "completed",
      route: "fleet",
      processed: FILES,
      words: totals.sort((one, other) => other.count - one.count || (one.word < other.word ? -1 : 1)),
    };
    const found = { status, route, processed: files.processed, words: wordTotalOf(workload, result)?.words };
    if (!isDeepStrictEqual(found, expected))
      throw new Error(`the batch '${name}' came to ${JSON.stringify(found)} and not to ${JSON.stringify(expected)}`);
  }

  async #filemill(...parameters: readonly string[]): Promise<string> {
    const command = spawn(
      process.execPath,
      [path.join(this.projectDirectory, "bin", "filemill.js"), ...parameters, "--json", "--stack-outputs", "outputs.json"],
      {
        cwd: this.folder,
        env: { PATH: process.env["PATH"], ...this.deployment.operator },
        stdio: ["ignore", "pipe", "pipe"],
        signal: this.signal,
      },
    );
    const closed = new Promise<number | null>((resolve, reject) => command.once("close", resolve).once("error", reject));
    const [output, complaint, code] = await Promise.all([text(command.stdout), text(command.stderr), closed]);
    if (code !== 0) throw new Error(`filemill ${parameters.join(" ")} ended with exit code ${String(code)}:\n${complaint}`);
    return output;
  }
}

/** How often each file of a batch has each word. */
const countsOf = (name: string): number[][] =>
  Array.from({ length: FILES }, (_file, index) => WORDS.map((_word, position) => name.length + (index + 1) * (position + 1)));
