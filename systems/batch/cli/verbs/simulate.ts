import { Argument } from "commander";
import { UsageError } from "../../../../kit/cli/command-errors";
import { EXIT } from "../../../../kit/cli/exit-codes";
import type { Verb } from "../../../../kit/cli/help/verb";
import { readJsonFile } from "../../../../kit/cli/json-file";
import { jsonOption } from "../../../../kit/cli/options";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";
import { present } from "../../../../kit/lib/present";
import type { PriceList } from "../../../../kit/lib/price-list";
import { pricesOf, pricesOption } from "../inputs/price-file";
import { type CommandContext, printJson } from "../context";
import { renderScenario } from "../render/simulation";
import { stackOfRun, type RunStack } from "../simulate/run-stack";
import { scenarioSchema, type Run, type Scenario } from "../simulate/scenario";
import table41 from "../simulate/scenarios/table-4-1.json";
import { simulateScenario, UnpricedMachineError, type ScenarioOutcome } from "../simulate/simulate-scenario";

/** Scenarios that come along, by what they are called. */
const SCENARIOS: Readonly<Record<string, unknown>> = { "table-4-1": table41 };

interface SimulateOptions {
  readonly prices?: string;
  readonly json?: true;
}

export function addSimulate(program: Verb, context: CommandContext): void {
  program
    .command("simulate")
    .addArgument(new Argument("<scenario>", `a scenario file, or one that comes along: ${Object.keys(SCENARIOS).join(", ")}`))
    .addOption(pricesOption())
    .addOption(jsonOption())
    .withExamples([
      ["npx filemill simulate table-4-1", "the published runs of the load test"],
      ["npx filemill simulate my-scenario.json --json"],
    ])
    .action((given: string, options: SimulateOptions) => simulate(context, given, options));
}

async function simulate(context: CommandContext, given: string, options: SimulateOptions): Promise<void> {
  const scenario = await readScenario(context, given);
  const prices = await pricesOf(context, options.prices);
  const stacks = new Map<string, RunStack>();
  // one after the other: each synthesis is a process that takes a core
  for (const run of scenario.runs) {
    if (stacks.has(stackKey(run))) continue;
    context.reporter.wait(`synthesizing ${run.environment} for run ${run.run}`);
    stacks.set(stackKey(run), await stackOfRun(context, run));
  }
  context.reporter.wait("simulating");
  const outcome = simulateOrTell(scenario, stacks, prices);
  if (options.json === true) {
    const rows = outcome.rows.map(({ result, ...row }) => ({ ...row, activities: result.activities, instances: result.instances }));
    printJson(context.terminal, { scenario: scenario.name, rows, fitted: outcome.fitted, sensitivities: outcome.sensitivities });
  } else context.terminal.stdout.print(renderScenario(scenario, outcome, tableColumns(context.terminal)));
  context.exitWith(EXIT.done);
}

/** @throws UsageError for a machine without a price */
function simulateOrTell(scenario: Scenario, stacks: ReadonlyMap<string, RunStack>, prices: PriceList): ScenarioOutcome {
  try {
    return simulateScenario(scenario, (run) => present(stacks.get(stackKey(run)), `the stack of run ${run.run}`), prices);
  } catch (error) {
    if (!(error instanceof UnpricedMachineError)) throw error;
    throw new UsageError(error.message, "give it hourUsd, or another list: --prices FILE (kit/lib/price-list.json shows the form)", {
      cause: error,
    });
  }
}

const stackKey = ({ environment, variables }: Run): string => JSON.stringify([environment, Object.entries(variables).sort()]);

/** @throws UsageError for what is no scenario */
async function readScenario(context: CommandContext, given: string): Promise<Scenario> {
  const known = SCENARIOS[given];
  if (known !== undefined) return scenarioSchema.parse(known);
  const fix = `name a file, or one of ${Object.keys(SCENARIOS).join(", ")}; docs/simulate.md has the format`;
  return readJsonFile(context, given, { kind: "scenario", fix, parse: (content) => scenarioSchema.parse(content) });
}
