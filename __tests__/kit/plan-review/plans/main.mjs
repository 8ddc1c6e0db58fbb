/**
 * `npm run plans`: makes the plans that the tests of the plan review read, by the real Terraform and its AWS provider, against the emulator
 * of the local run. What exists in a case is applied there, then its bad and its good plan are made; of a feature there is one plan.
 *
 *   npm run plans [-- NAME...]      (default: every case)
 *
 * Exit codes: 0 made, 1 Terraform refused something, 3 Terraform or its provider is not at hand.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { withTemporaryFolder } from "../../../../scripts/build/folders.mjs";
import { loadTypeScript } from "../../../../scripts/build/load-typescript.mjs";
import { findTerraform } from "../../../../scripts/terraform/providers.mjs";
import { CheckFailedError, pointAt, Terraform } from "../../../../scripts/terraform/stage.mjs";
import { zip } from "../../../../scripts/build/zip.mjs";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const here = path.dirname(fileURLToPath(import.meta.url));
const project = path.resolve(here, "../../../..");
const EXIT_REFUSED = 1;
const EXIT_NOT_AT_HAND = 3;
/** What a review reads of a plan; the rest says the same again, and is ten times as long. */
const KEPT = ["format_version", "terraform_version", "resource_changes", "resource_drift", "configuration", "complete", "errored"];

const say = (line) => process.stdout.write(`${line}\n`);

const program = (version, resource, also = {}) =>
  JSON.stringify({
    terraform: { required_providers: { aws: { source: "hashicorp/aws", version } } },
    provider: { aws: [{ region: "us-east-1" }] },
    ...(Object.keys(resource).length === 0 ? {} : { resource }),
    ...also,
  });

/** Plans `resource` over what the folder's state has. */
async function plan(terraform, folder, version, resource, also, options = []) {
  await writeFile(path.join(folder, "main.tf.json"), program(version, resource, also));
  await terraform.run(folder, "plan", "-input=false", "-no-color", "-lock=false", ...options, "-out=plan.tfplan");
  const whole = JSON.parse(await terraform.run(folder, "show", "-json", "plan.tfplan"));
  return Object.fromEntries(KEPT.flatMap((name) => (whole[name] === undefined ? [] : [[name, whole[name]]])));
}

const apply = async (terraform, folder, version, resource, also) => {
  await writeFile(path.join(folder, "main.tf.json"), program(version, resource, also));
  await terraform.run(folder, "apply", "-input=false", "-no-color", "-auto-approve");
};

/** Makes a case's two plans. */
async function makeCase(terraform, folder, version, { also, bad, existing, good, name }) {
  if (existing !== undefined) await apply(terraform, folder, version, existing);
  for (const [kind, resource] of Object.entries({ bad, good }))
    await keep(`${name}.${kind}`, await plan(terraform, folder, version, resource, kind === "bad" ? also : undefined));
}

/** Makes a feature's plan; what somebody did past Terraform is done by an apply whose state is forgotten. */
async function makeFeature(
  terraform,
  folder,
  version,
  { also, drifted, existing, existingAlso, isUnknownToState, name, options, planned },
) {
  const state = path.join(folder, "terraform.tfstate");
  await apply(terraform, folder, version, existing, existingAlso);
  if (drifted !== undefined) {
    const known = await readFile(state);
    await apply(terraform, folder, version, drifted, existingAlso);
    await writeFile(state, known);
  }
  if (isUnknownToState) await rm(state);
  await keep(name, await plan(terraform, folder, version, planned, also, options));
}

const keep = (name, made) => writeFile(path.join(here, "made", `${name}.json`), `${JSON.stringify(made)}\n`);

/** @returns how many cases Terraform refused */
async function make({ mirror, version }, names) {
  let refused = 0;
  const { PLAN_CASES } = await loadTypeScript("__tests__/kit/plan-review/plans/cases.ts");
  const { PLAN_FEATURES } = await loadTypeScript("__tests__/kit/plan-review/plans/features.ts");
  const { withEmulator } = await loadTypeScript("scripts/terraform/emulator.ts");
  await mkdir(path.join(here, "made"), { recursive: true });
  const all = [...PLAN_CASES.map((each) => [each, makeCase]), ...PLAN_FEATURES.map((each) => [each, makeFeature])];
  for (const [given, makeOne] of all.filter(([{ name }]) => names.length === 0 || names.includes(name))) {
    const making = withTemporaryFolder(tmpdir(), "filemill-plans-", async (temporary) => {
      const folder = path.join(temporary, "stack");
      await mkdir(folder);
      await writeFile(path.join(folder, "code.zip"), zip({ "index.js": Buffer.from("exports.handler = async () => 1;") }));
      // an account of its own for each: what one leaves can't be in another's way
      await withEmulator(project, process.env, async (account) => {
        const terraform = (await Terraform.using(mirror, path.join(temporary, "home"))).as(account);
        await pointAt({ directory: folder, images: [] }, account, "");
        await writeFile(path.join(folder, "main.tf.json"), program(version, {}));
        await terraform.run(folder, "init", "-input=false", "-no-color");
        await makeOne(terraform, folder, version, given);
      });
    });
    try {
      await making;
      say(`${given.name}: made`);
    } catch (error) {
      if (!(error instanceof CheckFailedError)) throw error;
      refused += 1;
      process.stderr.write(`${given.name}: ${error.message}\n`);
    }
  }
  return refused;
}

const found = await findTerraform(process.env);
if ("missing" in found) {
  say(`plans were not made: ${found.missing}`);
  process.exitCode = EXIT_NOT_AT_HAND;
} else {
  if ((await make(found, process.argv.slice(2))) > 0) process.exitCode = EXIT_REFUSED;
}
