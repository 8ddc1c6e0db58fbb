import { CreateLaunchTemplateCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { _InstanceType, RequestLaunchTemplateData } from "@aws-sdk/client-ec2";
import { z } from "zod";
import { block, blocks, optionalFlag, optionalText, optionalTexts, optionalWhole, text } from "../../../graph/arguments";
import { answered, defined, recorded, resourceType } from "../resource-type";
import type { ResourceType } from "../resource-type";

const NO_LAUNCH =
  "workers are processes of this machine, made from the same user data and role: what is about a machine has nothing to be about";

const launchTemplateArguments = z.object({
  name: text,
  description: optionalText,
  image_id: optionalText,
  instance_type: optionalText,
  key_name: optionalText,
  user_data: optionalText,
  ebs_optimized: optionalText,
  vpc_security_group_ids: optionalTexts,
  iam_instance_profile: block(z.object({ arn: optionalText, name: optionalText })),
  metadata_options: block(z.object({ http_endpoint: optionalText, http_tokens: optionalText, http_put_response_hop_limit: optionalWhole })),
  block_device_mappings: blocks(
    z.object({
      device_name: text,
      ebs: block(
        z.object({ volume_type: optionalText, volume_size: optionalWhole, encrypted: optionalFlag, delete_on_termination: optionalFlag }),
      ),
    }),
  ),
});

function launchTemplateData(values: z.output<typeof launchTemplateArguments>): RequestLaunchTemplateData {
  const { iam_instance_profile: profile, metadata_options: metadata } = values;
  return defined({
    ImageId: values.image_id,
    InstanceType: values.instance_type as _InstanceType | undefined,
    KeyName: values.key_name,
    UserData: values.user_data,
    EbsOptimized: values.ebs_optimized === undefined ? undefined : values.ebs_optimized === "true",
    SecurityGroupIds: values.vpc_security_group_ids,
    IamInstanceProfile: profile === undefined ? undefined : defined({ Arn: profile.arn, Name: profile.name }),
    MetadataOptions:
      metadata === undefined
        ? undefined
        : defined({
            HttpEndpoint: metadata.http_endpoint as "enabled" | "disabled" | undefined,
            HttpTokens: metadata.http_tokens as "required" | "optional" | undefined,
            HttpPutResponseHopLimit: metadata.http_put_response_hop_limit,
          }),
    BlockDeviceMappings: values.block_device_mappings.map(({ device_name, ebs }) => ({
      DeviceName: device_name,
      ...(ebs === undefined
        ? {}
        : {
            Ebs: defined({
              VolumeType: ebs.volume_type as "gp3" | undefined,
              VolumeSize: ebs.volume_size,
              Encrypted: ebs.encrypted,
              DeleteOnTermination: ebs.delete_on_termination,
            }),
          }),
    })),
  });
}

const launchTemplateType = resourceType(
  launchTemplateArguments,
  async (values, { clients, region, accountId }) => {
    const { LaunchTemplate } = await clients.of(EC2Client).send(
      new CreateLaunchTemplateCommand({
        ...defined({ VersionDescription: values.description }),
        LaunchTemplateName: values.name,
        LaunchTemplateData: launchTemplateData(values),
      }),
    );
    const id = answered(LaunchTemplate?.LaunchTemplateId, "LaunchTemplateId");
    return { id, arn: `arn:aws:ec2:${region}:${accountId}:launch-template/${id}`, latest_version: 1, default_version: 1 };
  },
  recorded(NO_LAUNCH),
);

export const COMPUTE_TYPES = {
  aws_launch_template: launchTemplateType,
} satisfies Record<string, ResourceType>;
