/**
 * `npm run check:operate`: what docs/operate.md says of a stack's life, by the real Terraform and its AWS provider against the emulator of
 * the local run: deploy, upgrade, roll back, clean up.
 *
 * Exit codes: 0 each step changed what it should (or Terraform is not at hand, in one line), 1 one did not.
 */
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureBuiltOrTell } from "./build/ensure-built.mjs";
import { withTemporaryFolder } from "./build/folders.mjs";
import { loadTypeScript } from "./build/load-typescript.mjs";
import { findTerraform } from "./terraform/providers.mjs";
import { CheckFailedError, pointAt, stageEnvironment, Terraform, WHAT_THE_EMULATOR_HAS } from "./terraform/stage.mjs";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
/** It has no instances and no state machine, and is there within a minute. */
const SYSTEM = "media";
const ENVIRONMENT = "dev";

/** A change as sources would make it: of functions and their logs, in place. */
function upgraded(text) {
  const stack = JSON.parse(text);
  for (const each of Object.values(stack.resource.aws_lambda_function)) each.timeout += 1;
  for (const group of Object.values(stack.resource.aws_cloudwatch_log_group)) group.retention_in_days = 90;
  return JSON.stringify(stack);
}

async function check({ mirror, version }) {
  const { withEmulator } = await loadTypeScript("scripts/terraform/emulator.ts");
  await withTemporaryFolder(tmpdir(), "filemill-operate-", async (folder) => {
    const { directory, images } = await stageEnvironment({
      projectDirectory,
      folder,
      version,
      system: SYSTEM,
      environment: ENVIRONMENT,
      variables: WHAT_THE_EMULATOR_HAS,
    });
    const file = path.join(directory, "cdk.tf.json");
    const before = await readFile(file, "utf8");
    await withEmulator(projectDirectory, process.env, async (account) => {
      const terraform = (await Terraform.using(mirror, path.join(folder, "home"))).as(account);
      await pointAt({ directory, images }, account, "");
      await terraform.run(directory, "init", "-input=false", "-no-color");
      const step = async (name, command, expected) => {
        const told = await terraform.run(directory, command, "-input=false", "-no-color", "-auto-approve");
        const end = /^(?:Apply|Destroy) complete! .*$/m.exec(told)?.[0] ?? "";
        if (!expected.test(end)) throw new CheckFailedError(`'${name}' (${end}, to be ${expected})`, told);
        process.stdout.write(`${SYSTEM}-${ENVIRONMENT}, ${name}: ${end}\n`);
      };
      await step("deploy", "apply", /: [1-9]\d* added, 0 changed, 0 destroyed/);
      await writeFile(file, upgraded(before));
      await step("upgrade", "apply", /: 0 added, [1-9]\d* changed, 0 destroyed/);
      await writeFile(file, before);
      await step("roll back", "apply", /: 0 added, [1-9]\d* changed, 0 destroyed/);
      await step("clean up", "destroy", /: [1-9]\d* destroyed/);
    });
  });
}

const found = await findTerraform(process.env);
if ("missing" in found) process.stdout.write(`check:operate was not run: ${found.missing}\n`);
else if (await ensureBuiltOrTell(projectDirectory)) {
  try {
    await check(found);
  } catch (error) {
    if (!(error instanceof CheckFailedError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
