import { readFile } from "node:fs/promises";
import { z } from "zod";
import { codeOf } from "../folders/system-errors";
import { jsonOf } from "../lib/json-of";
import { schemaProblem } from "../lib/schema-problem";
import { systemErrorText } from "../lib/system-errors";
import { UsageError } from "./command-errors";
import { resolveFrom } from "./resolve-from";
import type { VerbContext } from "./verb-context";

/** What a file in JSON is to be. */
export interface WantedJson<T> {
  /** `plan`: without an article. */
  readonly kind: string;
  /** What to do about one that is none. */
  readonly fix: string;
  /** @throws ZodError for what is none */
  readonly parse: (given: unknown) => T;
}

type Context = Pick<VerbContext, "standardInput" | "workingDirectory">;

/** Reads a file that somebody gave; `-` is standard input. @throws UsageError when it can't be read, is no JSON, or none of its kind */
export async function readJsonFile<T>(context: Context, file: string, { fix, kind, parse }: WantedJson<T>): Promise<T> {
  const given = jsonOf(await textOf(context, file));
  if (given === undefined) throw new UsageError(`'${file}' is no JSON`, fix);
  try {
    return parse(given);
  } catch (error) {
    if (error instanceof z.ZodError) throw new UsageError(`'${file}' is no ${kind}: ${schemaProblem(error)}`, fix, { cause: error });
    throw error;
  }
}

async function textOf({ standardInput, workingDirectory }: Context, file: string): Promise<string> {
  if (file === "-") {
    const pieces: Uint8Array[] = [];
    for await (const piece of standardInput()) pieces.push(piece);
    return Buffer.concat(pieces).toString("utf8");
  }
  try {
    return await readFile(resolveFrom(workingDirectory, file), "utf8");
  } catch (error) {
    const words = systemErrorText(codeOf(error))?.words;
    if (words === undefined) throw error;
    throw new UsageError(`'${file}' can't be read: ${words} (${codeOf(error)})`, "check its path and its permissions", { cause: error });
  }
}
