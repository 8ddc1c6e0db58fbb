/**
 * `npm run check:terraform`: whether the real Terraform takes what is synthesized. `init` and `validate` on every environment of
 * every system, a `plan` of dev and prod against the emulator of the local run; no network, no account. Needs `terraform` on the PATH
 * and an AWS provider from 5.100 on in a filesystem mirror (scripts/terraform/providers.mjs says where it looks); without them it says in
 * one line that it was not run.
 *
 * Exit codes: 0 all is well or it could not be run, 1 Terraform refused something, 3 it could not be run although --required asks for it.
 */
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { loadTypeScript } from "./build/load-typescript.mjs";
import { ensureBuiltOrTell } from "./build/ensure-built.mjs";
import { withTemporaryFolder } from "./build/folders.mjs";
import { findTerraform } from "./terraform/providers.mjs";
import { CheckFailedError, pointAt, stageEnvironment, Terraform } from "./terraform/stage.mjs";

// the SDK writes the warning to stderr
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const EXIT_REFUSED = 1;
const EXIT_NOT_AT_HAND = 3;
/** The others differ from these in values only. */
const PLANNED = ["dev", "prod"];

const say = (line) => process.stdout.write(`${line}\n`);
const seconds = (since) => `${((performance.now() - since) / 1_000).toFixed(1)} s`;

async function plan(terraform, directory) {
  await terraform.run(directory, "plan", "-input=false", "-no-color", "-lock=false", "-out=plan.tfplan");
  const { resource_changes: changes } = JSON.parse(await terraform.run(directory, "show", "-json", "plan.tfplan"));
  const planned = changes.filter(({ mode }) => mode === "managed");
  const created = planned.filter(({ change }) => change.actions.join() === "create");
  // the account is empty: whatever else were planned, the plan would not be of this stack
  if (created.length === 0 || created.length !== planned.length)
    throw new CheckFailedError("terraform plan", `${created.length} of ${planned.length} resources would be created in an empty account`);
  return created.length;
}

async function check({ mirror, version }) {
  const { EVERY_SYSTEM } = await loadTypeScript("systems/index.ts");
  const { publishImage, withEmulator } = await loadTypeScript("scripts/terraform/emulator.ts");
  await withTemporaryFolder(tmpdir(), "filemill-terraform-", async (folder) => {
    const terraform = await Terraform.using(mirror, path.join(folder, "home"));
    const stages = new Map();
    const told = new Set();
    const stacks = EVERY_SYSTEM.flatMap(({ name: system, configuration }) =>
      configuration.environments.map((environment) => ({ system, environment, name: `${system}-${environment}` })),
    );
    for (const { name, system, environment } of stacks) {
      const since = performance.now();
      const stage = await stageEnvironment({ projectDirectory, folder, version, system, environment });
      stages.set(name, stage);
      for (const change of stage.changes.filter((each) => !told.has(each))) {
        told.add(change);
        say(`note: ${change}`);
      }
      await terraform.run(stage.directory, "init", "-input=false", "-no-color");
      await terraform.run(stage.directory, "validate", "-no-color");
      say(`${name}: valid, ${seconds(since)}`);
    }
    await withEmulator(projectDirectory, process.env, async (account) => {
      const asRoot = terraform.as(account);
      for (const { name } of stacks.filter(({ environment }) => PLANNED.includes(environment))) {
        const since = performance.now();
        const stage = stages.get(name);
        await pointAt(stage, account, await publishImage(account));
        say(`${name}: planned, ${await plan(asRoot, stage.directory)} resources to create, ${seconds(since)}`);
      }
    });
  });
}

async function main() {
  const found = await findTerraform(process.env);
  if ("missing" in found) {
    say(`check:terraform was not run: ${found.missing}`);
    if (process.argv.includes("--required")) process.exitCode = EXIT_NOT_AT_HAND;
    return;
  }
  if (!(await ensureBuiltOrTell(projectDirectory))) return;
  try {
    await check(found);
  } catch (error) {
    if (!(error instanceof CheckFailedError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT_REFUSED;
  }
}

await main();
