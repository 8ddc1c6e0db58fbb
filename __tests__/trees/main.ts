/** The trees of some seeds in a process of its own, which may be another user's: `main.js FIRST_SEED COUNT`. */
import { runTrees } from "./support/run-trees";

async function main(): Promise<void> {
  const [firstSeed, count] = process.argv.slice(2).map(Number);
  if (firstSeed === undefined || count === undefined) throw new Error("give the first seed and how many");
  const wrong = await runTrees(firstSeed, count, { say: (line) => process.stdout.write(`${line}\n`) });
  process.stdout.write(`${count} trees from seed ${firstSeed} on as user ${String(process.getuid?.())}: ${wrong.size} wrong\n`);
  if (wrong.size > 0) process.exitCode = 1;
}

void main();
