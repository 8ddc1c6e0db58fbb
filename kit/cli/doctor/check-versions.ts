import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { engines } from "../../../package.json";
import { missingTerraform, terraformProgram } from "../../aws/deployment-needs";
import { messageOf } from "../../folders/system-errors";
import { unknown, well, wrong, type Finding } from "./finding";

/** The oldest Terraform that knows the state's lock file in S3. https://developer.hashicorp.com/terraform/language/v1.10.x/upgrade-guides */
const OLDEST_TERRAFORM = [1, 11] as const;
const PATIENCE_MILLISECONDS = 20_000;

/** What `terraform version -json` and `tofu version -json` say. https://developer.hashicorp.com/terraform/cli/commands/version */
const versionSchema = z.object({
  terraform_version: z.string(),
  provider_selections: z.record(z.string(), z.string()).nullish(),
});

/** @param running `process.versions.node` */
export function checkNode(running: string): Finding {
  const oldest = engines.node.replace(/^>=/, "");
  return isAtLeast(running, oldest.split(".").map(Number))
    ? well("node", `${running} (${oldest} or newer)`)
    : wrong("node", `${running}, and ${oldest} or newer is needed`, `install Node ${oldest} or newer (https://nodejs.org)`);
}

/** @param stackDirectory where Terraform runs, and its lock file lies; absent where nothing was synthesized */
export async function checkTerraform(environment: NodeJS.ProcessEnv, stackDirectory: string): Promise<Finding[]> {
  const missing = missingTerraform(environment);
  if (missing !== undefined) return [unknown("terraform", `${missing.problem}: this machine can't deploy`, missing.fix)];
  const program = terraformProgram(environment);
  let version: z.output<typeof versionSchema>;
  try {
    const { stdout } = await promisify(execFile)(program, ["version", "-json"], {
      cwd: stackDirectory,
      env: { ...environment, CHECKPOINT_DISABLE: "1" },
      timeout: PATIENCE_MILLISECONDS,
    });
    version = versionSchema.parse(JSON.parse(stdout));
  } catch (error) {
    return [unknown("terraform", `${program} doesn't say its version: ${messageOf(error)}`, `try \`${program} version\` yourself`)];
  }
  const { provider_selections: providers, terraform_version: found } = version;
  const oldest = OLDEST_TERRAFORM.join(".");
  const terraform = isAtLeast(found, OLDEST_TERRAFORM)
    ? well("terraform", `${program} ${found} (${oldest} or newer)`)
    : wrong("terraform", `${program} is ${found}, and ${oldest} or newer is needed`, missingFix(oldest));
  const locked = Object.entries(providers ?? {}).map(([name, chosen]) => `${name} ${chosen}`);
  return [terraform, ...(locked.length === 0 ? [] : [well("provider", `${locked.join(", ")}, by the lock file of the stack's folder`)])];
}

const missingFix = (oldest: string): string =>
  `install Terraform ${oldest} or newer (https://developer.hashicorp.com/terraform/install), or name one with TERRAFORM_BINARY_NAME`;

function isAtLeast(version: string, oldest: readonly number[]): boolean {
  const parts = version.split("-")[0]?.split(".").map(Number) ?? [];
  for (const [index, least] of oldest.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}
