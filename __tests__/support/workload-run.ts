import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeZlib } from "../../kit/aws/node-zlib";
import type { MergeContext, OpenContext, Session, WorkContext, Worked, Workload } from "../../workloads/workload";
import { temporaryDirectory } from "./count-harness";

/** What came of a file, with its outputs' contents. */
export type Outcome<Result> = Omit<Worked<Result> & { readonly status: "processed" }, "outputs"> & {
  readonly outputs: Readonly<Record<string, string>>;
};

/** Processes whose command line or environment holds a text. Linux only. */
export async function processesWith(text: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
      const state = /^State:\s+(\w)/m.exec(await read("status"))?.[1];
      const commandLine = await read("cmdline");
      return state !== "Z" && (commandLine + (await read("environ"))).includes(text) ? `${pid} ${commandLine.replaceAll("\0", " ")}` : "";
    }),
  );
  return found.filter((each) => each !== "");
}

/** Opens sessions of a workload and works on files in them; what they leave behind fails the test. */
export class WorkloadBench<Options, Result> {
  /** In the environment of every process that works on a file of this bench. */
  public readonly mark = `bench-${randomUUID()}`;
  private readonly root = temporaryDirectory();
  private readonly sessions: { readonly session: Session<Result>; readonly folder: string }[] = [];
  /** Bytes that were told as progress. */
  public progress = 0;

  public constructor(
    private readonly workload: Workload<Options, Result, unknown>,
    private readonly artefacts: Readonly<Record<string, string>> = {},
  ) {}

  /** A folder that the bench removes with itself. */
  public folder(): string {
    return mkdtempSync(join(this.root.path, "folder-"));
  }

  public async open(options: unknown): Promise<Session<Result>> {
    const folder = this.folder();
    const session = await this.workload.open(this.workload.options.parse(options), this.openContext(folder));
    this.sessions.push({ session, folder });
    return session;
  }

  public openContext(directory: string): OpenContext {
    return {
      directory,
      artefact: (name) => {
        const file = this.artefacts[name];
        return file === undefined ? Promise.reject(new Error(`no artefact ${name}`)) : Promise.resolve(file);
      },
    };
  }

  public mergeContext(): MergeContext {
    return { ...this.openContext(this.folder()), memoryBytes: 1_048_576 };
  }

  /** @param session one that works on several files. @default one of its own */
  public async run(
    options: unknown,
    content: string | Uint8Array = "",
    {
      key = "folder/file.txt",
      session,
      keepPartial = false,
      ...changes
    }: { key?: string; session?: Session<Result>; keepPartial?: boolean } & Partial<WorkContext> = {},
  ): Promise<Worked<Result> | Outcome<Result>> {
    const opened = session ?? (await this.open(options));
    const body = Buffer.from(content);
    const directory = this.folder();
    const context: WorkContext = {
      memoryBytes: 1_048_576,
      directory,
      decompressor: nodeZlib,
      decompressionLimitBytes: 1e9,
      onProgress: (bytes) => (this.progress += bytes),
      ...changes,
    };
    const worked = await opened.work({ key: `${this.mark}/${key}`, size: body.length, body: inPieces(body) }, context);
    if (worked.status === "processed" && !keepPartial) await worked.partial?.dispose();
    const kept = (await readdir(directory)).filter((name) => !(keepPartial && name.startsWith("partial-")));
    const outputs = worked.status === "processed" ? (worked.outputs ?? []) : [];
    expect(kept.map((name) => name.replace(/-.*/, ""))).toEqual(outputs.length > 0 ? ["outputs"] : []);
    if (worked.status !== "processed" || outputs.length === 0) return worked;
    const { outputs: files = [], ...rest } = worked;
    return { ...rest, outputs: Object.fromEntries(files.map(({ name, path }) => [name, readFileSync(path, "utf8")])) };
  }

  /** Ends all sessions: no process and no file of theirs may be left. */
  public async close(): Promise<void> {
    for (const { session } of this.sessions) await session.dispose();
    for (const { folder } of this.sessions) expect(await readdir(folder)).toEqual([]);
    // files' names and folders are in the environment of whatever works for them
    for (const trace of [this.mark, this.root.path]) expect(await processesWith(trace)).toEqual([]);
    this.root.remove();
  }
}

async function* inPieces(body: Buffer): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < body.length; at += 65_536) yield await Promise.resolve(body.subarray(at, at + 65_536));
}
