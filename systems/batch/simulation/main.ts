import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { simulateCosts } from "./simulate-costs";
import { simulateFaults } from "./simulate-faults";

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("give a whole number from 1");
  return value;
}

/** Command of the simulated worlds, behind `npm run simulate:faults`. */
const program = new Command("simulate").description("Runs Filemill's own code in simulated worlds, under every fault there is");
program
  .command("faults")
  .description("lives through worlds, one per seed, and checks the invariants of docs/invariants.md in each")
  .option("--seeds <count>", "how many worlds", wholeNumber, 1_000)
  .option("--first <seed>", "the first seed", wholeNumber, 1)
  .option("--seed <seed>", "only this one, with its trace", wholeNumber)
  .option("--sabotage <name>", "switches one rule off: a violation must show; `all` does so with each in turn, `list` names them")
  .action(async (options: Parameters<typeof simulateFaults>[0]) => {
    process.exitCode = await simulateFaults(options, {
      projectDirectory: path.resolve(__dirname, "..", ".."),
      environment: process.env,
      out: process.stdout,
    });
  });

program
  .command("costs")
  .description("prints what a fleet costs that can't start, and what batches of medium size do, with and without the rules against it")
  .action(async () => {
    await simulateCosts({ projectDirectory: path.resolve(__dirname, "..", ".."), environment: process.env, out: process.stdout });
  });

program.parseAsync(process.argv).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
