import { createReadStream, createWriteStream } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { OwnedFolder } from "../../kit/folders/owned-folder";
import type { Json } from "../results/json-result";
import { WorkloadUnusableError, type Merge, type MergeContext, type SplitPartial } from "../workload";
import { FilePartial } from "./file-partial";
import { afterDeath, ModuleProcesses, type Tried } from "./module-processes";
import type { ModuleOptions } from "./options";
import type { Question } from "./protocol";

/** A stored section of a module's partials is not what was written: whole lines of JSON. */
export class BadModuleSectionError extends Error {
  public override readonly name = "BadModuleSectionError";
  public readonly fix = "`npx filemill verify BATCH` says what of the batch is damaged; submit its files again in another one";
  public constructor() {
    super("a section of partials does not end with a line feed: it was cut");
  }
}

interface Started {
  readonly owned: OwnedFolder;
  readonly processes: ModuleProcesses;
}

/**
 * Adds partials up with the module's own `merge`, in a process of its own. Until then they lie on the disk, a line each, so memory is that
 * of the process whatever their number.
 */
export class ModuleMerge implements Merge<Json, Json> {
  private started: Promise<Started> | undefined;
  private lines = 0;
  private files = 0;
  private made = 0;

  public constructor(
    private readonly options: ModuleOptions,
    private readonly context: MergeContext,
  ) {}

  public async add(partial: SplitPartial): Promise<void> {
    try {
      if (!(partial instanceof FilePartial)) throw new TypeError("a partial of another workload came to a module's merge");
      await this.append(createReadStream(partial.path) as AsyncIterable<Uint8Array>);
    } finally {
      await partial.dispose();
    }
  }

  public async addSection(section: AsyncIterable<Uint8Array>): Promise<void> {
    await this.append(section);
  }

  public async *section(): AsyncGenerator<Uint8Array, void> {
    if (this.lines === 0) return;
    for await (const chunk of createReadStream(await this.fold())) yield chunk as Uint8Array;
  }

  public async join(results: readonly Json[]): Promise<Json> {
    const result = await this.ask(async () => ({ kind: "join", path: await this.fold(), results }));
    return JSON.parse(result ?? "null") as Json;
  }

  public addResult(): void {
    this.files += 1;
  }

  public async total(): Promise<Json> {
    const { files } = this;
    const { processes } = await this.start();
    const hasTotal = await processes.use<boolean>(this.context, ({ hooks }) => Promise.resolve({ done: hooks.totals }));
    if (!hasTotal) return { files };
    const into = await this.newFile();
    await this.ask(async () => ({ kind: "total", path: await this.fold(), files, into }));
    return JSON.parse(await readFile(into, "utf8")) as Json;
  }

  public async dispose(): Promise<void> {
    const started = await this.started;
    await started?.processes.dispose();
    await started?.owned.remove();
  }

  /** Adds all partials up. @returns the file that holds the sum, if there were any */
  private async fold(): Promise<string> {
    const sum = await this.sumFile();
    if (this.lines > 1) {
      const into = await this.newFile();
      await this.ask(() => Promise.resolve({ kind: "fold", path: sum, into }));
      await rename(into, sum);
      this.lines = 1;
    }
    return sum;
  }

  /** @returns the answer's result @throws WorkloadUnusableError when the module can't answer: nothing can be added up without it */
  private async ask(questionOf: () => Promise<Question>): Promise<string | undefined> {
    const { processes } = await this.start();
    const question = await questionOf();
    return processes.use<string | undefined>(this.context, async (process): Promise<Tried<string | undefined>> => {
      const answer = await process.ask(question, this.context);
      if (answer.kind === "done") return { done: answer.result };
      const problem = answer.kind === "hello" ? "it did not answer as it should" : answer.detail;
      const failure = (): never => {
        throw new WorkloadUnusableError(`the module's ${question.kind === "fold" ? "merge" : question.kind} failed: ${problem}`);
      };
      return answer.kind === "death" ? afterDeath(answer, failure) : { done: failure() };
    });
  }

  private async append(section: AsyncIterable<Uint8Array>): Promise<void> {
    let last = 0x0a;
    let lines = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array, void> {
      for await (const chunk of section) {
        for (const byte of chunk) if (byte === 0x0a) lines += 1;
        last = chunk.at(-1) ?? last;
        yield chunk;
      }
    };
    await pipeline(counted(), createWriteStream(await this.sumFile(), { flags: "a" }));
    this.lines += lines;
    if (last !== 0x0a) throw new BadModuleSectionError();
  }

  private async sumFile(): Promise<string> {
    return path.join((await this.start()).owned.path, "sum.jsonl");
  }

  private async newFile(): Promise<string> {
    this.made += 1;
    return path.join((await this.start()).owned.path, `made-${this.made}`);
  }

  private start(): Promise<Started> {
    return (this.started ??= this.prepare());
  }

  private async prepare(): Promise<Started> {
    const owned = await OwnedFolder.create(this.context.directory, { kind: "scratch", prefix: "merge-" });
    await writeFile(path.join(owned.path, "sum.jsonl"), "", { flag: "wx" });
    return { owned, processes: new ModuleProcesses(this.options, this.context.artefact, owned.path) };
  }
}
