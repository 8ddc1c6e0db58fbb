import type { Reporter } from "../render/reporter";

/** After a command that set a batch going and does not wait for it. */
export function tellAtWork(reporter: Pick<Reporter, "say">, batchId: string): void {
  tellNext(reporter, [
    [`status ${batchId}`, "how far it is"],
    [`results ${batchId}`, "what it came to"],
    [`cancel ${batchId}`, "stop it in order"],
  ]);
}

/** Says what can be done next, a command a line. @param steps what is typed after `npx filemill`, and what it does */
export function tellNext({ say }: Pick<Reporter, "say">, steps: readonly (readonly [command: string, does: string])[]): void {
  const longest = Math.max(0, ...steps.map(([command]) => command.length));
  for (const [command, does] of steps) say(`next: npx filemill ${command.padEnd(longest)}  ${does}`);
}
