import type { Finding } from "./finding";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { withScratchFolder } from "../../kit/folders/scratch-folder";
import type { Decompressor } from "../../kit/ports/decompressor";
import { MAXIMUM_RESULT_BYTES, WorkloadUnusableError, type OpenContext } from "../workload";
import { UnbundledModuleError } from "./bundle";
import { loadModule } from "./load-module";
import { checkTypes } from "./check-types";
import { ModuleMerge } from "./module-merge";
import { ModuleSession } from "./module-session";
import { moduleOptionsSchema, type ModuleOwnOptions } from "./options";
import type { Hooks } from "./protocol";

export interface ModuleCheck {
  readonly findings: readonly Finding[];
  /** Of the bundle; absent when it could not be made. */
  readonly sha256?: string;
  readonly bundleBytes?: number;
  /** What the module has; absent when it could not be loaded. */
  readonly hooks?: Hooks;
}

export interface CheckOptions {
  /** A file to run it on. @default it is loaded and set up only */
  readonly sample?: string;
  readonly options?: ModuleOwnOptions;
  /** An existing folder for temporary files. */
  readonly directory: string;
  readonly decompressor: Decompressor;
}

/** A sample is a taste: more of it tells no more. */
const MEMORY_BYTES = 64 * 1_048_576;
const DECOMPRESSION_LIMIT_BYTES = 2 ** 30;

/** Looks at a module as a batch would find it: types, bundle, shape, and a run on a sample file with merge and total. */
export async function checkModule(file: string, check: CheckOptions): Promise<ModuleCheck> {
  return withScratchFolder(check.directory, async (directory) => {
    const findings: Finding[] = [...(await checkTypes(file))];
    try {
      const { code, file: bundle, hooks, sha256 } = await loadModule(file, directory, check.options);
      const context = { directory, artefact: () => Promise.resolve(bundle) };
      findings.push(...(await runSample(check, context, hooks)));
      return { findings, sha256, bundleBytes: code.length, hooks };
    } catch (error) {
      if (!(error instanceof UnbundledModuleError || error instanceof WorkloadUnusableError)) throw error;
      return { findings: [...findings, { level: "error", text: error.message }] };
    }
  });
}

async function runSample({ sample, options = {}, decompressor }: CheckOptions, context: OpenContext, { cut }: Hooks): Promise<Finding[]> {
  if (sample === undefined) return [{ level: "note", text: "it was not run: no sample was given" }];
  const parsed = moduleOptionsSchema.parse({ options, cut });
  const session = await ModuleSession.open(parsed, context);
  const merge = new ModuleMerge(parsed, { ...context, memoryBytes: MEMORY_BYTES });
  try {
    const source = {
      key: path.basename(sample),
      size: (await stat(sample)).size,
      body: createReadStream(sample) as AsyncIterable<Uint8Array>,
    };
    const limits = { memoryBytes: MEMORY_BYTES, decompressionLimitBytes: DECOMPRESSION_LIMIT_BYTES };
    const worked = await session.work(source, { ...limits, directory: context.directory, decompressor });
    if (worked.status === "skipped") return [{ level: "note", text: `the sample is skipped: ${worked.reason}` }];
    if (worked.status === "quarantined") return [{ level: "error", text: `the sample is quarantined: ${worked.reason}: ${worked.detail}` }];
    if (worked.partial !== undefined) await merge.add(worked.partial);
    merge.addResult();
    const result = JSON.stringify(worked.result);
    return [
      { level: "note", text: `result of the sample, ${Buffer.byteLength(result)} of ${MAXIMUM_RESULT_BYTES} bytes: ${result}` },
      ...(worked.outputs ?? []).map(({ name }) => ({ level: "note", text: `output of the sample: ${name}` }) as const),
      { level: "note", text: `total of it alone: ${JSON.stringify(await merge.total())}` },
    ];
  } finally {
    await merge.dispose();
    await session.dispose();
  }
}
