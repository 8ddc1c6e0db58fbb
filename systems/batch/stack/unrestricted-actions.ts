import type { UnrestrictedAction } from "../../../constructs/iam/unrestricted-actions";

const SESSION_REASON = "Systems Manager knows no resource for the channels of its agent: AWS's smallest policy for sessions has `*`, too";
const TASK_REASON = "Step Functions knows no resource for its task calls: the token is what names the task";

/**
 * All that the batch system grants on `*`.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
 */
export const UNRESTRICTED_ACTIONS: readonly UnrestrictedAction[] = [
  { action: "autoscaling:DescribeAutoScalingGroups", reason: "Auto Scaling's Describe calls take no resource in a policy" },
  { action: "ssmmessages:CreateControlChannel", reason: SESSION_REASON },
  { action: "ssmmessages:CreateDataChannel", reason: SESSION_REASON },
  { action: "ssmmessages:OpenControlChannel", reason: SESSION_REASON },
  { action: "ssmmessages:OpenDataChannel", reason: SESSION_REASON },
  { action: "states:SendTaskSuccess", reason: TASK_REASON },
  { action: "states:SendTaskFailure", reason: TASK_REASON },
];
