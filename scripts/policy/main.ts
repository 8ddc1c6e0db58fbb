import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { readStackFile } from "../../kit/graph/stack-file";
import { synthesizeStacks } from "../../kit/graph/synthesize-stacks";
import { EVERY_SYSTEM } from "../../systems";
import { CHECKOV, scanWithCheckov } from "./checkov";
import { Exceptions, readExceptions, type Finding, type Judged } from "./findings";
import { IAM_VALIDATOR, lintPolicies } from "./iam-lint";
import { policiesOf } from "./iam-policies";
import { installedScanner } from "./scanner";

/** The environment in which nothing may fail. */
const HELD_ENVIRONMENT = "prod";

export interface StackScan {
  /** `batch-prod` */
  readonly stack: string;
  /** Nothing may fail in it; of others the findings are told. */
  readonly isHeld: boolean;
  readonly policies: number;
  readonly findings: Judged;
}

export interface PolicyReport {
  readonly stacks: readonly StackScan[];
  readonly expired: Exceptions["expired"];
  readonly unused: Exceptions["unused"];
  readonly passed: boolean;
}

export interface PolicyOptions {
  readonly projectDirectory: string;
  /** A folder for what is synthesized and written. */
  readonly temporary: string;
  readonly onStage: (stage: string) => void;
}

/**
 * Synthesizes every environment of everything that has a stack and scans each. `npm run policy` (scripts/policy.mjs) loads this.
 *
 * @throws whatever keeps it from saying anything
 */
export async function scanPolicies({ projectDirectory, temporary, onStage }: PolicyOptions): Promise<PolicyReport> {
  const settingsFolder = path.join(projectDirectory, "scripts", "policy");
  const given: unknown = JSON.parse(await readFile(path.join(settingsFolder, "exceptions.json"), "utf8"));
  const exceptions = new Exceptions(readExceptions(given), new Date().toISOString().slice(0, "2027-03-31".length));
  const checkov = await installedScanner(CHECKOV, projectDirectory, temporary, onStage);
  const validator = await installedScanner(IAM_VALIDATOR, projectDirectory, temporary, onStage);
  const stacks: StackScan[] = [];
  for (const { environments, name: system } of EVERY_SYSTEM) {
    for (const environmentName of environments) {
      const stack = `${system}-${environmentName}`;
      onStage(`scanning ${stack}`);
      const folder = path.join(temporary, stack);
      await mkdir(folder);
      const { [system]: file = "" } = await synthesizeStacks({
        projectDirectory,
        environmentName,
        outputDirectory: path.join(folder, "out"),
        systems: [system],
        environment: process.env,
      });
      const stackFile = await readStackFile(file);
      const policies = policiesOf(stackFile);
      const findings: Finding[] = [
        ...(await scanWithCheckov(checkov, file, stackFile)),
        ...(await lintPolicies(validator, policies, { folder, settingsFolder })),
      ];
      const isHeld = environmentName === HELD_ENVIRONMENT;
      stacks.push({
        stack,
        isHeld,
        policies: policies.length,
        findings: isHeld ? exceptions.judge(findings) : { failed: findings, excused: [] },
      });
    }
  }
  const { expired, unused } = exceptions;
  const failed = stacks.some(({ findings, isHeld }) => isHeld && findings.failed.length > 0);
  return { stacks, expired, unused, passed: !failed && expired.length === 0 && unused.length === 0 };
}
