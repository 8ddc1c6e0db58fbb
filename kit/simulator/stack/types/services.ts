/** The types of each service in memory; a new service's file is named here, and nowhere else. */
export { AUTO_SCALING_TYPES } from "./autoscaling";
export { CLOUDWATCH_TYPES } from "./cloudwatch";
export { DYNAMODB_TYPES } from "./dynamodb";
export { EVENTS_TYPES } from "./events";
export { LAMBDA_TYPES } from "./lambda";
export { S3_TYPES } from "./s3";
export { SQS_TYPES } from "./sqs";
export { STEP_FUNCTIONS_TYPES } from "./step-functions";
