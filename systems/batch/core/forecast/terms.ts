import type { PlanDeps } from "../planning/plan-deps";

/** What an environment lets batches have, as far as a forecast depends on it. */
export interface EnvironmentTerms extends Pick<PlanDeps, "limits" | "maximumOpenBatches"> {
  readonly name: string;
  readonly writing: PlanDeps["writing"];
  /** Lambda concurrency that all open batches together have. @default they share the account's */
  readonly reservedLambdaConcurrency?: number;
  /** The first of the fleet's types: the one that estimates are in. */
  readonly instanceType: string;
  readonly vcpusPerInstance: number;
  /** Instances that are on demand before any is spot, and the share of those above, in percent. */
  readonly onDemandBase: number;
  readonly onDemandPercentage: number;
}

/** How an environment is chosen and changed: by its name and by FILEMILL_ variables, as a deployment is. @throws ConfigurationError */
export type EnvironmentOf = (variables: NodeJS.ProcessEnv) => Promise<EnvironmentTerms>;

export const QUOTA_NAMES = ["spotVcpus", "onDemandVcpus", "lambdaConcurrency", "sparkVcpus"] as const;
export type QuotaName = (typeof QUOTA_NAMES)[number];

/** A quota of the account, and who says so. */
export interface Quota {
  readonly value: number;
  readonly origin: "default" | "account" | "given";
}
export type Quotas = Readonly<Record<QuotaName, Quota>>;

/** How quotas are called where people read them. */
export const QUOTA_TEXTS: Readonly<Record<QuotaName, string>> = {
  spotVcpus: "spot vCPUs of the account",
  onDemandVcpus: "on-demand vCPUs of the account",
  lambdaConcurrency: "Lambda invocations at a time of the account",
  sparkVcpus: "EMR Serverless vCPUs of the account",
};

/**
 * What an account has that never asked for more. New ones may have less of Lambda.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html
 * @see https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 * @see https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/endpoints-quotas.html
 */
export const DEFAULT_QUOTAS: Readonly<Record<QuotaName, number>> = {
  spotVcpus: 5,
  onDemandVcpus: 5,
  lambdaConcurrency: 1_000,
  sparkVcpus: 16,
};
