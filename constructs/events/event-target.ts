import type { ITerraformDependable } from "cdktf";

/** A rule, as its target knows it. */
export interface RuleReference {
  /** Letters and digits; unique among the rules of one target. */
  readonly id: string;
  readonly ruleArn: string;
}

export interface RuleBinding {
  readonly arn: string;
  /** What has to be there before events come: what they would be refused without. */
  readonly dependsOn: readonly ITerraformDependable[];
}

/** What an event rule can call. */
export interface EventTarget {
  /** Lets the rule in, and nobody else. */
  bindRule(rule: RuleReference): RuleBinding;
}
