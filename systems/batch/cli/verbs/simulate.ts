import { readFile } from "node:fs/promises";
import { Argument } from "commander";
import { UsageError } from "../../../../kit/cli/command-errors";
import { EXIT } from "../../../../kit/cli/exit-codes";
import type { Verb } from "../../../../kit/cli/help/verb";
import { jsonOption } from "../../../../kit/cli/options";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";
import { jsonOf } from "../../../../kit/lib/json-of";
import { schemaProblem } from "../../../../kit/lib/schema-problem";
import { type CommandContext, printJson } from "../context";
import { renderScenario } from "../render/simulation";
import { stackOfRun, type RunStack } from "../simulate/run-stack";
import { scenarioSchema, type Run, type Scenario } from "../simulate/scenario";
import table41 from "../simulate/scenarios/table-4-1.json";
import { simulateScenario } from "../simulate/simulate-scenario";

/** Scenarios that come along, by what they are called. */
const SCENARIOS: Readonly<Record<string, unknown>> = { "table-4-1": table41 };

export function addSimulate(program: Verb, context: CommandContext): void {
  program
    .command("simulate")
    .description("how long a load takes on fleets, and what it costs: their policies as they are synthesized, in virtual time")
    .addArgument(new Argument("<scenario>", `a scenario file, or one that comes along: ${Object.keys(SCENARIOS).join(", ")}`))
    .addOption(jsonOption())
    .withExamples([
      ["npx filemill simulate table-4-1", "the published runs of the load test"],
      ["npx filemill simulate my-scenario.json --json"],
    ])
    .action((given: string, options: { readonly json?: true }) => simulate(context, given, options.json === true));
}

async function simulate(context: CommandContext, given: string, isJson: boolean): Promise<void> {
  const scenario = await readScenario(context, given);
  const stacks = new Map<string, RunStack>();
  // one after the other: each synthesis is a process that takes a core
  for (const run of scenario.runs) {
    if (stacks.has(stackKey(run))) continue;
    context.reporter.wait(`synthesizing ${run.environment} for run ${run.run}`);
    stacks.set(stackKey(run), await stackOfRun(context, run));
  }
  context.reporter.wait("simulating");
  const outcome = simulateScenario(scenario, (run) => {
    const stack = stacks.get(stackKey(run));
    if (stack === undefined) throw new RangeError(`run ${run.run} has no stack`);
    return stack;
  });
  if (isJson) {
    const rows = outcome.rows.map(({ result, ...row }) => ({ ...row, activities: result.activities, instances: result.instances }));
    printJson(context.terminal, { scenario: scenario.name, rows, fitted: outcome.fitted, sensitivities: outcome.sensitivities });
  } else context.terminal.stdout.print(renderScenario(scenario, outcome, tableColumns(context.terminal)));
  context.exitWith(EXIT.done);
}

const stackKey = ({ environment, variables }: Run): string => JSON.stringify([environment, Object.entries(variables).sort()]);

/** @throws UsageError for what is no scenario */
async function readScenario({ workingDirectory }: CommandContext, given: string): Promise<Scenario> {
  const fix = `name a file, or one of ${Object.keys(SCENARIOS).join(", ")}; docs/simulate.md has the format`;
  let content = SCENARIOS[given];
  if (content === undefined) {
    let text: string;
    try {
      text = await readFile(resolveFrom(workingDirectory, given), "utf8");
    } catch (error) {
      throw new UsageError(`the scenario '${given}' can't be read: ${error instanceof Error ? error.message : String(error)}`, fix, {
        cause: error,
      });
    }
    content = jsonOf(text);
    if (content === undefined) throw new UsageError(`the scenario '${given}' is no JSON`, fix);
  }
  const parsed = scenarioSchema.safeParse(content);
  if (!parsed.success) throw new UsageError(`'${given}' is no scenario: ${schemaProblem(parsed.error)}`, fix);
  return parsed.data;
}
