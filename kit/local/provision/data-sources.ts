import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { z } from "zod";
import { blocks, optionalText, optionalTexts, text, texts } from "./arguments";
import { answered, resourceType } from "./resource-type";
import type { CreateResource } from "./resource-type";
import { STAND_IN_IMAGE_ID, STAND_IN_ROOT_DEVICE } from "./stand-ins";

const availabilityZonesType = resourceType(z.object({ state: optionalText }), (_values, { region }) => {
  const names = ["a", "b", "c", "d", "e", "f"].map((letter) => region + letter);
  return Promise.resolve({ id: region, names, zone_ids: names.map((_name, index) => `use1-az${index + 1}`) });
});

const callerIdentityType = resourceType(z.object({}), (_values, { accountId }) =>
  Promise.resolve({ id: accountId, account_id: accountId, arn: `arn:aws:iam::${accountId}:root`, user_id: accountId }),
);

const regionType = resourceType(z.object({}), (_values, { region }) =>
  Promise.resolve({ id: region, region, name: region, description: region, endpoint: `ec2.${region}.amazonaws.com` }),
);

const partitionType = resourceType(z.object({}), () =>
  Promise.resolve({ id: "aws", partition: "aws", dns_suffix: "amazonaws.com", reverse_dns_prefix: "com.amazonaws" }),
);

const parameterType = resourceType(z.object({ name: text }), async ({ name }, { clients, region, accountId }) => {
  const arn = `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, "")}`;
  // a public parameter can't be put into the emulator; see STAND_INS
  if (name.startsWith("/aws/service/ami-"))
    return { id: name, arn, type: "String", value: STAND_IN_IMAGE_ID, insecure_value: STAND_IN_IMAGE_ID };
  const { Parameter } = await clients.ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
  const value = answered(Parameter?.Value, "Value");
  return { id: name, arn, type: Parameter?.Type ?? "String", value, insecure_value: value };
});

// nothing is launched from it; see STAND_INS
const imageType = resourceType(z.object({ owners: optionalTexts }), () =>
  Promise.resolve({ id: STAND_IN_IMAGE_ID, image_id: STAND_IN_IMAGE_ID, root_device_name: STAND_IN_ROOT_DEVICE }),
);

const principals = blocks(z.object({ type: text, identifiers: texts }));
const policyDocumentType = resourceType(
  z.object({
    policy_id: optionalText,
    version: optionalText,
    statement: blocks(
      z.object({
        sid: optionalText,
        effect: optionalText,
        actions: optionalTexts,
        not_actions: optionalTexts,
        resources: optionalTexts,
        not_resources: optionalTexts,
        principals,
        not_principals: principals,
        condition: blocks(z.object({ test: text, variable: text, values: texts })),
      }),
    ),
  }),
  ({ policy_id, version, statement }) => {
    const json = JSON.stringify({
      Version: version ?? "2012-10-17",
      ...(policy_id === undefined ? {} : { Id: policy_id }),
      Statement: statement.map((each) => ({
        ...(each.sid === undefined ? {} : { Sid: each.sid }),
        Effect: each.effect ?? "Allow",
        ...(each.actions === undefined ? {} : { Action: each.actions }),
        ...(each.not_actions === undefined ? {} : { NotAction: each.not_actions }),
        ...(each.resources === undefined ? {} : { Resource: each.resources }),
        ...(each.not_resources === undefined ? {} : { NotResource: each.not_resources }),
        ...(each.principals.length === 0 ? {} : { Principal: principalOf(each.principals) }),
        ...(each.not_principals.length === 0 ? {} : { NotPrincipal: principalOf(each.not_principals) }),
        ...(each.condition.length === 0 ? {} : { Condition: conditionOf(each.condition) }),
      })),
    });
    return Promise.resolve({ id: String(json.length), json, minified_json: json });
  },
);

function principalOf(given: z.output<typeof principals>): "*" | Record<string, string[]> {
  if (given.some(({ type, identifiers }) => type === "*" && identifiers.includes("*"))) return "*";
  const byType: Record<string, string[]> = {};
  for (const { type, identifiers } of given) byType[type] = [...(byType[type] ?? []), ...identifiers];
  return byType;
}

function conditionOf(given: readonly { test: string; variable: string; values: string[] }[]): Record<string, Record<string, string[]>> {
  const byTest: Record<string, Record<string, string[]>> = {};
  for (const { test, variable, values } of given)
    byTest[test] = { ...byTest[test], [variable]: [...(byTest[test]?.[variable] ?? []), ...values] };
  return byTest;
}

/** Every data source that the local run can answer. */
export const DATA_SOURCES: ReadonlyMap<string, CreateResource> = new Map<string, CreateResource>(
  Object.entries({
    aws_ami: imageType,
    aws_availability_zones: availabilityZonesType,
    aws_caller_identity: callerIdentityType,
    aws_iam_policy_document: policyDocumentType,
    aws_partition: partitionType,
    aws_region: regionType,
    aws_ssm_parameter: parameterType,
  }),
);
