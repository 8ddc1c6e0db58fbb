/**
 * `npm run plans`: makes the plans that the tests of the plan review read, by the real Terraform and its AWS provider, against the emulator
 * of the local run. What exists in a case is applied there, then its bad and its good plan are made; nothing is applied twice.
 *
 *   npm run plans [-- NAME...]      (default: every case)
 *
 * Exit codes: 0 made, 1 Terraform refused something, 3 Terraform or its provider is not at hand.
 */
import { mkdir, writeFile } from "node:fs/promises";
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
async function plan(terraform, folder, version, resource, also) {
  await writeFile(path.join(folder, "main.tf.json"), program(version, resource, also));
  await terraform.run(folder, "plan", "-input=false", "-no-color", "-lock=false", "-out=plan.tfplan");
  const whole = JSON.parse(await terraform.run(folder, "show", "-json", "plan.tfplan"));
  return Object.fromEntries(KEPT.flatMap((name) => (whole[name] === undefined ? [] : [[name, whole[name]]])));
}

/** @returns how many cases Terraform refused */
async function make({ mirror, version }, names) {
  let refused = 0;
  const { PLAN_CASES } = await loadTypeScript("__tests__/kit/plan-review/plans/cases.ts");
  const { withEmulator } = await loadTypeScript("scripts/terraform/emulator.ts");
  await mkdir(path.join(here, "made"), { recursive: true });
  for (const planCase of PLAN_CASES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const { also, bad, existing, good, name } = planCase;
    const making = withTemporaryFolder(tmpdir(), "filemill-plans-", async (temporary) => {
      const folder = path.join(temporary, "stack");
      await mkdir(folder);
      await writeFile(path.join(folder, "code.zip"), zip({ "index.js": Buffer.from("exports.handler = async () => 1;") }));
      // an account of its own for each: what one leaves can't be in another's way
      await withEmulator(project, process.env, async (account) => {
        const terraform = (await Terraform.using(mirror, path.join(temporary, "home"))).as(account);
        await pointAt({ directory: folder, images: [] }, account, "");
        await writeFile(path.join(folder, "main.tf.json"), program(version, existing ?? {}));
        await terraform.run(folder, "init", "-input=false", "-no-color");
        if (existing !== undefined) await terraform.run(folder, "apply", "-input=false", "-no-color", "-auto-approve");
        for (const [kind, resource] of Object.entries({ bad, good })) {
          const made = await plan(terraform, folder, version, resource, kind === "bad" ? also : undefined);
          await writeFile(path.join(here, "made", `${name}.${kind}.json`), `${JSON.stringify(made)}\n`);
        }
      });
    });
    try {
      await making;
      say(`${name}: made`);
    } catch (error) {
      if (!(error instanceof CheckFailedError)) throw error;
      refused += 1;
      process.stderr.write(`${name}: ${error.message}\n`);
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
