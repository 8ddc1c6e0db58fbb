import { z } from "zod";
import { text } from "../../../graph/arguments";
import { resourceType } from "../resource-type";
import type { NotHonoured, ResourceType } from "../resource-type";

const notMade = (reason: string): NotHonoured => ({ type: { instead: "nothing is made; others may refer to it", reason } });
const NOBODY_IS_TOLD = notMade("alarms of a local run tell nobody: there is no mail and nobody to wake");
const NOBODY_LOOKS = notMade("it is a page of AWS's console over metrics and logs that the emulator doesn't have");

const keyType = resourceType(
  z.object({ description: text }),
  ({ description }, { accountId, region }) => {
    // nothing is encrypted with it: its id has to be of its own, no more
    const id = Buffer.from(description).toString("hex").slice(0, 36);
    return Promise.resolve({ id, key_id: id, arn: `arn:aws:kms:${region}:${accountId}:key/${id}` });
  },
  NOBODY_IS_TOLD,
);

const topicType = resourceType(
  z.object({ name: text }),
  ({ name }, { accountId, region }) => {
    const arn = `arn:aws:sns:${region}:${accountId}:${name}`;
    return Promise.resolve({ id: arn, arn });
  },
  NOBODY_IS_TOLD,
);

/** Of what nothing else refers to. */
const leafType = (notHonoured: NotHonoured): ResourceType => resourceType(z.object({}), () => Promise.resolve({}), notHonoured);

export const ALERT_TYPES = {
  aws_budgets_budget: leafType(notMade("a local run costs nothing")),
  aws_cloudwatch_dashboard: leafType(NOBODY_LOOKS),
  aws_cloudwatch_query_definition: leafType(NOBODY_LOOKS),
  aws_kms_alias: leafType(NOBODY_IS_TOLD),
  aws_kms_key: keyType,
  aws_sns_topic: topicType,
  aws_sns_topic_policy: leafType(NOBODY_IS_TOLD),
  aws_sns_topic_subscription: leafType(NOBODY_IS_TOLD),
} satisfies Record<string, ResourceType>;
