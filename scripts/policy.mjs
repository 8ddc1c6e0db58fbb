/**
 * `npm run policy`: scans what is synthesized of every environment of every system with Checkov, and its IAM policies with IAM Policy
 * Validator (docs/infrastructure.md, "Policy scans"). In prod nothing may fail but what scripts/policy/exceptions.json excuses; of the
 * others the counts are told. `--json`: one line with everything.
 *
 * Needs Python 3.10 or newer and, the first time, a package index; no network after that, no account.
 *
 * Exit codes: 0 passed, 1 something fails, or an exception is over or excuses nothing, 2 it could not be run.
 */
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ensureBuiltOrTell } from "./build/ensure-built.mjs";
import { withTemporaryFolder } from "./build/folders.mjs";
import { loadTypeScript } from "./build/load-typescript.mjs";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const EXIT_FAILED = 1;
const EXIT_COULD_NOT_RUN = 2;

function couldNotRun(error) {
  process.stderr.write(`error: policy could not be run: ${error.message}\n${error.fix === undefined ? "" : `fix: ${error.fix}\n`}`);
  process.exitCode = EXIT_COULD_NOT_RUN;
}

async function main() {
  const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
  if (!(await ensureBuiltOrTell(projectDirectory))) {
    process.exitCode = EXIT_COULD_NOT_RUN;
    return;
  }
  const { scanPolicies } = await loadTypeScript("scripts/policy/main.ts");
  const { renderReport } = await loadTypeScript("scripts/policy/render.ts");
  await withTemporaryFolder(tmpdir(), "filemill-policy-", async (temporary) => {
    // stdout is for the result
    const onStage = (stage) => process.stderr.write(`${stage}\n`);
    const report = await scanPolicies({ projectDirectory, temporary, onStage });
    process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : renderReport(report));
    if (!report.passed) process.exitCode = EXIT_FAILED;
  });
}

await main().catch(couldNotRun);
