import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { jsonOf } from "../../kit/lib/json-of";
import { FixableError } from "../../kit/lib/fixable-error";
import { prepareHome } from "../../kit/local/home/home";
import { HOME_VARIABLE, locateHome } from "../../kit/local/home/home-location";
import { execute } from "../../kit/local/python/execute";
import { ensureVirtualEnvironment } from "../../kit/local/python/virtual-environment";
import type { BenchRun } from "../bench-run";
import type { LeftOut } from "../counter/programs";
import type { Peer } from "./outcome";
import type { PeerScenario } from "./scenarios";

/** A system in Python, as the Python registry has it. */
interface PythonPeer {
  readonly name: string;
  /** `NAME_words.py` and `NAME-requirements.txt` are beside this file. */
  readonly file: string;
  readonly sizeMegabytes: number;
  readonly trial: string;
}

export const LITHOPS: PythonPeer = { name: "Lithops", file: "lithops", sizeMegabytes: 60, trial: "import lithops" };
export const PYSPARK: PythonPeer = { name: "PySpark", file: "pyspark", sizeMegabytes: 700, trial: "import pyspark" };

const outcomeSchema = z.object({ totalWords: z.int(), seconds: z.number(), killed: z.boolean(), failure: z.string().optional() });

/**
 * A system in a virtual environment of its own, made at the first call.
 *
 * @param files folder of the files to count
 * @returns why it is left out when it can't be installed
 */
export async function pythonPeer(
  { file, name, sizeMegabytes, trial }: PythonPeer,
  { killAfterFiles = 0, workers }: PeerScenario,
  files: string,
  run: BenchRun,
): Promise<Peer | LeftOut> {
  const folder = path.join(run.projectDirectory, "bench", "peers");
  let python: string;
  try {
    python = await ensureVirtualEnvironment({
      homeDirectory: await prepareHome(locateHome(process.env[HOME_VARIABLE], run.projectDirectory, process.cwd())),
      requirementsFile: path.join(folder, `${file}-requirements.txt`),
      environment: process.env,
      packages: { name, sizeMegabytes, trial },
      onStage: run.tell,
      signal: run.signal,
    });
  } catch (error) {
    if (!(error instanceof FixableError)) throw error;
    return { name, leftOut: `left out: ${error.message}; ${error.fix}` };
  }
  return {
    name,
    count: async () => {
      const notes = await mkdtemp(path.join(path.dirname(files), `${file}-`));
      const words = [path.join(folder, `${file}_words.py`), files, notes, String(workers), String(killAfterFiles)];
      // what it keeps in its user's home or in TMPDIR goes with the scenario's folder
      const { PATH = "", JAVA_HOME } = process.env;
      const environment = {
        PATH,
        HOME: notes,
        TMPDIR: path.dirname(files),
        LANG: "C.UTF-8",
        ...(JAVA_HOME === undefined ? {} : { JAVA_HOME }),
      };
      const { code, output } = await execute(python, words, { environment, signal: run.signal });
      const parsed = outcomeSchema.safeParse(jsonOf(output.split("\n").findLast((line) => line.startsWith('{"')) ?? ""));
      if (!parsed.success) throw new Error(`${name} ended with exit code ${String(code)} and no outcome:\n${output.slice(-2_000)}`);
      const { failure, seconds, ...rest } = parsed.data;
      return { ...rest, failure, seconds: failure === undefined ? seconds : undefined };
    },
  };
}
