import { writeFile } from "node:fs/promises";
import path from "node:path";
import { bundleModule, type ModuleBundle } from "./bundle";
import { ModuleProcesses } from "./module-processes";
import { moduleOptionsSchema } from "./options";
import type { Hooks } from "./protocol";

export interface LoadedModule extends ModuleBundle {
  readonly hooks: Hooks;
  /** Where its code lies. */
  readonly file: string;
}

/**
 * Bundles a module, and loads and sets it up once in a process of its own, as a batch would.
 *
 * @param directory an existing folder for temporary files
 * @param options the module's own
 * @throws UnbundledModuleError; WorkloadUnusableError when it can't be loaded or set up
 */
export async function loadModule(module: string, directory: string, options: unknown = {}): Promise<LoadedModule> {
  const bundle = await bundleModule(module);
  const file = path.join(directory, "bundle.js");
  await writeFile(file, bundle.code);
  const processes = new ModuleProcesses(moduleOptionsSchema.parse({ options }), () => Promise.resolve(file), directory);
  try {
    return { ...bundle, file, hooks: await processes.use({}, ({ hooks }) => Promise.resolve({ done: hooks })) };
  } finally {
    await processes.dispose();
  }
}
