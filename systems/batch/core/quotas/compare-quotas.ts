import { QUOTA_CODES, type QuotaAnswer, type QuotaAnswers } from "../../../../kit/ports/account-quotas";
import type { ConfiguredNeeds } from "../../contracts/stack-outputs";

/** A quota beside what the stack was configured to use. */
export interface QuotaVerdict {
  readonly quota: string;
  /** What all of the configuration needs at a time. */
  readonly needed: number;
  readonly has?: number;
  /**
   * `enough`; `binds`: there is less than is needed; `shared`: enough for one batch, but several take all that the account has; `unknown`:
   * it could not be learned.
   */
  readonly verdict: "enough" | "binds" | "shared" | "unknown";
  /** What follows, and what can be done. */
  readonly says: string;
}

/** The most memory of a function in a new account. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const NEW_ACCOUNT_FUNCTION_MEBIBYTES = 3_008;

/** Every quota that the configuration touches, in the order in which one meets them. Nothing else that the account runs is taken off. */
export function compareQuotas(configured: ConfiguredNeeds, answers: QuotaAnswers): QuotaVerdict[] {
  const instances = (name: keyof typeof QUOTA_CODES, kind: string, needed: number): QuotaVerdict[] =>
    needed === 0 ? [] : [vcpus(`${kind} vCPUs (${QUOTA_CODES[name]})`, needed, configured, answers[name])];
  return [
    functionMemory(configured.largest_function_mebibytes),
    lambdaConcurrency(configured, answers),
    ...instances("spotVcpus", "spot", configured.spot_vcpus),
    ...instances("onDemandVcpus", "on-demand", configured.on_demand_vcpus),
  ];
}

/** No call tells this one; but a stack that is there was taken as it is. */
function functionMemory(needed: number): QuotaVerdict {
  const quota = "MiB of a Lambda function";
  return needed <= NEW_ACCOUNT_FUNCTION_MEBIBYTES
    ? { quota, needed, verdict: "enough", says: `every account has ${NEW_ACCOUNT_FUNCTION_MEBIBYTES}` }
    : {
        quota,
        needed,
        verdict: "unknown",
        says: `no call tells it; an account with ${NEW_ACCOUNT_FUNCTION_MEBIBYTES} refuses the deployment`,
      };
}

function lambdaConcurrency(configured: ConfiguredNeeds, answers: QuotaAnswers): QuotaVerdict {
  const { lambda_concurrency: ofBatch, maximum_open_batches: batches, reserved_lambda_concurrency: reserved } = configured;
  const quota = "Lambda invocations at a time";
  const answer = reserved > 0 ? answers.lambdaConcurrency : answers.unreservedLambdaConcurrency;
  const needed = reserved > 0 ? reserved : ofBatch;
  const common = { quota, needed, ...(answer.value === undefined ? {} : { has: answer.value }) };
  if (answer.value === undefined) return { ...common, verdict: "unknown", says: unknown(answer) };
  if (reserved > 0) {
    return answer.value < reserved
      ? {
          ...common,
          verdict: "binds",
          says: "less than is kept for process-chunk: set FILEMILL_RESERVED_LAMBDA_CONCURRENCY lower, and deploy",
        }
      : { ...common, verdict: "enough", says: `kept for process-chunk, and shared by up to ${batches} open batches` };
  }
  if (answer.value < ofBatch) {
    return {
      ...common,
      verdict: "binds",
      says: `a batch on Lambda works on ${answer.value} chunks at a time, the others wait; so do other functions of the account`,
    };
  }
  if (ofBatch * batches > answer.value) {
    const say = `${batches} open batches take all of it, and other functions of the account wait: FILEMILL_RESERVED_LAMBDA_CONCURRENCY bounds them`;
    return { ...common, verdict: "shared", says: say };
  }
  return { ...common, verdict: "enough", says: `${batches} open batches at most, with ${ofBatch} each` };
}

function vcpus(quota: string, needed: number, { vcpus_per_instance: each }: ConfiguredNeeds, answer: QuotaAnswer): QuotaVerdict {
  const common = { quota, needed, ...(answer.value === undefined ? {} : { has: answer.value }) };
  if (answer.value === undefined) return { ...common, verdict: "unknown", says: unknown(answer) };
  const source = answer.isDefault === true ? " (AWS's default)" : "";
  if (answer.value >= needed) return { ...common, verdict: "enough", says: `all ${needed / each} instances can run${source}` };
  const running = Math.floor(answer.value / each);
  return {
    ...common,
    verdict: "binds",
    says: `${running} of ${needed / each} instances can run${source}: ask for more in Service Quotas, or lower FILEMILL_MAXIMUM_INSTANCES`,
  };
}

const unknown = ({ problem = "the answer has no value" }: QuotaAnswer): string => `could not be learned: ${problem}`;
