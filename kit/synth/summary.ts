import { costAtRest } from "./cost-at-rest";
import type { Synthesized } from "./synthesized";

/** Columns of the narrowest screen that people use. */
const COLUMNS = 80;
const INDENT = "  ";

/** What was synthesized, for people: which stack, where, how many resources of which type, and what to do next. Ends with a line end. */
export function summaryOf(synthesized: Synthesized): string {
  const { environment, file, name, resources } = synthesized;
  const groups = new Map<string, { types: string[]; count: number }>();
  for (const [type, byId] of Object.entries(resources)) {
    const plain = type.replace(/^aws_/, "");
    const [service = plain] = plain.split("_");
    const { count = 0, types = [] } = groups.get(service) ?? {};
    groups.set(service, { types: [...types, plain], count: count + Object.keys(byId).length });
  }
  // the most frequent first
  const sorted = [...groups].sort(([, a], [, b]) => b.count - a.count);
  const parts = sorted.map(([service, { count, types }]) => `${count} ${types.length === 1 ? types.join() : `${service}*`}`);
  const total = sorted.reduce((sum, [, { count }]) => sum + count, 0);
  return `${[`${name}: ${total} resources in ${file}`, ...wrapped(parts), ...costLines(environment, resources), ...nextSteps(synthesized)].join("\n")}\n`;
}

function costLines(environment: string, resources: Synthesized["resources"]): string[] {
  if (environment === "local") return [];
  const { dollars, unpriced } = costAtRest(resources);
  const also = unpriced.map((what) => `, and ${what}`).join("");
  return [
    `at rest: about ${dollars.toFixed(2)} $ a month at list prices${also};`,
    `${INDENT}runs by schedule (under 1 $) and what is stored come on top`,
  ];
}

function nextSteps({ environment, isDefault, system }: Synthesized): string[] {
  if (environment === "local") {
    const up = isDefault ? "`npm start` or `node bin/filemill.js local up`" : `\`node bin/filemill.js local up --system ${system}\``;
    return [`next: ${up} runs it on this machine`];
  }
  return [
    `next: scripts/terraform-plan.sh ${environment}${isDefault ? "" : ` ${system}`} shows what a deployment would change;`,
    `${INDENT}README.md, "Deploy", says how to apply it`,
  ];
}

/** Joins by commas, as many in a line as fit. */
function wrapped(parts: readonly string[]): string[] {
  const lines: string[] = [];
  let line = "";
  for (const [index, part] of parts.entries()) {
    const text = index === parts.length - 1 ? part : `${part},`;
    const longer = line === "" ? `${INDENT}${text}` : `${line} ${text}`;
    if (line === "" || longer.length <= COLUMNS) line = longer;
    else {
      lines.push(line);
      line = `${INDENT}${text}`;
    }
  }
  return line === "" ? lines : [...lines, line];
}
