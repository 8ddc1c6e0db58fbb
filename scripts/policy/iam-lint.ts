import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { jsonOf } from "../../kit/lib/json-of";
import type { Finding } from "./findings";
import { servicesOf, type PolicyKind, type StackPolicy } from "./iam-policies";
import { ScannerError, type RunScanner, type Scanner } from "./scanner";
import { writeServiceReference } from "./service-reference";

/** https://boogy.github.io/iam-policy-validator: what Access Analyzer would say, without an account (docs/adr/0033-policy-scans.md). */
export const IAM_VALIDATOR: Scanner = {
  packages: { name: "IAM Policy Validator", sizeMegabytes: 100, trial: "import iam_validator.core.cli" },
  requirements: "iam-requirements.txt",
};

const KINDS: readonly PolicyKind[] = ["IDENTITY_POLICY", "RESOURCE_POLICY", "TRUST_POLICY"];
const SETTINGS_FILE = "iam-validator.yaml";

/** A policy that must be found wanting, or the validator is blind: no service has such an action. */
const CANARY: StackPolicy = {
  address: "canary.canary",
  kind: "IDENTITY_POLICY",
  document: JSON.parse(
    '{"Version":"2012-10-17","Statement":[{"Sid":"Canary","Effect":"Allow","Action":["sts:AssumeRoll"],"Resource":["arn:aws:iam::123456789012:role/canary"]}]}',
  ) as StackPolicy["document"],
};

const reportSchema = z.object({
  parsing_errors: z.array(z.unknown()),
  results: z.array(
    z.object({
      policy_file: z.string(),
      issues: z.array(z.object({ check_id: z.string(), message: z.string(), statement_sid: z.string().nullable() })),
    }),
  ),
});

/**
 * @param folder to write into
 * @throws ScannerError
 */
export async function lintPolicies(
  run: RunScanner,
  policies: readonly StackPolicy[],
  { folder, settingsFolder }: { readonly folder: string; readonly settingsFolder: string },
): Promise<Finding[]> {
  const all = [...policies, CANARY];
  const reference = path.join(folder, "reference");
  await writeServiceReference(reference, servicesOf(all));
  const findings: Finding[] = [];
  for (const kind of KINDS) {
    const own = all.filter((policy) => policy.kind === kind);
    if (own.length > 0)
      findings.push(...(await lint(run, own, kind, { folder, reference, settingsFile: path.join(settingsFolder, SETTINGS_FILE) })));
  }
  if (!findings.some(({ address }) => address === CANARY.address))
    throw new ScannerError(IAM_VALIDATOR.packages.name, "it doesn't find an action that no service has");
  return findings.filter(({ address }) => address !== CANARY.address);
}

async function lint(
  run: RunScanner,
  policies: readonly StackPolicy[],
  kind: PolicyKind,
  { folder, reference, settingsFile }: { readonly folder: string; readonly reference: string; readonly settingsFile: string },
): Promise<Finding[]> {
  const directory = path.join(folder, kind);
  const output = path.join(folder, `${kind}.json`);
  await mkdir(directory, { recursive: true });
  for (const { address, document } of policies) await writeFile(path.join(directory, `${address}.json`), JSON.stringify(document));
  const said = await run(
    "-m",
    "iam_validator",
    "validate",
    ...["--path", directory, "--policy-type", kind, "--aws-services-dir", reference, "--config", settingsFile],
    ...["--format", "json", "--output", output],
  );
  // 1: there are findings
  const report =
    said.code === 0 || said.code === 1 ? reportSchema.safeParse(jsonOf(await readFile(output, "utf8").catch(() => ""))) : undefined;
  if (report?.success !== true || report.data.parsing_errors.length > 0 || report.data.results.length !== policies.length)
    throw new ScannerError(IAM_VALIDATOR.packages.name, `exit code ${String(said.code)}\n${said.output.slice(-2_000)}`);
  return report.data.results.flatMap(({ issues, policy_file: file }) =>
    issues.map(({ check_id: rule, message, statement_sid: sid }) => ({
      rule: `iam:${rule}`,
      address: path.basename(file, ".json"),
      message: `${sid ?? "policy"}: ${message}`,
    })),
  );
}
