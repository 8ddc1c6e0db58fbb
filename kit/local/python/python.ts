import { z } from "zod";
import { PythonMissingError } from "../errors";
import { askingEnvironment } from "./environment-variables";
import { execute } from "./execute";

/** Oldest Python that the pinned packages support. */
export const MINIMUM_PYTHON = { major: 3, minor: 10 } as const;

/** Commands tried, in this order: the user's choice of `python3` goes first. */
const CANDIDATES = ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10"] as const;

const PROBE = `
import importlib.util, json, sys
has = lambda name: importlib.util.find_spec(name) is not None
print(json.dumps({"path": sys.executable, "version": list(sys.version_info[:3]),
                  "venv": has("venv"), "ensurepip": has("ensurepip"), "pip": has("pip")}))
`;
const probeSchema = z.object({
  path: z.string().min(1),
  version: z.tuple([z.int(), z.int(), z.int()]),
  venv: z.boolean(),
  ensurepip: z.boolean(),
  pip: z.boolean(),
});
export type Python = z.output<typeof probeSchema>;

const INSTALL_FIX =
  "install Python 3.10 or newer with its venv module (Debian and Ubuntu: apt-get install python3 python3-venv; macOS: brew install python3), then try again";

/**
 * Finds a Python that can make a virtual environment: 3.10 or newer, with `venv`, and with `pip` or the means to get it.
 *
 * @param environment the user's: commands are looked for in its PATH
 * @param candidates commands to try, or paths. @default python3, python, then python3.13 down to python3.10
 * @throws PythonMissingError saying what was found instead
 */
export async function findPython(
  environment: NodeJS.ProcessEnv,
  signal?: AbortSignal,
  candidates: readonly string[] = CANDIDATES,
): Promise<Python> {
  const refused: string[] = [];
  for (const command of candidates) {
    const python = await probe(command, askingEnvironment(environment), signal);
    if (python === undefined) continue;
    const problem = problemOf(python);
    if (problem === undefined) return python;
    refused.push(`${python.path} (${python.version.join(".")}): ${problem}`);
  }
  throw new PythonMissingError(
    refused.length === 0
      ? `Python 3.10 or newer is needed, and none of these commands gave one: ${candidates.join(", ")}`
      : `Python 3.10 or newer with venv and pip is needed; found only\n  ${[...new Set(refused)].join("\n  ")}`,
    INSTALL_FIX,
  );
}

function problemOf({ version: [major, minor], venv, ensurepip, pip }: Python): string | undefined {
  if (major !== MINIMUM_PYTHON.major || minor < MINIMUM_PYTHON.minor) return "too old";
  if (!venv) return "its venv module is missing";
  if (!pip && !ensurepip) return "it has neither pip nor ensurepip";
  return undefined;
}

async function probe(
  command: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Python | undefined> {
  const { code, output } = await execute(command, ["-c", PROBE], { environment, signal });
  if (code !== 0) return undefined;
  try {
    // the last line: a version manager may say something first
    return probeSchema.parse(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
  } catch {
    // no such command, or a version manager's placeholder for one
    return undefined;
  }
}
