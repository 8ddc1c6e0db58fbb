import { Option } from "commander";
import { MARKDOWN, TEXT } from "../../plan-review/markups";
import { Plan } from "../../plan-review/plan";
import { PolicyFileError, policyFileSchema, readPolicy, type PolicyFile } from "../../plan-review/policy-file";
import { renderReview } from "../../plan-review/render-text";
import { review } from "../../plan-review/review";
import { RULES } from "../../plan-review/rules";
import { unchanged } from "../../plan-review/rules/whole";
import { UsageError } from "../command-errors";
import { EXIT } from "../exit-codes";
import { ValueOption, type Verb } from "../help/verb";
import { printJson } from "../json";
import { readJsonFile } from "../json-file";
import { jsonOption, type JsonOption } from "../options";
import { writeAtomically } from "../output/write-atomically";
import { resolveFrom } from "../resolve-from";
import { unwritable } from "../system-error";
import type { VerbContext } from "../verb-context";

interface PlanReviewOptions extends JsonOption {
  readonly markdown?: string;
  readonly policy?: string;
  readonly title?: string;
  readonly unchanged?: true;
}

export function addPlanReview(program: Verb, context: VerbContext): void {
  program
    .command("plan-review")
    .argument("<plan>", "a plan as `terraform show -json` or `tofu show -json` prints it; - for standard input")
    .addOption(new ValueOption("--markdown <file>", "also write the review as Markdown, for a comment", "review.md"))
    .addOption(new ValueOption("--policy <file>", "required tags, and exceptions with their reasons", "plan-policy.json"))
    .addOption(new ValueOption("--title <text>", "what was planned, for the review's heading", "batch-prod"))
    .addOption(new Option("--unchanged", "also block whatever would change, or was changed past Terraform"))
    .addOption(jsonOption())
    .withExamples([
      ["npx filemill plan-review cdktf.out/stacks/batch-dev/plan.json"],
      ["npx filemill plan-review - --markdown review.md", "what `terraform show -json` pipes"],
    ])
    .action((file: string, options: PlanReviewOptions) => planReview(context, file, options));
}

async function planReview(context: VerbContext, file: string, options: PlanReviewOptions): Promise<void> {
  const policy = options.policy === undefined ? policyFileSchema.parse({}) : await policyIn(context, options.policy);
  const plan = await readJsonFile(context, file, PLAN);
  const today = new Date(context.clock.now()).toISOString().slice(0, 10);
  const result = review(plan, policy, today, options.unchanged === true ? [...RULES, unchanged] : RULES);
  if (options.markdown !== undefined) {
    const target = resolveFrom(context.workingDirectory, options.markdown);
    await writeMarkdown(target, `${renderReview(result, MARKDOWN, options.title).join("\n")}\n`);
  }
  if (options.json === true) printJson(context.terminal, { title: options.title ?? null, ...result });
  else context.terminal.stdout.print(`${renderReview(result, TEXT, options.title).join("\n")}\n`);
  context.exitWith(result.isBlocked ? EXIT.failed : EXIT.done);
}

/** @throws UnwritableError */
async function writeMarkdown(file: string, text: string): Promise<void> {
  try {
    await writeAtomically(file, [text]);
  } catch (error) {
    throw unwritable({ what: "the review", folder: file, elsewhere: "give another file with --markdown" }, error);
  }
}

const PLAN = {
  kind: "plan",
  fix: "give what `terraform show -json PLAN` printed, of a plan that `terraform plan -out=PLAN` wrote",
  parse: (given: unknown): Plan => new Plan(given),
};

function policyIn(context: VerbContext, file: string): Promise<PolicyFile> {
  const fix = "mend the file; docs/plan-review.md describes it";
  const rules = [...RULES, unchanged].map(({ id }) => id);
  const parse = (given: unknown): PolicyFile => {
    try {
      return readPolicy(given, rules);
    } catch (error) {
      if (error instanceof PolicyFileError) throw new UsageError(`the policy file '${file}' can't be used: ${error.message}`, fix);
      throw error;
    }
  };
  return readJsonFile(context, file, { kind: "policy file", fix, parse });
}
