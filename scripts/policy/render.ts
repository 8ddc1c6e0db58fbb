import type { Finding } from "./findings";
import type { PolicyReport, StackScan } from "./main";

/** For people; ends with a line end. */
export function renderReport({ expired, passed, stacks, unused }: PolicyReport): string {
  const held = stacks.filter(({ isHeld }) => isHeld);
  const lines = [
    ...stacks.map(summaryOf),
    ...held.flatMap(({ findings, stack }) =>
      findings.failed.map(({ address, message, rule }) => `failed: ${rule} in ${stack}: ${address}\n  ${message}`),
    ),
    ...expired.map(({ address, rule, until }) => `failed: the exception of ${rule} for ${address} was over on ${until}`),
    ...unused.map(({ address, rule }) => `failed: the exception of ${rule} for ${address} excuses nothing any more: remove it`),
    passed
      ? `passed: nothing fails in ${held.map(({ stack }) => stack).join(", ")}`
      : "fix: correct what is named above, or say in scripts/policy/exceptions.json why it may be (docs/infrastructure.md)",
  ];
  return `${lines.join("\n")}\n`;
}

function summaryOf({ findings: { excused, failed }, isHeld, policies, stack }: StackScan): string {
  const outcome = isHeld ? `${failed.length} failed, ${excused.length} excused` : `${failed.length} noted${countsOf(failed)}`;
  return `${stack}: ${outcome}; ${policies} policies`;
}

/** By rule, the most frequent first. */
function countsOf(findings: readonly Finding[]): string {
  const counts = new Map<string, number>();
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const sorted = [...counts].sort(([a, first], [b, second]) => second - first || a.localeCompare(b));
  return sorted.length === 0 ? "" : ` (${sorted.map(([rule, count]) => `${count} ${rule}`).join(", ")})`;
}
