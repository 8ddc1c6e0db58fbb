import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { build as bundle, formatMessages, type BuildFailure, type Plugin } from "esbuild";

/** A module can't be made into one file. */
export class UnbundledModuleError extends Error {
  public override readonly name = "UnbundledModuleError";
  public readonly fix = "mend it; `filemill workload check FILE` looks at it without a batch";
  public constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`the workload '${file}' can't be bundled: ${problem}`, options);
  }
}

export interface ModuleBundle {
  /** A program of Node's in one CommonJS file, which runs the module: the batch's artefact `module`. */
  readonly code: Uint8Array;
  /** Of the code, in hexadecimal digits: the workload's version. */
  readonly sha256: string;
}

const HOST = "workloads/module/host/host.ts";

/**
 * Bundles a module with all that it imports and with what runs it (`host/`). The same sources give the same bytes, wherever they lie.
 *
 * @throws UnbundledModuleError
 */
export async function bundleModule(file: string): Promise<ModuleBundle> {
  const module = path.resolve(file);
  if (!existsSync(module)) throw new UnbundledModuleError(file, "there is no such file");
  const contents = `import { host } from "filemill:host";\nvoid host(() => import(${JSON.stringify(`./${path.basename(module)}`)}));\n`;
  try {
    const { outputFiles } = await bundle({
      stdin: { contents, resolveDir: path.dirname(module), sourcefile: "module-host.js", loader: "js" },
      absWorkingDir: path.dirname(module),
      bundle: true,
      write: false,
      platform: "node",
      format: "cjs",
      // the oldest Node that runs it
      target: "node20",
      mainFields: ["module", "main"],
      charset: "utf8",
      legalComments: "none",
      logLevel: "silent",
      // comments and names of inner functions would name places of this machine
      minifyWhitespace: true,
      minifyIdentifiers: true,
      keepNames: true,
      plugins: [ownModules()],
    });
    const [output] = outputFiles;
    if (output === undefined) throw new UnbundledModuleError(file, "nothing came out");
    return { code: output.contents, sha256: createHash("sha256").update(output.contents).digest("hex") };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const [first = error.message] = await formatMessages(error.errors.slice(0, 1), { kind: "error" });
    throw new UnbundledModuleError(file, first.trim(), { cause: error });
  }
}

/** What a module imports from `filemill/workload`, and what runs it, come from this program's own sources. */
function ownModules(): Plugin {
  return {
    name: "own-modules",
    setup(build) {
      const root = projectFolder();
      build.onResolve({ filter: /^filemill\/workload$/ }, () => ({ path: path.join(root, "workloads/module/authoring.ts") }));
      build.onResolve({ filter: /^filemill:host$/ }, () => ({ path: path.join(root, HOST) }));
    },
  };
}

/** The project that this program belongs to; it runs from its sources as well as from `dist/`. */
export function projectFolder(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const file = path.join(folder, "package.json");
    if (existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === "filemill") return folder;
    if (folder === path.dirname(folder)) throw new UnbundledModuleError(HOST, `'${__dirname}' lies in no project of filemill's`);
  }
}

const isBuildFailure = (error: unknown): error is BuildFailure =>
  typeof error === "object" && error !== null && "errors" in error && Array.isArray(error.errors);
