/**
 * `npm run check:terraform`: whether the real Terraform takes what is synthesized. `init` and `validate` on every environment of
 * every system, a `plan` of dev and prod against the emulator of the local run; of the batch system in dev and coursework an `apply`, a
 * second `plan`, which must find nothing to change (requirement C.7), and a `destroy`; no network, no account. Needs `terraform` on the
 * PATH and an AWS provider from 5.100 on in a filesystem mirror (scripts/terraform/providers.mjs says where it looks); without them it
 * says in one line that it was not run.
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
import { CheckFailedError, pointAt, stageEnvironment, Terraform, WHAT_THE_EMULATOR_HAS } from "./terraform/stage.mjs";

// the SDK writes the warning to stderr
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const EXIT_REFUSED = 1;
const EXIT_NOT_AT_HAND = 3;
/** The others differ from these in values only. */
const PLANNED = ["dev", "prod"];

/** Those with groups, policies and alarms of their own each; they are applied without what the emulator lacks. */
const APPLIED = { system: "batch", environments: ["dev", "coursework"] };

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

/** Deploys, looks whether a second plan finds nothing to change, and takes it down again. @returns what came of it */
async function applyAndDestroy(terraform, directory) {
  await terraform.run(directory, "init", "-input=false", "-no-color");
  const counted = (told, verb) => Number(new RegExp(`(\\d+) ${verb}`).exec(told)?.[1] ?? Number.NaN);
  const added = counted(await terraform.run(directory, "apply", "-input=false", "-no-color", "-auto-approve"), "added");
  await terraform.run(directory, "plan", "-input=false", "-no-color", "-out=second.tfplan");
  const { output_changes: outputs = {}, resource_changes: changes } = JSON.parse(
    await terraform.run(directory, "show", "-json", "second.tfplan"),
  );
  const changed = [
    ...changes
      .filter(({ change }) => change.actions.join() !== "no-op")
      .map(({ address, change }) => `${address}: ${change.actions.join()}`),
    ...Object.entries(outputs).flatMap(([name, { actions }]) => (actions.join() === "no-op" ? [] : [`output.${name}: ${actions.join()}`])),
  ];
  if (changed.length > 0) throw new CheckFailedError("the second plan, which should be empty,", changed.join("\n"));
  const destroyed = counted(await terraform.run(directory, "destroy", "-input=false", "-no-color", "-auto-approve"), "destroyed");
  // a version of an object, say, is destroyed and was never added
  if (!(destroyed >= added && added > 0)) throw new CheckFailedError("terraform destroy", `${added} added, ${destroyed} destroyed`);
  return `${added} added, nothing to change in a second plan, ${destroyed} destroyed`;
}

async function check({ mirror, version }) {
  const { EVERY_SYSTEM } = await loadTypeScript("systems/index.ts");
  const { publishImage, withEmulator } = await loadTypeScript("scripts/terraform/emulator.ts");
  await withTemporaryFolder(tmpdir(), "filemill-terraform-", async (folder) => {
    const terraform = await Terraform.using(mirror, path.join(folder, "home"));
    const stages = new Map();
    const told = new Set();
    const stacks = EVERY_SYSTEM.flatMap(({ name: system, environments }) =>
      environments.map((environment) => ({ system, environment, name: `${system}-${environment}` })),
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
    const { environments, system } = APPLIED;
    for (const environment of environments) {
      const since = performance.now();
      const variables = WHAT_THE_EMULATOR_HAS;
      const stage = await stageEnvironment({
        projectDirectory,
        folder: path.join(folder, "applied"),
        version,
        system,
        environment,
        variables,
      });
      await withEmulator(projectDirectory, process.env, async (account) => {
        await pointAt(stage, account, await publishImage(account));
        say(`${system}-${environment}: applied: ${await applyAndDestroy(terraform.as(account), stage.directory)}, ${seconds(since)}`);
      });
    }
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
