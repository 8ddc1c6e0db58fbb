/** What a service said of one quota of the account and region. */
export interface QuotaAnswer {
  /** Absent when it could not be learned. */
  readonly value?: number;
  /** true: AWS's default; the account has none of its own. */
  readonly isDefault?: boolean;
  /** Why it could not be learned, such as a missing permission, by its name. */
  readonly problem?: string;
}

/** The quotas that bound a stack. */
export interface QuotaAnswers {
  /** Invocations of all functions of the account at a time. */
  readonly lambdaConcurrency: QuotaAnswer;
  /** Of these, what is kept for no function. */
  readonly unreservedLambdaConcurrency: QuotaAnswer;
  /** vCPUs of all running instances of the standard types, by how they are bought. */
  readonly spotVcpus: QuotaAnswer;
  readonly onDemandVcpus: QuotaAnswer;
}

/** Asks an account for its quotas. */
export interface AccountQuotas {
  /** Never throws: a quota that can't be learned is an answer, too. */
  read(): Promise<QuotaAnswers>;
}

/** Codes of the quotas of running standard instances, in Service Quotas under `ec2`. https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html */
export const QUOTA_CODES = { spotVcpus: "L-34B43A08", onDemandVcpus: "L-1216C47A" } as const;
