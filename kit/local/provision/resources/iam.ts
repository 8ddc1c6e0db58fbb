import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { z } from "zod";
import { optionalText, optionalWhole, text } from "../../../graph/arguments";
import { answered, defined, resourceType } from "../resource-type";
import type { ResourceContext, ResourceType } from "../resource-type";

const roleType = resourceType(
  z.object({
    name: text,
    assume_role_policy: text,
    description: optionalText,
    path: optionalText,
    permissions_boundary: optionalText,
    max_session_duration: optionalWhole,
  }),
  async (values, { clients }) => {
    const { Role } = await clients.of(IAMClient).send(
      new CreateRoleCommand(
        defined({
          RoleName: values.name,
          AssumeRolePolicyDocument: values.assume_role_policy,
          Description: values.description,
          Path: values.path,
          PermissionsBoundary: values.permissions_boundary,
          MaxSessionDuration: values.max_session_duration,
        }),
      ),
    );
    const { Arn, RoleId } = answered(Role, "Role");
    return { id: values.name, arn: answered(Arn, "Arn"), unique_id: answered(RoleId, "RoleId") };
  },
);

const rolePolicyArguments = z.object({ name: text, role: text, policy: text });
/** Puts it, also in the place of what it was. */
async function putRolePolicy({ name, role, policy }: z.output<typeof rolePolicyArguments>, { clients }: ResourceContext) {
  await clients.of(IAMClient).send(new PutRolePolicyCommand({ RoleName: role, PolicyName: name, PolicyDocument: policy }));
  return { id: `${role}:${name}` };
}
const rolePolicyType = resourceType(rolePolicyArguments, putRolePolicy, {}, putRolePolicy);

const instanceProfileType = resourceType(
  z.object({ name: text, role: text, path: optionalText }),
  async ({ name, role, path }, { clients }) => {
    const { InstanceProfile } = await clients
      .of(IAMClient)
      .send(new CreateInstanceProfileCommand(defined({ InstanceProfileName: name, Path: path })));
    await clients.of(IAMClient).send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: role }));
    return {
      id: name,
      arn: answered(InstanceProfile?.Arn, "Arn"),
      unique_id: answered(InstanceProfile?.InstanceProfileId, "InstanceProfileId"),
    };
  },
);

export const IAM_TYPES = {
  aws_iam_instance_profile: instanceProfileType,
  aws_iam_role: roleType,
  aws_iam_role_policy: rolePolicyType,
} satisfies Record<string, ResourceType>;
