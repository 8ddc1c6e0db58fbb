import { statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Surroundings } from "./error-report";
import type { LocalRuntime } from "./local/local-runtime";
import type { Place } from "./system-error";

const ERROR_LOG = "error.log";

/** This machine, as far as errors are explained by it. */
export function machineSurroundings(local: Pick<LocalRuntime, "homeDirectory" | "prepareHome">): Surroundings {
  const home = homeIfAny(local);
  const places: readonly Place[] = [
    ...(home === undefined
      ? []
      : [{ what: "the folder of local runs", folder: home, elsewhere: "name another folder with FILEMILL_HOME" }]),
    { what: "the folder of temporary files", folder: tmpdir(), elsewhere: "name another folder with TMPDIR" },
  ];
  return { places, freeBytes, openFilesLimit, keepDetails: (details) => keepDetails(local, details) };
}

/** What FILEMILL_HOME names may be no home: then the error that is to be explained may be just that. */
function homeIfAny({ homeDirectory }: Pick<LocalRuntime, "homeDirectory">): string | undefined {
  try {
    return homeDirectory();
  } catch {
    return undefined;
  }
}

async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // it may not be made yet
    const parent = path.dirname(folder);
    return parent === folder ? undefined : freeBytes(parent);
  }
}

/** Node has no other way to ask for the limit than its report. */
function openFilesLimit(): string {
  const report: unknown = process.report.getReport();
  const limits = typeof report === "object" && report !== null && "userLimits" in report ? report.userLimits : undefined;
  const files = typeof limits === "object" && limits !== null && "open_files" in limits ? limits.open_files : undefined;
  return typeof files === "object" && files !== null && "soft" in files ? String(files.soft) : "a number that is not known";
}

/** Only its owner may read it: an error quotes names. */
async function keepDetails({ prepareHome }: Pick<LocalRuntime, "prepareHome">, details: string): Promise<string | undefined> {
  try {
    const file = path.join(await prepareHome(), ERROR_LOG);
    await writeFile(file, `${new Date().toISOString()} ${process.argv.slice(2).join(" ")}\n${details}\n`, { mode: 0o600 });
    return file;
  } catch {
    // the error itself may be that nothing can be written there
    return undefined;
  }
}
