import { Option } from "commander";
import { UsageError } from "../../../../kit/cli/command-errors";
import type { Verb } from "../../../../kit/cli/help/verb";
import { ConfigurationError } from "../../../../kit/config/errors";
import type { PriceList } from "../../../../kit/lib/price-list";
import type { QuotaAnswer } from "../../../../kit/ports/account-quotas";
import type { StackOutputs } from "../../contracts/stack-outputs";
import {
  DEFAULT_QUOTAS,
  QUOTA_NAMES,
  type EnvironmentOf,
  type EnvironmentTerms,
  type QuotaName,
  type Quotas,
} from "../../core/forecast/terms";
import type { Services } from "../services";

/** @param environments names that there are */
export const withEnvironmentOption = (command: Verb, text: string, environments: readonly string[]): Verb =>
  command.addOption(new Option("--environment <name>", text).choices(environments));

/** Quotas as they were given on the command line. */
export type GivenQuotas = Readonly<Partial<Record<QuotaName, number>>>;

/**
 * The environment that is reckoned with: by its name and FILEMILL_ variables, and where a deployed stack is named what that was deployed
 * with, as far as its outputs say.
 *
 * @throws UsageError
 */
export async function environmentFor(
  environmentOf: EnvironmentOf,
  variables: NodeJS.ProcessEnv,
  name: string | undefined,
  deployed: StackOutputs | undefined,
): Promise<EnvironmentTerms> {
  const chosen = name === undefined ? {} : { FILEMILL_ENVIRONMENT: name };
  let terms: EnvironmentTerms;
  try {
    terms = await environmentOf({ ...variables, ...chosen });
  } catch (error) {
    if (error instanceof ConfigurationError)
      throw new UsageError(error.message, "docs/infrastructure.md has the variables", { cause: error });
    throw error;
  }
  if (deployed === undefined) return terms;
  const { configured } = deployed;
  const instances = (configured.spot_vcpus + configured.on_demand_vcpus) / configured.vcpus_per_instance;
  const { reserved_lambda_concurrency: reserved } = configured;
  return {
    ...terms,
    limits: { ...terms.limits, lambdaConcurrency: configured.lambda_concurrency, maximumWorkers: instances },
    maximumOpenBatches: configured.maximum_open_batches,
    vcpusPerInstance: configured.vcpus_per_instance,
    ...(reserved === 0 ? {} : { reservedLambdaConcurrency: reserved }),
  };
}

/** @throws UsageError when the list has no price for the environment's instances */
export function checkPriced({ instances }: PriceList, { instanceType, name }: EnvironmentTerms): void {
  if (instances[instanceType] !== undefined) return;
  throw new UsageError(
    `the price list has no ${instanceType}, which the environment ${name} launches; it has ${Object.keys(instances).join(", ")}`,
    "give one that has it: --prices FILE (kit/lib/price-list.json shows the form)",
  );
}

/** What was given goes before what the account says, and that before what AWS gives every account. */
export async function quotasFor(given: GivenQuotas, doctor: Services["doctor"] | undefined): Promise<Quotas> {
  const answers = await doctor?.quotas?.read();
  const answered: Readonly<Partial<Record<QuotaName, QuotaAnswer>>> =
    answers === undefined
      ? {}
      : { spotVcpus: answers.spotVcpus, onDemandVcpus: answers.onDemandVcpus, lambdaConcurrency: answers.lambdaConcurrency };
  const quotaOf = (name: QuotaName): Quotas[QuotaName] => {
    const value = given[name];
    if (value !== undefined) return { value, origin: "given" };
    const answer = answered[name]?.value;
    return answer === undefined ? { value: DEFAULT_QUOTAS[name], origin: "default" } : { value: answer, origin: "account" };
  };
  return Object.fromEntries(QUOTA_NAMES.map((name) => [name, quotaOf(name)])) as Record<QuotaName, Quotas[QuotaName]>;
}
