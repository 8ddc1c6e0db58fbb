import type { Places } from "./machines";
import type { Session } from "./session";

/** What is compared of a case's run. */
export type Trace = Readonly<Record<string, unknown>>;

/** A tiny machine, how it is driven, and what is compared of what came out. */
export interface ConformanceCase {
  /** Lower case with hyphens; part of the names of what the case creates. */
  readonly name: string;
  /** What AWS does. */
  readonly intent: string;
  readonly definition: (places: Places) => object;
  /** Makes ready what the machine needs, before its execution starts. */
  readonly prepare?: (session: Session) => Promise<void>;
  /** Only for a definition that was created. @returns the trace */
  readonly drive: (session: Session) => Promise<Trace>;
  /** What the local emulator gets wrong: why, and the fields of the trace as they come out there. */
  readonly emulator?: { readonly differs: string; readonly found: Trace };
}
