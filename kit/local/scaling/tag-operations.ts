import {
  CreateOrUpdateTags$,
  DeleteTags$,
  DescribeTags$,
  type CreateOrUpdateTagsCommand,
  type DeleteTagsCommand,
  type DescribeTagsCommand,
  type Filter,
  type Tag,
  type TagDescription,
} from "@aws-sdk/client-auto-scaling";
import { operation, type Operation } from "../services/service";
import { needed, ServiceError } from "../services/service-error";
import type { GroupRecord } from "./group-record";
import type { OperationContext } from "./operation-context";

const RESOURCE_TYPE = "auto-scaling-group";

/** Tags of groups, which their instances have too. */
export const tagOperations = ({ scaling }: OperationContext): Operation[] => [
  operation<CreateOrUpdateTagsCommand>(CreateOrUpdateTags$, ({ Tags = [] }) => {
    for (const tag of Tags) putTags(scaling.record(needed(tag.ResourceId, "ResourceId")), [tag]);
    return {};
  }),
  operation<DeleteTagsCommand>(DeleteTags$, ({ Tags = [] }) => {
    for (const { Key, ResourceId } of Tags) scaling.record(needed(ResourceId, "ResourceId")).tags.delete(needed(Key, "Key"));
    return {};
  }),
  operation<DescribeTagsCommand>(DescribeTags$, ({ Filters = [] }) => ({
    Tags: scaling.groups.flatMap(({ tags }) => [...tags.values()]).filter((tag) => Filters.every((filter) => isMeant(tag, filter))),
  })),
];

export function putTags(record: GroupRecord, tags: readonly Tag[]): void {
  for (const { Key, PropagateAtLaunch = false, Value = "" } of tags) {
    const key = needed(Key, "Key");
    record.tags.set(key, { ResourceId: record.name, ResourceType: RESOURCE_TYPE, Key: key, Value, PropagateAtLaunch });
  }
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Filter.html */
const FILTERED: Readonly<Record<string, (tag: TagDescription) => string | undefined>> = {
  "auto-scaling-group": ({ ResourceId }) => ResourceId,
  key: ({ Key }) => Key,
  value: ({ Value }) => Value,
  "propagate-at-launch": ({ PropagateAtLaunch }) => String(PropagateAtLaunch),
};

function isMeant(tag: TagDescription, { Name = "", Values = [] }: Filter): boolean {
  const valueOf = FILTERED[Name];
  if (valueOf === undefined) throw new ServiceError("ValidationError", `the filter ${Name} is not known to the local run`);
  return Values.includes(valueOf(tag) ?? "");
}
