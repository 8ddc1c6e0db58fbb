/**
 * List prices in US dollars, us-east-1, Linux, from AWS's price API where not said otherwise. Estimates only: no invoice.
 */

/** c7g.large on demand, per hour (2026-07-20). */
const C7G_LARGE_ON_DEMAND_HOUR = 0.0725;
/**
 * What spot saves: 70 % is a planning value (requirement S2.85), the 90 % that is quoted the most it can be. Public notes of 2026 give
 * 0.019 to 0.033 $/h for a c7g.large.
 */
const SPOT_SAVING = 0.7;
/** A public IPv4 address, per hour, since 2024-02-01. https://aws.amazon.com/vpc/pricing/ */
const PUBLIC_IPV4_HOUR = 0.005;
/** One spot worker with its address, per second. */
export const SPOT_WORKER_SECOND = (C7G_LARGE_ON_DEMAND_HOUR * (1 - SPOT_SAVING) + PUBLIC_IPV4_HOUR) / 3_600;
/** EC2 bills by the second, a minute at least. https://aws.amazon.com/ec2/pricing/on-demand/ */
export const MINIMUM_INSTANCE_SECONDS = 60;

/** Lambda on arm64, per GB-second (2024-07). https://aws.amazon.com/lambda/pricing/ */
export const LAMBDA_GIBIBYTE_SECOND = 0.0000133334;
/** Lambda, per request (2024-07). */
export const LAMBDA_REQUEST = 0.2 / 1_000_000;

/** Step Functions Standard, per state transition. https://aws.amazon.com/step-functions/pricing/ */
export const STATE_TRANSITION = 0.025 / 1_000;
/** SQS standard, per request of up to 64 KB (2024-07). https://aws.amazon.com/sqs/pricing/ */
export const QUEUE_REQUEST = 0.4 / 1_000_000;
/** S3 Standard, per GET and per PUT (2024-07). https://aws.amazon.com/s3/pricing/ */
export const OBJECT_GET = 0.4 / 1_000_000;
export const OBJECT_PUT = 5 / 1_000_000;
/** DynamoDB on demand, per write unit of up to 1 KB (2024-11-15). https://aws.amazon.com/dynamodb/pricing/on-demand/ */
export const TABLE_WRITE = 0.625 / 1_000_000;
/** And per read unit of up to 4 KB, consistent (2024-11-15). */
export const TABLE_READ = 0.125 / 1_000_000;
/** What a restore of a table brings back, per GB of its data and indexes (2026-09). https://aws.amazon.com/dynamodb/pricing/on-demand/ */
export const TABLE_RESTORE_GIGABYTE = 0.15;

/** What costs while nothing is done, by the month of 730 hours that AWS's calculator has. */
const MONTH_HOURS = 730;
/** Each metric that a CloudWatch alarm of standard resolution looks at: an expression has several (2026-07). https://aws.amazon.com/cloudwatch/pricing/ */
export const ALARM_METRIC_MONTH = 0.1;
/** An interface endpoint in one zone (2026-07). https://aws.amazon.com/privatelink/pricing/ */
export const INTERFACE_ENDPOINT_MONTH = 0.01 * MONTH_HOURS;
/** A dashboard of up to 50 metrics and more (2026-07). https://aws.amazon.com/cloudwatch/pricing/ */
export const DASHBOARD_MONTH = 3;
/** A key of the account's (2026-07). https://aws.amazon.com/kms/pricing/ */
export const KMS_KEY_MONTH = 1;
/** A secret (2026-07). https://aws.amazon.com/secrets-manager/pricing/ */
export const SECRET_MONTH = 0.4;
/** Each of the first 25 hosted zones (2026-07). https://aws.amazon.com/route53/pricing/ */
export const HOSTED_ZONE_MONTH = 0.5;
/** A load balancer, with no request (2026-07). https://aws.amazon.com/elasticloadbalancing/pricing/ */
export const BALANCER_MONTH = 0.0225 * MONTH_HOURS;
export const PUBLIC_ADDRESS_MONTH = PUBLIC_IPV4_HOUR * MONTH_HOURS;
/** A NAT gateway with its address (2026-07). https://aws.amazon.com/vpc/pricing/ */
export const NAT_GATEWAY_MONTH = (0.045 + PUBLIC_IPV4_HOUR) * MONTH_HOURS;
/** Instances that always run, on demand, each with its address, by type. https://aws.amazon.com/ec2/pricing/on-demand/ */
export const INSTANCE_MONTH: Readonly<Record<string, number>> = {
  "c7g.large": (C7G_LARGE_ON_DEMAND_HOUR + PUBLIC_IPV4_HOUR) * MONTH_HOURS,
  // 2026-07
  "t2.micro": (0.0116 + PUBLIC_IPV4_HOUR) * MONTH_HOURS,
};
