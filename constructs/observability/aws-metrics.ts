/** What one namespace's metrics are, as far as they are used. */
interface ServiceMetrics {
  /** Each of them, and no other, tells whose the values are. */
  readonly dimensions: readonly string[];
  readonly metrics: readonly string[];
}

/**
 * Metrics that AWS reports without being asked, and for nothing, by namespace and its dimensions; each is in AWS's own list. A namespace
 * that has metrics by other dimensions, too, stands here once for each.
 */
export const AWS_METRICS = {
  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
  "AWS/SQS": {
    dimensions: ["QueueName"],
    metrics: [
      "ApproximateAgeOfOldestMessage",
      "ApproximateNumberOfMessagesNotVisible",
      "ApproximateNumberOfMessagesVisible",
      "NumberOfMessagesDeleted",
      "NumberOfMessagesReceived",
      "NumberOfMessagesSent",
    ],
  },
  /** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  "AWS/Lambda": {
    dimensions: ["FunctionName"],
    metrics: ["ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles"],
  },
  /** https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html */
  "AWS/States": {
    dimensions: ["StateMachineArn"],
    metrics: ["ExecutionsAborted", "ExecutionsFailed", "ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsTimedOut"],
  },
  /** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html */
  "AWS/DynamoDB": {
    dimensions: ["TableName"],
    metrics: ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"],
  },
  /** Of a group that has them switched on. https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html */
  "AWS/AutoScaling": {
    dimensions: ["AutoScalingGroupName"],
    metrics: ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances", "GroupTerminatingInstances"],
  },
  /** Of all instances of a group together. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html */
  "AWS/EC2": {
    dimensions: ["AutoScalingGroupName"],
    metrics: ["CPUUtilization", "NetworkIn", "NetworkOut"],
  },
  /** Storage, once a day. https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html */
  "AWS/S3": {
    dimensions: ["BucketName", "StorageType"],
    metrics: ["BucketSizeBytes", "NumberOfObjects"],
  },
} as const satisfies Readonly<Record<string, ServiceMetrics>>;
