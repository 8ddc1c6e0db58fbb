import { mkdir } from "node:fs/promises";
import path from "node:path";
import { OwnedFolder } from "../../kit/folders/owned-folder";
import { present } from "../../kit/lib/present";
import { programEnvironment, SYSTEM_FOLDERS } from "../programs/program-environment";
import { RunFolder } from "../programs/run-folder";
import { runProgram, type Program, type ProgramRun } from "../programs/run-program";
import { storeInput } from "../programs/store-input";
import { unpackArchive } from "../programs/unpack-archive";
import { withScratchFolder } from "../../kit/folders/scratch-folder";
import type { Json } from "../results/json-result";
import { MAXIMUM_RESULT_BYTES, type OpenContext, type Session, type WorkContext, type Worked, type WorkSource } from "../workload";
import { placeInput } from "./input-file";
import type { CommandOptions } from "./options";
import { judge } from "./judge";
import { commandWords, wantsFile, withPlaces } from "./words";

/** Name of the artefact that holds the program, where the options name none. */
export const DEFAULT_ARCHIVE = "archive";
const MEBIBYTE = 1_048_576;
/** The first one, and one more for what may have been an accident. */
const TRIES = 2;

/** Runs the command for each file. */
export class CommandSession implements Session<Json> {
  private constructor(
    private readonly options: CommandOptions,
    /** Where the archive was unpacked; undefined without one. */
    private readonly program: OwnedFolder | undefined,
    private readonly searchFolders: readonly string[],
  ) {}

  /** @throws WorkloadUnusableError when the archive is missing or can't be unpacked */
  public static async open(options: CommandOptions, context: OpenContext): Promise<CommandSession> {
    if (options.archive === false) return new CommandSession(options, undefined, SYSTEM_FOLDERS);
    const file = await context.artefact(options.archive === true ? DEFAULT_ARCHIVE : options.archive);
    const owned = await OwnedFolder.create(context.directory, { kind: "scratch", prefix: "program-" });
    try {
      const folder = await unpackInto(file, owned.path);
      return new CommandSession(options, owned, [path.join(folder, "bin"), folder, ...SYSTEM_FOLDERS]);
    } catch (error) {
      await owned.remove();
      throw error;
    }
  }

  public async work(source: WorkSource, context: WorkContext): Promise<Worked<Json>> {
    return withScratchFolder(context.directory, async (folder) => {
      const input = path.join(folder, "content");
      await storeInput(source.body, input, context);
      for (let triesLeft = TRIES; ; triesLeft -= 1) {
        const worked = await this.tryOnce(source.key, input, context, triesLeft === 1);
        if (worked !== "again") return worked;
      }
    });
  }

  public async dispose(): Promise<void> {
    await this.program?.remove();
  }

  private async tryOnce(key: string, input: string, context: WorkContext, isLast: boolean): Promise<Worked<Json> | "again"> {
    const folder = await RunFolder.create(context.directory, this.programFolder);
    try {
      const run = await this.run(folder, key, input, context);
      return await judge(run, { folder, keepBelow: context.directory, exec: this.options.exec, isLast });
    } finally {
      await folder.remove();
    }
  }

  private async run(folder: RunFolder, key: string, input: string, { onProgress, signal }: WorkContext): Promise<ProgramRun> {
    const { exec, shell, timeLimitSeconds, memoryLimitMebibytes, diskLimitMebibytes } = this.options;
    const hasFile = wantsFile(exec);
    const places = { in: hasFile ? await placeInput(input, folder.in, key, shell) : "", out: folder.out };
    const program: Omit<Program, "file" | "arguments"> = {
      environment: programEnvironment(folder.work, this.searchFolders, key),
      workingFolder: folder.work,
      folder: folder.path,
      input: hasFile ? undefined : input,
      limits: {
        timeMilliseconds: timeLimitSeconds * 1_000,
        memoryBytes: memoryLimitMebibytes * MEBIBYTE,
        diskBytes: diskLimitMebibytes * MEBIBYTE,
        outputBytes: MAXIMUM_RESULT_BYTES,
      },
    };
    return runProgram({ ...program, ...this.line(folder, places) }, { onProgress, signal });
  }

  private line(folder: RunFolder, places: { readonly in: string; readonly out: string }): Pick<Program, "file" | "arguments"> {
    const { exec, shell } = this.options;
    if (shell) {
      // a path from the working folder on has nothing in it that a shell would take for its own, whatever the files' names are
      const near = { in: path.relative(folder.work, places.in), out: path.relative(folder.work, places.out) };
      return { file: "/bin/sh", arguments: ["-c", withPlaces(exec, near)] };
    }
    const [file, ...rest] = commandWords(exec).map((word) => withPlaces(word, places));
    return { file: present(file, "the command's program"), arguments: rest };
  }

  private get programFolder(): string | undefined {
    return this.program === undefined ? undefined : this.searchFolders[1];
  }
}

/** @returns where the program is: a folder inside, for the folder's own mark is not the program's */
async function unpackInto(file: string, folder: string): Promise<string> {
  const inner = path.join(folder, "files");
  await mkdir(inner);
  await unpackArchive(file, inner);
  return inner;
}
