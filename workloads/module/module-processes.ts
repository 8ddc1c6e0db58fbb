import type { OpenContext } from "../workload";
import { ModuleProcess, type AskContext, type Death } from "./module-process";
import { MEMORY_CLASSES_MEBIBYTES, type MemoryClass, type ModuleOptions } from "./options";

/** Name of the artefact that holds a module's bundle. */
export const MODULE_ARTEFACT = "module";

/** What a try came to: its end, or what to do for another and what it comes to without. */
export type Tried<T> = { readonly done: T } | { readonly retry: "more-memory" | "again"; readonly failure: () => T };

/** A death that another try may be spared. */
export function afterDeath<T>({ cause }: Death, failure: () => T): Tried<T> {
  if (cause === "memory") return { retry: "more-memory", failure };
  return cause === "killed" ? { retry: "again", failure } : { done: failure() };
}

/** The processes that run one module: as many as are used at a time, each started anew after it died. */
export class ModuleProcesses {
  private readonly idle: ModuleProcess[] = [];

  /** @param directory existing folder for what the processes write */
  public constructor(
    private readonly options: ModuleOptions,
    private readonly artefact: OpenContext["artefact"],
    private readonly directory: string,
  ) {}

  /**
   * Works with a process that nobody else uses meanwhile; once more with another one, if the first try says so: after it ran out of memory
   * with one of the next class, if there is one.
   */
  public async use<T>(context: AskContext, work: (process: ModuleProcess) => Promise<Tried<T>>): Promise<T> {
    const first = await this.tryIn(this.options.memoryClassMebibytes, context, work);
    if ("done" in first) return first.done;
    const { memoryClassMebibytes: own } = this.options;
    const next = first.retry === "again" ? own : MEMORY_CLASSES_MEBIBYTES.find((mebibytes) => mebibytes > own);
    if (next === undefined) return first.failure();
    const second = await this.tryIn(next, context, work);
    return "done" in second ? second.done : second.failure();
  }

  public async dispose(): Promise<void> {
    for (const process of this.idle.splice(0)) await process.end();
  }

  private async tryIn<T>(
    memoryClass: MemoryClass,
    context: AskContext,
    work: (process: ModuleProcess) => Promise<Tried<T>>,
  ): Promise<Tried<T>> {
    const process = await this.take(memoryClass, context);
    let keep = false;
    try {
      const tried = await work(process);
      keep = process.isAlive && memoryClass === this.options.memoryClassMebibytes;
      return tried;
    } finally {
      if (keep) this.idle.push(process);
      else await process.end();
    }
  }

  private async take(memoryClass: MemoryClass, context: AskContext): Promise<ModuleProcess> {
    while (memoryClass === this.options.memoryClassMebibytes) {
      const process = this.idle.pop();
      if (process?.isAlive === true) return process;
      if (process === undefined) break;
      await process.end();
    }
    const { options, timeLimitSeconds, diskLimitMebibytes } = this.options;
    const program = await this.artefact(MODULE_ARTEFACT);
    const limits = { memoryClassMebibytes: memoryClass, timeLimitSeconds, diskLimitMebibytes };
    return ModuleProcess.start({ program, directory: this.directory, ...limits }, options, context);
  }
}
