import path from "node:path";
import { OwnedFolder } from "../../kit/folders/owned-folder";
import { withScratchFolder } from "../../kit/folders/scratch-folder";
import { RunFolder } from "../programs/run-folder";
import { storeInput } from "../programs/store-input";
import { BadOutputError, collectOutputs } from "../results/collect-outputs";
import type { Json } from "../results/json-result";
import { textEncodingSchema } from "../text/encoding-schemas";
import { textOfRange } from "../text/range-text";
import {
  TryAgainLaterError,
  WorkloadUnusableError,
  type OpenContext,
  type Session,
  type WorkContext,
  type Worked,
  type WorkSource,
} from "../workload";
import { FilePartial } from "./file-partial";
import type { ModuleProcess } from "./module-process";
import { afterDeath, ModuleProcesses, type Tried } from "./module-processes";
import type { ModuleOptions } from "./options";
import type { Answer } from "./protocol";

type Fault = Extract<Answer, { readonly kind: "fault" }>;

/** Runs a module for each file, in processes of its own. */
export class ModuleSession implements Session<Json> {
  private constructor(
    private readonly options: ModuleOptions,
    private readonly processes: ModuleProcesses,
    private readonly owned: OwnedFolder,
  ) {}

  /** @throws WorkloadUnusableError when the module can't be loaded or set up, or is cut in another way than the plan was told */
  public static async open(options: ModuleOptions, { directory, artefact }: OpenContext): Promise<ModuleSession> {
    const owned = await OwnedFolder.create(directory, { kind: "scratch", prefix: "module-" });
    const processes = new ModuleProcesses(options, artefact, owned.path);
    try {
      await processes.use<undefined>({}, ({ hooks }) => {
        if (hooks.cut === options.cut) return Promise.resolve({ done: undefined });
        throw new WorkloadUnusableError(
          `the module is cut at '${hooks.cut}', and the batch was planned for '${options.cut}'; submit it anew`,
        );
      });
      return new ModuleSession(options, processes, owned);
    } catch (error) {
      await processes.dispose();
      await owned.remove();
      throw error;
    }
  }

  public async work(source: WorkSource, context: WorkContext): Promise<Worked<Json>> {
    return withScratchFolder(context.directory, async (folder) => {
      const content = path.join(folder, "content");
      await storeInput(this.bodyOf(source), content, context);
      return this.processes.use(context, (each) => this.workIn(each, source, content, context));
    });
  }

  public async dispose(): Promise<void> {
    await this.processes.dispose();
    await this.owned.remove();
  }

  private bodyOf({ body, range, encoding }: WorkSource): AsyncIterable<Uint8Array> {
    if (range === undefined) return body;
    const { cut } = this.options;
    if (cut === "never") throw new RangeError("a range came for a module that is never cut; plan the file as one split");
    return textOfRange(body, range, textEncodingSchema.parse(encoding), cut);
  }

  private async workIn(process: ModuleProcess, source: WorkSource, content: string, context: WorkContext): Promise<Tried<Worked<Json>>> {
    const folder = await RunFolder.create(context.directory);
    try {
      const { key: name, size, range, encoding } = source;
      const { decompressionLimitBytes, onProgress, signal } = context;
      const partial = path.join(folder.work, "partial.json");
      const places = { path: content, out: folder.out, partial };
      const text = range === undefined || encoding === undefined ? {} : { encoding };
      const question = { kind: "file", name, size, decompressionLimitBytes, ...places, ...text } as const;
      const answer = await process.ask(question, { onProgress, signal, folder: folder.path });
      if (answer.kind === "death") return afterDeath(answer, () => failed(answer.detail));
      if (answer.kind === "fault") return { done: outcomeOf(answer) };
      if (answer.kind !== "done" || answer.result === undefined) return { done: failed("it did not answer as it should") };
      const result = JSON.parse(answer.result) as Json;
      return { done: await processed(folder, context, result, answer.hasPartial === true ? partial : undefined) };
    } finally {
      await folder.remove();
    }
  }
}

async function processed(
  folder: RunFolder,
  { directory, partialDirectory = directory }: WorkContext,
  result: Json,
  partial: string | undefined,
): Promise<Worked<Json>> {
  try {
    const hasOutputs = (await collectOutputs(folder.out)).length > 0;
    const outputs = hasOutputs ? await collectOutputs(await folder.keepOutputs(directory)) : [];
    return {
      status: "processed",
      result,
      ...(outputs.length === 0 ? {} : { outputs }),
      ...(partial === undefined ? {} : { partial: await FilePartial.keep(partial, partialDirectory) }),
    };
  } catch (error) {
    if (error instanceof BadOutputError) return failed(error.message);
    throw error;
  }
}

const failed = (detail: string): Worked<Json> => ({ status: "quarantined", reason: "workload-error", detail });

function outcomeOf({ fault, detail }: Fault): Worked<Json> {
  switch (fault) {
    case "later":
      throw new TryAgainLaterError(detail);
    case "failed":
      return failed(detail);
    case "not-text":
    case "compressed":
      return { status: "skipped", reason: fault };
    default:
      return { status: "quarantined", reason: fault, detail };
  }
}
