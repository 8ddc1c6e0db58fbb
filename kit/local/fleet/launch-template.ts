import { environmentIn, UserDataError } from "../../lib/user-data";
import { FleetError } from "../errors";
import { isList, isObject, type ObjectValue, type Value } from "../../graph/hcl/expression";
import type { ProvisionedResource, ProvisionedStack } from "../provision/provision";

/** What the synthesized launch template gives a worker. */
export interface WorkerSettings {
  /** The environment that user data writes on an instance. */
  readonly environment: Readonly<Record<string, string>>;
  /** The script that has it. */
  readonly userData: string;
  /** Role of the instance profile. */
  readonly roleArn: string;
  /** How long systemd lets the worker drain when its instance is shut down. @default systemd's own 90 s */
  readonly stopTimeoutSeconds?: number;
}

const FIX = "correct constructs/compute, where the launch template and its user data are made";

/**
 * @param groupName of the group that launches them
 * @throws FleetError when the stack has no usable launch template
 */
export function launchTemplateSettings(stack: ProvisionedStack, groupName?: string): WorkerSettings {
  const templates = stack.resources.filter(({ type }) => type === "aws_launch_template");
  // of several, one for each architecture and group, the one that the group names: those of an architecture differ in what only an
  // instance has
  const ids = groupTemplateIds(stack, groupName);
  const named = templates.length > 1 ? templates.filter(({ attributes }) => ids.includes(attributes["id"])) : templates;
  const [template, ...others] = named;
  if (template === undefined || others.length > 0) {
    throw new FleetError(
      `the stack has ${templates.length} launch templates, ${named.length} of them named by ${groupName ?? "its groups"}; a local fleet is made from one`,
      FIX,
    );
  }
  const script = userDataOf(template);
  return { environment: environmentOf(template, script), userData: script, roleArn: roleArnOf(template, stack), ...stopTimeoutOf(script) };
}

function userDataOf({ address, attributes }: ProvisionedResource): string {
  const userData = attributes["user_data"];
  if (typeof userData !== "string") throw new FleetError(`${address} has no user_data`, FIX);
  return Buffer.from(userData, "base64").toString("utf8");
}

/** https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#TimeoutStopSec= */
function stopTimeoutOf(script: string): Pick<WorkerSettings, "stopTimeoutSeconds"> {
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(script) ?? [];
  return seconds === undefined ? {} : { stopTimeoutSeconds: Number(seconds) };
}

/** Ids of the templates that groups name for all that their overrides don't. */
const groupTemplateIds = (stack: ProvisionedStack, groupName: string | undefined): (Value | undefined)[] =>
  stack.resources
    .filter(({ attributes, type }) => type === "aws_autoscaling_group" && (groupName ?? attributes["name"]) === attributes["name"])
    .map(({ attributes }) =>
      ["mixed_instances_policy", "launch_template", "launch_template_specification"].reduce<ObjectValue | undefined>(
        (block, name) => firstOf(block?.[name]),
        attributes,
      ),
    )
    .map((specification) => specification?.["launch_template_id"]);

function environmentOf({ address }: ProvisionedResource, script: string): Readonly<Record<string, string>> {
  try {
    return environmentIn(script);
  } catch (error) {
    if (error instanceof UserDataError) throw new FleetError(`${address}: ${error.message}`, FIX, { cause: error });
    throw error;
  }
}

function roleArnOf({ address, attributes }: ProvisionedResource, stack: ProvisionedStack): string {
  const profile = firstOf(attributes["iam_instance_profile"]);
  const found = stack.resources.find(
    ({ type, attributes: each }) =>
      type === "aws_iam_instance_profile" &&
      ((profile?.["arn"] !== undefined && each["arn"] === profile["arn"]) ||
        (profile?.["name"] !== undefined && each["name"] === profile["name"])),
  );
  const role = stack.resources.find(({ type, attributes: each }) => type === "aws_iam_role" && each["name"] === found?.attributes["role"]);
  const arn = role?.attributes["arn"];
  if (typeof arn === "string") return arn;
  throw new FleetError(`${address} has no instance profile whose role is in the stack, so its workers have no permissions`, FIX);
}

/** A block that occurs once is written as an object or as a list of one. */
function firstOf(given: Value | undefined): ObjectValue | undefined {
  const first = isList(given) ? given[0] : given;
  return isObject(first) ? first : undefined;
}
