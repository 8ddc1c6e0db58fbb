import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = path.resolve(__dirname, "..", "..");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill terraform "));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs an expression with what a script's module exports, in a process of its own: Jest loads no modules of that kind. */
async function evaluate(module: string, expression: string, environment: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const program = `import * as m from ${JSON.stringify(path.join(root, "scripts", "terraform", module))};
    process.stdout.write(JSON.stringify(await (${expression})));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], {
    env: { PATH: process.env["PATH"] ?? "", ...environment },
  });
  return JSON.parse(stdout);
}

const stackText = JSON.stringify({
  terraform: { required_providers: { aws: { version: "6.25.0" } } },
  resource: {
    aws_lambda_function: { one: { runtime: "nodejs24.x" }, other: { runtime: "nodejs24.x" } },
    aws_sqs_queue: { large: { max_message_size: 1_048_576 }, small: { max_message_size: 65_536 } },
  },
  output: { region: { value: "in ${data.aws_region.here.region}" } },
});
const lowered = (version: string): Promise<unknown> => evaluate("differences.mjs", `m.lower(${JSON.stringify(stackText)}, "${version}")`);

test("for an older provider the file is written as that one knows it, and each change is told", async () => {
  const { text, changes } = (await lowered("5.100.0")) as { text: string; changes: string[] };
  expect(JSON.parse(text)).toEqual({
    terraform: { required_providers: { aws: { version: "5.100.0" } } },
    resource: {
      aws_lambda_function: { one: { runtime: "nodejs22.x" }, other: { runtime: "nodejs22.x" } },
      aws_sqs_queue: { large: { max_message_size: 262_144 }, small: { max_message_size: 65_536 } },
    },
    output: { region: { value: "in ${data.aws_region.here.name}" } },
  });
  expect(changes).toEqual([
    "provider 6.25.0 is asked for, 5.100.0 is used",
    "Lambda runtime nodejs24.x is not known; nodejs22.x is (2 places)",
    "a queue takes messages of at most 256 KiB, not of 1 MiB (1 place)",
    "data.aws_region has its name as `name`, not as `region` (1 place)",
  ]);
});

test("what a provider knows since a version before it is left as it is", async () => {
  const { changes } = (await lowered("6.8.0")) as { changes: string[] };
  expect(changes).toEqual([
    "provider 6.25.0 is asked for, 6.8.0 is used",
    "Lambda runtime nodejs24.x is not known; nodejs22.x is (2 places)",
  ]);
});

test("for the provider that is asked for nothing is changed", async () => {
  expect(await lowered("6.25.0")).toEqual({ text: stackText, changes: [] });
});

describe("what is looked for", () => {
  const bin = (): string => path.join(folder, "bin");
  const mirror = (): string => path.join(folder, "mirror");
  const find = (environment: Readonly<Record<string, string>>): Promise<unknown> =>
    evaluate("providers.mjs", `m.findTerraform(process.env)`, environment);
  const withTerraform = (): Record<string, string> => ({
    PATH: `${bin()}:${path.dirname(process.execPath)}:/bin`,
    FILEMILL_TERRAFORM_PROVIDERS: mirror(),
  });

  beforeAll(async () => {
    await mkdir(bin());
    const terraform = path.join(bin(), "terraform");
    await writeFile(terraform, `#!/bin/sh\necho '{"platform":"linux_amd64"}'\n`);
    await chmod(terraform, 0o755);
    const versions = ["5.99.0", "5.100.0", "5.101.0/darwin_arm64"];
    for (const version of versions) {
      const system = version.includes("/") ? "" : "linux_amd64";
      await mkdir(path.join(mirror(), "registry.terraform.io", "hashicorp", "aws", version, system), { recursive: true });
    }
  });

  test("the newest provider for this system that is not too old is taken", async () => {
    expect(await find(withTerraform())).toEqual({ mirror: mirror(), version: "5.100.0" });
  });

  test("without a provider, or without Terraform, it is said which is missing", async () => {
    const nowhere = path.join(folder, "nowhere");
    expect(await find({ ...withTerraform(), FILEMILL_TERRAFORM_PROVIDERS: nowhere })).toEqual({
      missing: "no AWS provider from 5.100.0 on was found; FILEMILL_TERRAFORM_PROVIDERS can name a filesystem mirror",
    });
    expect(await find({ PATH: nowhere })).toEqual({ missing: "there is no terraform on the PATH" });
  });

  test("what can't be checked is said in one line; it is a failure only where it is required", async () => {
    const check = (...options: string[]) =>
      run(process.execPath, ["scripts/check-terraform.mjs", ...options], { cwd: root, env: { PATH: folder } });
    const line = "check:terraform was not run: there is no terraform on the PATH\n";
    expect((await check()).stdout).toBe(line);
    await expect(check("--required")).rejects.toMatchObject({ code: 3, stdout: line });
  });
});
