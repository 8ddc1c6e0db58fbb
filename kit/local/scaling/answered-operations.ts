/**
 * What of the emulator's services is answered here, by service: of Auto Scaling all, so that nobody asks a group that is not there. The
 * services themselves are loaded with the SDK's packages, which only a call needs; a test holds that these are their names.
 */
export const ANSWERED_OPERATIONS = {
  autoscaling: ["*"],
  ec2: ["DescribeInstances", "TerminateInstances"],
  monitoring: [
    "PutMetricAlarm",
    "DescribeAlarms",
    "DeleteAlarms",
    "EnableAlarmActions",
    "DisableAlarmActions",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
    "GetMetricStatistics",
    "GetMetricData",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;
