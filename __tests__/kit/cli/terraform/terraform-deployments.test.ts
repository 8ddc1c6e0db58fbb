import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { InterruptedError, RunFailedError } from "../../../../kit/cli/command-errors";
import { terraformDeployments } from "../../../../kit/cli/terraform/terraform-deployments";
import { until } from "../../../support/until";

const REF = { system: "batch", environment: "dev", owner: "jane", region: "eu-west-1" };
const unaborted = new AbortController().signal;

let project: string;
beforeEach(async () => {
  project = await mkdtemp(path.join(tmpdir(), "filemill-terraform-"));
  await mkdir(path.join(project, "dist"));
  await mkdir(path.join(project, "cdktf.out/stacks/batch-dev"), { recursive: true });
  await synthesisIs(`require("node:fs").writeFileSync("variables.json", JSON.stringify(process.env))`);
});
afterEach(async () => {
  await rm(project, { recursive: true, force: true });
});

const synthesisIs = (code: string): Promise<void> => writeFile(path.join(project, "dist/main.js"), code);
/** A `terraform` that is this code for each of its commands, and prints {} as outputs. */
async function terraformIs(code: string): Promise<void> {
  const program = `#!${process.execPath}\nconst command = process.argv[2];\nif (command === "output") console.log("{}");\n${code}`;
  await writeFile(path.join(project, "terraform"), program, { mode: 0o755 });
}
const deployments = (variables: NodeJS.ProcessEnv = {}) => terraformDeployments(project, { PATH: project, ...variables });

test("no Terraform: what is missing and where to get it, before anything is synthesized", () => {
  expect(() => {
    deployments().check();
  }).toThrow(new RunFailedError("terraform is not on the PATH; nothing was deleted", ""));
});

test("the stack is synthesized for the system, environment, owner and region that its buckets tell, with the user's other variables", async () => {
  await terraformIs("");
  const { outputs } = await deployments({
    FILEMILL_SYSTEMS: "media",
    FILEMILL_ENVIRONMENT: "prod",
    FILEMILL_TERRAFORM_STATE_BUCKET: "states",
  }).open(REF, unaborted);
  expect(outputs).toEqual({});
  expect(JSON.parse(await readFile(path.join(project, "variables.json"), "utf8"))).toMatchObject({
    FILEMILL_SYSTEMS: "batch",
    FILEMILL_ENVIRONMENT: "dev",
    FILEMILL_OWNER: "jane",
    FILEMILL_REGION: "eu-west-1",
    FILEMILL_TERRAFORM_STATE_BUCKET: "states",
    CHECKPOINT_DISABLE: "1",
  });
});

test("a synthesis that fails, and each command of Terraform that fails, is told with what it said", async () => {
  await terraformIs("");
  await synthesisIs(`console.error("the owner is odd"); process.exitCode = 2`);
  await expect(deployments().open(REF, unaborted)).rejects.toThrow(/synthesis of 'dev' failed \(exit code 2\): the owner is odd/);
  await synthesisIs("");
  for (const command of ["init", "output"]) {
    await terraformIs(`if (command === "${command}") { console.error("│ Error: no ${command}\\n│ \\n╵"); process.exitCode = 1; }`);
    await expect(deployments().open(REF, unaborted)).rejects.toMatchObject({
      message: `\`terraform ${command}\` failed (exit code 1): Error: no ${command}`,
      fix: expect.stringContaining("nothing was deleted") as string,
    });
  }
});

test("what destroy says is told line by line; its failure says that it can be run again", async () => {
  await terraformIs(`if (command === "destroy") { console.log("one\\n\\ntwo"); console.error("Error: no"); process.exitCode = 1; }`);
  const said: string[] = [];
  const stack = await deployments().open(REF, unaborted);
  await expect(stack.destroy((line) => said.push(line), unaborted)).rejects.toMatchObject({
    message: "`terraform destroy` failed (exit code 1): Error: no",
    fix: expect.stringContaining("run the same command again") as string,
  });
  expect(said).toEqual(["one", "two"]);
});

test("an interruption lets Terraform end in order, and is waited for", async () => {
  await terraformIs(
    `if (command === "destroy") {
      const timer = setInterval(() => undefined, 1_000);
      process.once("SIGINT", () => { require("node:fs").writeFileSync(${JSON.stringify(path.join(project, "ended"))}, ""); clearInterval(timer); });
      console.log("destroying");
    }`,
  );
  const stack = await deployments().open(REF, unaborted);
  const interruption = new AbortController();
  const said: string[] = [];
  const outcome = stack.destroy((line) => said.push(line), interruption.signal).catch((error: unknown) => error);
  await until(() => said.includes("destroying"));
  interruption.abort(new InterruptedError());
  expect(await outcome).toBeInstanceOf(InterruptedError);
  await expect(readFile(path.join(project, "ended"))).resolves.toHaveLength(0);
});
