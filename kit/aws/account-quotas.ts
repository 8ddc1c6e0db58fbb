import { GetAccountSettingsCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  NoSuchResourceException,
  type ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import { type AccountQuotas, type QuotaAnswer, type QuotaAnswers, QUOTA_CODES } from "../ports/account-quotas";

/** Lambda's settings of the account, and EC2's quotas from Service Quotas; with the credentials of whoever asks. */
export class SdkAccountQuotas implements AccountQuotas {
  public constructor(
    private readonly lambda: LambdaClient,
    private readonly quotas: ServiceQuotasClient,
  ) {}

  public async read(): Promise<QuotaAnswers> {
    const [limits, spotVcpus, onDemandVcpus] = await Promise.all([
      this.readLambda(),
      this.readEc2(QUOTA_CODES.spotVcpus),
      this.readEc2(QUOTA_CODES.onDemandVcpus),
    ]);
    return { ...limits, spotVcpus, onDemandVcpus };
  }

  private async readLambda(): Promise<Pick<QuotaAnswers, "lambdaConcurrency" | "unreservedLambdaConcurrency">> {
    try {
      const { AccountLimit: limit } = await this.lambda.send(new GetAccountSettingsCommand({}));
      return {
        lambdaConcurrency: answer(limit?.ConcurrentExecutions),
        unreservedLambdaConcurrency: answer(limit?.UnreservedConcurrentExecutions),
      };
    } catch (error) {
      const problem = { problem: problemOf(error, "lambda:GetAccountSettings") };
      return { lambdaConcurrency: problem, unreservedLambdaConcurrency: problem };
    }
  }

  private async readEc2(QuotaCode: string): Promise<QuotaAnswer> {
    const asked = { ServiceCode: "ec2", QuotaCode };
    try {
      const { Quota } = await this.quotas.send(new GetServiceQuotaCommand(asked));
      return answer(Quota?.Value);
    } catch (error) {
      // an account that never had another value than AWS's
      if (!(error instanceof NoSuchResourceException)) return { problem: problemOf(error, "servicequotas:GetServiceQuota") };
    }
    try {
      const { Quota } = await this.quotas.send(new GetAWSDefaultServiceQuotaCommand(asked));
      return { ...answer(Quota?.Value), isDefault: true };
    } catch (error) {
      return { problem: problemOf(error, "servicequotas:GetAWSDefaultServiceQuota") };
    }
  }
}

const answer = (value: number | undefined): QuotaAnswer => (value === undefined ? {} : { value });

function problemOf(error: unknown, permission: string): string {
  if (!(error instanceof Error)) return String(error);
  return /AccessDenied/.test(error.name) ? `it takes the permission ${permission}` : `${error.name}: ${error.message}`;
}
