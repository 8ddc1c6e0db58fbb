import { present } from "./present";
import { PRICE_LIST } from "./price-list";

/** The prices of `price-list.json` as numbers with names: list prices in US dollars, us-east-1, Linux. Estimates only: no invoice. */

const { instances, usd } = PRICE_LIST;

/** What the fleet's estimates are in: the first of the types that dev and prod ask for. */
export const REFERENCE_INSTANCE_TYPE = "c7g.large";
/** One spot worker with its address, per second. */
export const SPOT_WORKER_SECOND =
  (present(instances[REFERENCE_INSTANCE_TYPE], "the price of the reference type").spotHour + usd.publicAddressHour) / 3_600;
/** EC2 bills by the second, a minute at least. https://aws.amazon.com/ec2/pricing/on-demand/ */
export const MINIMUM_INSTANCE_SECONDS = 60;

/** Lambda on arm64, per GB-second. */
export const LAMBDA_GIBIBYTE_SECOND = usd.functionGibibyteSecond;
/** Lambda, per request. */
export const LAMBDA_REQUEST = usd.functionRequest;
/** DynamoDB, per read unit of up to 4 KB, consistent. */
export const TABLE_READ = usd.tableRead;
/** What a restore of a table brings back, per GB of its data and indexes. */
export const TABLE_RESTORE_GIGABYTE = usd.tableRestoreGigabyte;

/** What costs while nothing is done, by the month of 730 hours that AWS's calculator has. */
const MONTH_HOURS = 730;
/** Each metric that a CloudWatch alarm of standard resolution looks at: an expression has several. */
export const ALARM_METRIC_MONTH = usd.alarmMetricMonth;
/** An interface endpoint in one zone. */
export const INTERFACE_ENDPOINT_MONTH = usd.interfaceEndpointHour * MONTH_HOURS;
/** A dashboard of up to 50 metrics and more. */
export const DASHBOARD_MONTH = usd.dashboardMonth;
/** A key of the account's. */
export const KMS_KEY_MONTH = usd.keyMonth;
export const SECRET_MONTH = usd.secretMonth;
/** Each of the first 25 hosted zones. */
export const HOSTED_ZONE_MONTH = usd.hostedZoneMonth;
/** A load balancer, with no request. */
export const BALANCER_MONTH = usd.balancerHour * MONTH_HOURS;
export const PUBLIC_ADDRESS_MONTH = usd.publicAddressHour * MONTH_HOURS;
/** A NAT gateway with its address. */
export const NAT_GATEWAY_MONTH = (usd.natGatewayHour + usd.publicAddressHour) * MONTH_HOURS;
/** Instances that always run, on demand, each with its address, by type. */
export const INSTANCE_MONTH: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(instances).map(([type, { onDemandHour }]) => [type, (onDemandHour + usd.publicAddressHour) * MONTH_HOURS]),
);
