import type { CommandContext } from "../context";
import { shellWord } from "../../../../kit/cli/render/shell-word";

type Teller = Pick<CommandContext, "reporter" | "targetOption">;

/** After a command that set a batch going and does not wait for it. */
export function tellAtWork(context: Teller, batchId: string): void {
  tellNext(context, [
    [`watch ${batchId}`, "see it to its end"],
    [`status ${batchId}`, "how far it is"],
    [`results ${batchId}`, "what it came to"],
    [`cancel ${batchId}`, "stop it in order"],
  ]);
}

/**
 * Says what can be done next, a command a line, on the same stack.
 *
 * @param steps what is typed after `npx filemill`, and what it does
 */
export function tellNext({ reporter, targetOption }: Teller, steps: readonly (readonly [command: string, does: string])[]): void {
  const suffix = targetOption.file === undefined ? "" : ` --stack-outputs ${shellWord(targetOption.file)}`;
  const lines = steps.map(([command, does]) => [`${command}${suffix}`, does] as const);
  const longest = Math.max(0, ...lines.map(([command]) => command.length));
  for (const [command, does] of lines) reporter.say(`next: npx filemill ${command.padEnd(longest)}  ${does}`);
}
