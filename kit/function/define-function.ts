import type { z } from "zod";
import type { EventMetrics } from "../lib/event-metrics";
import type { LogEvent } from "../lib/log";
import type { Clock } from "../ports/clock";
import type { AsynchronousEvents } from "./asynchronous-events";
import type { PortsOf, Uses } from "./use";

/** What Lambda tells an invocation about itself. */
export interface Invocation {
  /** The same for all attempts at one event. */
  readonly requestId: string;
  readonly remainingMilliseconds: () => number;
}

/** What every function has without asking. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: LogEvent;
}

/**
 * A function described once. Four read it: the stack (variables and grants), the handler (adapters on AWS), the simulated world (adapters
 * in memory) and the build's checks. It knows neither SDK nor CDKTF, and reads no environment.
 */
export interface FunctionDescription<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Settings extends z.ZodType = z.ZodType,
  U extends Uses = Uses,
  Output = unknown,
> {
  /** Its folder below `lambdas/<system>/`, the end of its deployed name, and where the configuration has its size. */
  readonly name: Name;
  readonly description: string;
  /** Checked before anything else is done. */
  readonly input: Input;
  /** Numbers and texts of the configuration, which the stack gives in one variable. @default none */
  readonly settings?: Settings;
  /** Metrics that lines of its log carry, by event. @default none */
  readonly metrics?: EventMetrics;
  /** What it works with, and nothing else: it has no other variables and no other permissions. */
  readonly uses: U;
  /**
   * What becomes of an event that nobody waits for and that fails or can't be taken at once.
   *
   * @default Lambda's own: two more attempts, and six hours in its queue
   * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  readonly asynchronousEvents?: AsynchronousEvents;
  /** Wires its rules to what it uses; done once for a process. A method: descriptions of all functions are then of one type. */
  compose(
    given: PortsOf<U> & Surroundings & { readonly settings: z.output<Settings> },
  ): (input: z.output<Input>, invocation: Invocation) => Promise<Output>;
}

/** Keeps the types of what is described. */
export const defineFunction = <
  const Name extends string,
  Input extends z.ZodType,
  const U extends Uses,
  Output,
  Settings extends z.ZodType = z.ZodUndefined,
>(
  description: FunctionDescription<Name, Input, Settings, U, Output>,
): FunctionDescription<Name, Input, Settings, U, Output> => description;

/** Each use of a function, or of any of several. */
export type UseOf<F extends Pick<FunctionDescription, "uses">> = F extends { readonly uses: infer U extends Uses } ? U[keyof U] : never;
/** Settings as the stack gives them; undefined for a function without. */
export type SettingsOf<F extends Pick<FunctionDescription, "settings">> = F extends { readonly settings?: infer S extends z.ZodType }
  ? z.input<S>
  : never;
