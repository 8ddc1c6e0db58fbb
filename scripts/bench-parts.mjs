/**
 * `npm run bench:parts`: measures parts of the system on made data, in this process: named scenarios, a line of JSON each. What it
 * measures is checked against what was made.
 */
import { parseArgs } from "node:util";
import { loadTypeScript } from "./build/load-typescript.mjs";

const { MERGES, measureMerge } = await loadTypeScript("bench/reduce.ts");
const { PLANS, measurePlan } = await loadTypeScript("bench/plan.ts");
const [name = ""] = parseArgs({ allowPositionals: true }).positionals;
if (name in MERGES) await tell(MERGES[name], measureMerge);
else if (name in PLANS) await tell(PLANS[name], measurePlan);
else {
  const names = Object.keys({ ...MERGES, ...PLANS }).join(", ");
  process.stderr.write(`error: there is no scenario '${name}'\nfix: name one of ${names}; one a process, for its memory is measured too\n`);
  process.exitCode = 2;
}

async function tell(scenario, measure) {
  const measured = await measure(scenario);
  process.stdout.write(`${JSON.stringify({ scenario: name, description: scenario.description, ...measured })}\n`);
}
