import { z } from "zod";
import type { StackFile } from "../../kit/graph/stack-file";
import { jsonOf } from "../../kit/lib/json-of";
import type { Finding } from "./findings";
import { ScannerError, type RunScanner, type Scanner } from "./scanner";

/** https://www.checkov.io: several hundred rules on Terraform's resources, by themselves and in what they refer to. */
export const CHECKOV: Scanner = {
  packages: { name: "Checkov", sizeMegabytes: 300, trial: "import checkov.main" },
  requirements: "checkov-requirements.txt",
};

const reportSchema = z.object({
  summary: z.object({ passed: z.int(), failed: z.int(), parsing_errors: z.int() }),
  results: z.object({ failed_checks: z.array(z.object({ check_id: z.string(), check_name: z.string(), resource: z.string() })) }),
});

/** @throws ScannerError */
export async function scanWithCheckov(
  run: RunScanner,
  file: string,
  { resource: resources }: Pick<StackFile, "resource">,
): Promise<Finding[]> {
  const { code, output } = await run(
    "-m",
    "checkov.main",
    ...["--file", file, "--framework", "terraform_json", "--output", "json", "--compact", "--quiet", "--skip-download"],
  );
  const parsed = reportSchema.safeParse(jsonOf(output.slice(output.indexOf("{"))));
  // 1: checks failed
  if ((code !== 0 && code !== 1) || !parsed.success)
    throw new ScannerError("Checkov", `exit code ${String(code)}\n${output.slice(0, 2_000)}`);
  const { results, summary } = parsed.data;
  if (summary.parsing_errors > 0 || summary.passed === 0) throw new ScannerError("Checkov", `it can't read ${file}`);
  const typeOf = new Map(Object.entries(resources).flatMap(([type, byId]) => Object.keys(byId).map((id) => [id, type] as const)));
  return results.failed_checks.map(({ check_id: rule, check_name: message, resource }) => {
    // it leaves the type out of some names: ids are unique in a stack of CDKTF
    const id = resource.split(".").at(-1) ?? resource;
    const type = typeOf.get(id);
    if (type === undefined) throw new ScannerError("Checkov", `it names ${resource}, which is not in ${file}`);
    return { rule, address: `${type}.${id}`, message };
  });
}
