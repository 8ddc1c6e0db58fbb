/**
 * `npm run bench:parts`: measures parts of the system on made data, in this process: named scenarios, a line of JSON each. What it
 * measures is checked against what was made.
 */
import { parseArgs } from "node:util";
import { loadTypeScript } from "./build/load-typescript.mjs";

const { MERGES, measureMerge } = await loadTypeScript("bench/reduce.ts");
const { positionals } = parseArgs({ allowPositionals: true });
const [name] = positionals;
const scenario = MERGES[name];
if (scenario === undefined) {
  process.stderr.write(`expected one of ${Object.keys(MERGES).join(", ")}; one a process, for its memory is measured too\n`);
  process.exitCode = 2;
} else {
  const measured = await measureMerge(scenario);
  process.stdout.write(`${JSON.stringify({ scenario: name, description: scenario.description, ...measured })}\n`);
}
