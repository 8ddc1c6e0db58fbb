import { chmod, lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { compareCodePoints } from "../../kit/lib/compare-code-points";
import { printable } from "../../kit/lib/printable";
import type { LocalOutput } from "../workload";
import { MAXIMUM_OUTPUT_NAME_BYTES, MAXIMUM_OUTPUTS, outputNameProblem } from "./output-names";

/** A program left something where outputs go that can't be one. */
export class BadOutputError extends Error {
  public override readonly name = "BadOutputError";
}

/** @throws BadOutputError when that can't be the name of an output */
export function assertOutputName(name: string): void {
  const problem = outputNameProblem(name);
  if (problem !== undefined) throw new BadOutputError(`output '${printable(name).slice(0, MAXIMUM_OUTPUT_NAME_BYTES)}': ${problem}`);
}

/**
 * The files below a folder as outputs, by name; folders without files are left out.
 *
 * @throws BadOutputError for what is neither file nor folder (links, pipes, sockets, devices), for names that can't be, and for too many
 */
export async function collectOutputs(folder: string): Promise<LocalOutput[]> {
  const outputs: LocalOutput[] = [];
  for await (const output of filesBelow(folder, "")) {
    if (outputs.push(output) > MAXIMUM_OUTPUTS) throw new BadOutputError(`there are more than ${MAXIMUM_OUTPUTS} outputs`);
  }
  return outputs.sort((a, b) => compareCodePoints(a.name, b.name));
}

async function* filesBelow(folder: string, prefix: string): AsyncGenerator<LocalOutput, void> {
  // names are bytes: not all of them are text
  for (const entry of await readdir(folder, { withFileTypes: true, encoding: "buffer" })) {
    const name = prefix + entry.name.toString("utf8");
    if (!Buffer.from(name.slice(prefix.length)).equals(entry.name))
      throw new BadOutputError(`output '${printable(name)}': its name is no UTF-8`);
    assertOutputName(name);
    const place = path.join(folder, name.slice(prefix.length));
    if (!entry.isDirectory() && !entry.isFile()) throw new BadOutputError(`output '${printable(name)}': it is neither a file nor a folder`);
    await makeReadable(place, entry.isDirectory() ? 0o500 : 0o400);
    if (entry.isDirectory()) yield* filesBelow(place, `${name}/`);
    else yield { name, path: place };
  }
}

/** A program may have closed what it made to its own user, who is ours. */
async function makeReadable(place: string, needed: number): Promise<void> {
  const { mode } = await lstat(place);
  if ((mode & needed) !== needed) await chmod(place, mode | needed);
}
