/**
 * `npm run check:pull-request`: what CI does for a pull request, from the sources to the comment, with the real Terraform and its AWS
 * provider against the emulator of the local run: a system is deployed there, then two changes are planned and reviewed, one that nobody
 * minds and one that must be blocked. Leaves the reviews in reports/pull-request/.
 *
 * Exit codes: 0 both reviews are right (or Terraform is not at hand, in one line), 1 one is not, or Terraform refused something.
 */
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
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
/** It has no instances and no state machine, and is there within seconds. */
const SYSTEM = "media";
const ENVIRONMENT = "dev";

const say = (line) => process.stdout.write(`${line}\n`);

/** Changes of the synthesized file, each as sources would make it, and what the review must say. */
const REQUESTS = [
  {
    name: "longer-logs",
    exitCode: 0,
    says: /Nothing speaks against it\./,
    change: (stack) => {
      for (const group of Object.values(stack.resource.aws_cloudwatch_log_group)) group.retention_in_days = 90;
    },
  },
  {
    name: "careless",
    exitCode: 1,
    says: /point-in-time-recovery-lost[\s\S]*wider-permissions/,
    change: (stack) => {
      for (const table of Object.values(stack.resource.aws_dynamodb_table)) table.point_in_time_recovery = { enabled: false };
      for (const policy of Object.values(stack.resource.aws_iam_role_policy)) {
        const document = JSON.parse(policy.policy);
        document.Statement.push({ Effect: "Allow", Action: "dynamodb:*", Resource: "*" });
        policy.policy = JSON.stringify(document);
      }
    },
  },
];

/** @returns what the command printed, and its exit code */
const review = (plan, markdown, title) =>
  new Promise((resolve) => {
    const given = ["bin/filemill.js", "plan-review", plan, "--title", title, "--markdown", markdown];
    execFile(process.execPath, given, { cwd: projectDirectory }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : error.code, text: stdout + stderr });
    });
  });

async function check({ mirror, version }) {
  const { withEmulator } = await loadTypeScript("scripts/terraform/emulator.ts");
  const reports = path.join(projectDirectory, "reports", "pull-request");
  await mkdir(reports, { recursive: true });
  await withTemporaryFolder(tmpdir(), "filemill-pull-request-", async (folder) => {
    const stage = await stageEnvironment({
      projectDirectory,
      folder,
      version,
      system: SYSTEM,
      environment: ENVIRONMENT,
      variables: WHAT_THE_EMULATOR_HAS,
    });
    const file = path.join(stage.directory, "cdk.tf.json");
    const before = await readFile(file, "utf8");
    await withEmulator(projectDirectory, process.env, async (account) => {
      const terraform = (await Terraform.using(mirror, path.join(folder, "home"))).as(account);
      await pointAt(stage, account, "");
      await terraform.run(stage.directory, "init", "-input=false", "-no-color");
      await terraform.run(stage.directory, "apply", "-input=false", "-no-color", "-auto-approve");
      say(`${SYSTEM}-${ENVIRONMENT}: deployed to the emulator`);
      for (const { change, exitCode, name, says } of REQUESTS) {
        const stack = JSON.parse(before);
        change(stack);
        await writeFile(file, JSON.stringify(stack));
        await terraform.run(stage.directory, "plan", "-input=false", "-no-color", "-lock=false", "-refresh=false", "-out=plan.tfplan");
        const plan = path.join(reports, `${name}.json`);
        await writeFile(plan, await terraform.run(stage.directory, "show", "-json", "plan.tfplan"));
        const found = await review(plan, path.join(reports, `${name}.md`), `${SYSTEM}-${ENVIRONMENT}`);
        if (found.exitCode !== exitCode || !says.test(found.text))
          throw new CheckFailedError(`the review of '${name}' (exit code ${found.exitCode}, to be ${exitCode})`, found.text);
        say(`${name}: ${exitCode === 0 ? "passes" : "is blocked"}, as it must; reports/pull-request/${name}.md`);
      }
    });
  });
}

const found = await findTerraform(process.env);
if ("missing" in found) say(`check:pull-request was not run: ${found.missing}`);
else if (await ensureBuiltOrTell(projectDirectory)) {
  try {
    await check(found);
  } catch (error) {
    if (!(error instanceof CheckFailedError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
