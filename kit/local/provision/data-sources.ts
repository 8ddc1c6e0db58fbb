import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { z } from "zod";
import { optionalText, optionalTexts, text } from "../../graph/arguments";
import { answered, resourceType } from "./resource-type";
import type { ResourceType } from "./resource-type";

/** An image id for launch templates: nothing is launched from it. */
const STAND_IN_IMAGE_ID = "ami-00000000000000000";
/** Its root device, as Amazon Linux names it. */
const STAND_IN_ROOT_DEVICE = "/dev/xvda";

// where the region's zones are not known beforehand: a region that no configuration names the zones of
const availabilityZonesType = resourceType(z.object({ state: optionalText }), (_values, { region }) => {
  const names = ["a", "b", "c", "d", "e", "f"].map((letter) => region + letter);
  return Promise.resolve({ id: region, names, zone_ids: names.map((_name, index) => `use1-az${index + 1}`) });
});

const callerIdentityType = resourceType(z.object({}), (_values, { accountId }) =>
  Promise.resolve({ id: accountId, account_id: accountId, arn: `arn:aws:iam::${accountId}:root`, user_id: accountId }),
);

const parameterType = resourceType(
  z.object({ name: text }),
  async ({ name }, { clients, region, accountId }) => {
    const arn = `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, "")}`;
    // a public parameter can't be put into the emulator
    if (name.startsWith("/aws/service/ami-"))
      return { id: name, arn, type: "String", value: STAND_IN_IMAGE_ID, insecure_value: STAND_IN_IMAGE_ID };
    const { Parameter } = await clients.of(SSMClient).send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    const value = answered(Parameter?.Value, "Value");
    return { id: name, arn, type: Parameter?.Type ?? "String", value, insecure_value: value };
  },
  {
    type: {
      instead: `below /aws/service/ami-* the image ${STAND_IN_IMAGE_ID}`,
      reason:
        "public parameters exist on AWS only, and the emulator refuses to store under their names; nothing is launched from the image",
    },
  },
);

const imageType = resourceType(
  z.object({ owners: optionalTexts }),
  () => Promise.resolve({ id: STAND_IN_IMAGE_ID, image_id: STAND_IN_IMAGE_ID, root_device_name: STAND_IN_ROOT_DEVICE }),
  {
    type: {
      instead: `the image ${STAND_IN_IMAGE_ID}`,
      reason: "the account's own images are on AWS; nothing is launched from the image",
    },
  },
);

/** Every data source that the local run can answer. */
export const DATA_SOURCES: ReadonlyMap<string, ResourceType> = new Map<string, ResourceType>([
  ["aws_ami", imageType],
  ["aws_availability_zones", availabilityZonesType],
  ["aws_caller_identity", callerIdentityType],
  ["aws_ssm_parameter", parameterType],
]);
