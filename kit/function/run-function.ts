import type { FunctionDescription, Invocation, Surroundings } from "./define-function";
import type { Use } from "./use";

/**
 * Composes a described function in some world.
 *
 * @param portOf what that world has for a use
 * @returns runs it on an event, once that fits its schema
 */
export function composed(
  description: FunctionDescription,
  portOf: (use: Use) => unknown,
  given: Surroundings & { readonly settings: unknown },
): (event: unknown, invocation: Invocation) => Promise<unknown> {
  const ports = Object.fromEntries(Object.entries(description.uses).map(([name, use]) => [name, portOf(use)]));
  const run = description.compose({ ...ports, ...given });
  return async (event, invocation) => run(description.input.parse(event), invocation);
}
