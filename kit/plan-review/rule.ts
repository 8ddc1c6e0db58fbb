import type { Plan } from "./plan";
import type { ReviewSettings } from "./policy-file";

/** `block`: nobody should apply this unread. `warn`: to be known before. */
export type Severity = "block" | "warn";

export interface Finding {
  /** The resource that it is about; of the whole plan: none. */
  readonly address?: string;
  /** Addresses of other resources whose values it tells. @default none */
  readonly involves?: readonly string[];
  /** What would be, in a sentence without a full stop. */
  readonly problem: string;
  /** What to do about it. */
  readonly fix: string;
  /** @default the rule's */
  readonly severity?: Severity;
}

/** What a review looks for. Rules look at plans, never at each other. */
export interface Rule {
  /** Stable: exceptions name it. */
  readonly id: string;
  /** What is guarded, in half a sentence. */
  readonly title: string;
  readonly severity: Severity;
  readonly check: (plan: Plan, settings: ReviewSettings) => Iterable<Finding>;
}
