import type { GroupRecord, GroupRequest } from "../../../../kit/local/scaling/group-record";
import { LocalScaling } from "../../../../kit/local/scaling/local-scaling";
import { PolicyClock } from "../../../../kit/local/scaling/policy-clock";

export const SMALL_GROUP = "small-group";

/** A group as a call would have made it. */
export const groupRecord = (request: GroupRequest): GroupRecord => ({
  name: SMALL_GROUP,
  arn: `arn:aws:autoscaling:us-east-1:000000000000:autoScalingGroup:1:autoScalingGroupName/${SMALL_GROUP}`,
  createdAt: new Date(0),
  request: { AutoScalingGroupName: SMALL_GROUP, MinSize: 0, MaxSize: 10, ...request },
  zones: ["us-east-1a"],
  tags: new Map(),
  metrics: new Set(),
  policies: new Map(),
  hooks: new Map(),
  actions: new Map(),
});

/** Auto Scaling of a machine with one group, which launches nothing before `begin`. */
export function scalingOf(request: GroupRequest, clock = new PolicyClock(1)): LocalScaling {
  const scaling = new LocalScaling(clock);
  scaling.add(groupRecord(request));
  return scaling;
}
