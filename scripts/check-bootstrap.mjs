/**
 * `npm run check:bootstrap`: an account's first steps as docs/ci.md has them, by the real Terraform and its AWS provider against the
 * emulator of the local run: `bootstrap` is applied, its state moves into the bucket that it made, and nothing would change any more; then
 * `media` is applied, planned and removed by the roles that it made, with IAM enforced: they have every action that it takes.
 *
 * Exit codes: 0 all is well (or Terraform is not at hand, in one line), 1 Terraform refused something.
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
const ENVIRONMENT = "dev";
const REPOSITORY = "acme/files";
const say = (line) => process.stdout.write(`${line}\n`);

/** What the emulator needs beside, where AWS needs nothing. */
const backendOf = (account) =>
  [
    `endpoints={s3="${account.endpoint}",sts="${account.endpoint}",iam="${account.endpoint}"}`,
    "use_path_style=true",
    "skip_credentials_validation=true",
    "skip_metadata_api_check=true",
    "skip_requesting_account_id=true",
    "skip_region_validation=true",
  ].map((setting) => `-backend-config=${setting}`);

async function check({ mirror, version }) {
  const { assume, withEmulator } = await loadTypeScript("scripts/terraform/emulator.ts");
  await withTemporaryFolder(tmpdir(), "filemill-bootstrap-", async (folder) => {
    const given = { projectDirectory, folder, version, environment: ENVIRONMENT };
    await withEmulator(projectDirectory, process.env, async (account) => {
      const terraform = await Terraform.using(mirror, path.join(folder, "home"));
      const asRoot = terraform.as(account);
      const stage = async (system, variables) => {
        const staged = await stageEnvironment({ ...given, system, variables });
        await pointAt(staged, account, "");
        if (system === "bootstrap") await asTheEmulatorKnowsIt(path.join(staged.directory, "cdk.tf.json"));
        return staged.directory;
      };
      const own = { FILEMILL_REPOSITORY: REPOSITORY };
      const bootstrap = await stage("bootstrap", own);
      await asRoot.run(bootstrap, "init", "-input=false", "-no-color");
      await asRoot.run(bootstrap, "apply", "-input=false", "-no-color", "-auto-approve");
      const outputs = JSON.parse(await asRoot.run(bootstrap, "output", "-json"));
      const bucket = outputs.state_bucket.value;
      say(`bootstrap-${ENVIRONMENT}: applied, with its state in a file`);

      await stage("bootstrap", { ...own, FILEMILL_TERRAFORM_STATE_BUCKET: bucket });
      await asRoot.run(bootstrap, "init", "-input=false", "-no-color", "-migrate-state", "-force-copy", ...backendOf(account));
      await asRoot.run(bootstrap, "plan", "-input=false", "-no-color", "-detailed-exitcode");
      say(`bootstrap-${ENVIRONMENT}: its state is in ${bucket}, and nothing would change`);

      const media = await stage("media", {
        FILEMILL_TERRAFORM_STATE_BUCKET: bucket,
        FILEMILL_PERMISSIONS_BOUNDARY_ARN: outputs.boundary_arn.value,
        ...WHAT_THE_EMULATOR_HAS,
      });
      const deploy = terraform.as(await assume(account, outputs.deploy_role_arns.value[ENVIRONMENT]));
      const plan = terraform.as(await assume(account, outputs.plan_role_arn.value));
      await deploy.run(media, "init", "-input=false", "-no-color", ...backendOf(account));
      await deploy.run(media, "apply", "-input=false", "-no-color", "-auto-approve");
      say(`media-${ENVIRONMENT}: applied by the role that deploys`);
      await plan.run(media, "plan", "-input=false", "-no-color", "-lock=false");
      say(`media-${ENVIRONMENT}: planned by the role that plans`);
      if (await succeeds(plan.run(media, "apply", "-destroy", "-input=false", "-no-color", "-auto-approve", "-lock=false")))
        throw new CheckFailedError("the role that plans", "it could remove the stack");
      await deploy.run(media, "apply", "-destroy", "-input=false", "-no-color", "-auto-approve");
      say(`media-${ENVIRONMENT}: removed by the role that deploys`);
    });
  });
}

const succeeds = (running) =>
  running.then(
    () => true,
    (error) => {
      if (error instanceof CheckFailedError) return false;
      throw error;
    },
  );

/**
 * The emulator of the local run takes no request that isn't signed, and one with a token isn't: here the roles trust the account, too. The
 * trust of tokens is the stack's tests' (`__tests__/systems/bootstrap`).
 */
async function asTheEmulatorKnowsIt(file) {
  const stack = JSON.parse(await readFile(file, "utf8"));
  for (const role of Object.values(stack.resource.aws_iam_role)) {
    const trust = JSON.parse(role.assume_role_policy);
    trust.Statement.push({ Effect: "Allow", Principal: { AWS: "arn:aws:iam::000000000000:root" }, Action: "sts:AssumeRole" });
    role.assume_role_policy = JSON.stringify(trust);
  }
  // it takes many calls' resource for `*`, and tells no boundary of a new role: so the actions are tried here, and not on what
  for (const each of Object.values(stack.resource.aws_iam_policy)) {
    const policy = JSON.parse(each.policy);
    policy.Statement = policy.Statement.map(({ Action, Effect, Sid }) => ({ Sid, Effect, Action, Resource: "*" }));
    each.policy = JSON.stringify(policy);
  }
  await writeFile(file, JSON.stringify(stack));
}

const found = await findTerraform(process.env);
if ("missing" in found) say(`check:bootstrap was not run: ${found.missing}`);
else if (await ensureBuiltOrTell(projectDirectory)) {
  try {
    await check(found);
  } catch (error) {
    if (!(error instanceof CheckFailedError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
