import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { EXIT } from "../kit/cli/exit-codes";
import { simulateAlarms, type SimulateAlarmsOptions } from "../kit/simulator/survey/simulate-alarms";
import { simulateFaults, type SimulateOptions } from "../kit/simulator/survey/simulate-faults";
import type { SystemSimulation } from "../kit/simulator/survey/simulation";
import { SYSTEMS } from "../systems";

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("give a whole number from 1");
  return value;
}

/** Command of the simulated worlds, behind `npm run simulate:faults`, `simulate:alarms` and `simulate:costs`. */
const program: Command = new Command("simulate")
  .description("Runs Filemill's own code in simulated worlds, under every fault there is")
  // wrong usage is 2, as everywhere
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.usage));

// the synthesis of a system asks for it
const ENVIRONMENT = { projectDirectory: path.resolve(__dirname, "..", ".."), environment: process.env, out: process.stdout };

const systemOption = (): Option =>
  new Option("--system <name>", "whose worlds").choices(SYSTEMS.map(({ name }) => name)).default(SYSTEMS[0].name);

async function simulationOf(name: string): Promise<SystemSimulation> {
  const system = SYSTEMS.find((each) => each.name === name);
  if (system?.simulation === undefined) program.error(`error: the system ${name} has no simulated worlds`);
  return {
    ...(await system.simulation()),
    system: name,
    modeVariables: system.modeVariables ?? [],
    environments: system.environments,
  };
}

program
  .command("faults")
  .description("lives through worlds, one per seed, and checks the invariants of docs/invariants.md in each")
  .addOption(systemOption())
  .option("--seeds <count>", "how many worlds", wholeNumber, 1_000)
  .option("--first <seed>", "the first seed", wholeNumber, 1)
  .option("--seed <seed>", "only this one, with its trace", wholeNumber)
  .option("--environment <name>", "whose stack the worlds run: `dev`, unless another is named")
  .option("--sabotage <name>", "switches one rule off: a violation must show; `all` does so with each in turn, `list` names them")
  .action(async ({ system, ...options }: SimulateOptions & { readonly system: string }) => {
    process.exitCode = await simulateFaults(await simulationOf(system), options, ENVIRONMENT);
  });

program
  .command("alarms")
  .description("makes the cause of each alarm, environment by environment, and looks whether it fires; then whether any fires for no cause")
  .addOption(systemOption())
  .option("--environment <name>", "only this one")
  .option("--alarm <name>", "only the cause of this one, and no undisturbed worlds")
  .option("--seeds <count>", "how many undisturbed worlds of each environment", wholeNumber, 1_000)
  .option("--first <seed>", "the first seed of those", wholeNumber, 1)
  .option("--seed <seed>", "only this undisturbed world, with its trace", wholeNumber)
  .action(async ({ system, ...options }: SimulateAlarmsOptions & { readonly system: string }) => {
    process.exitCode = await simulateAlarms(await simulationOf(system), options, ENVIRONMENT);
  });

program
  .command("costs")
  .description("prints what a fleet costs that can't start, and what batches of medium size do, with and without the rules against it")
  .addOption(systemOption())
  .action(async ({ system }: { readonly system: string }) => {
    const { simulateCosts } = await simulationOf(system);
    if (simulateCosts === undefined) program.error(`error: the system ${system} has no costs to simulate`);
    await simulateCosts(ENVIRONMENT);
  });

program.parseAsync(process.argv).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
