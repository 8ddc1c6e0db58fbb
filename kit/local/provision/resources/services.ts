/** The types of each service; a new service's file is named here, and nowhere else. */
export { ALERT_TYPES } from "./alerts";
export { AUTO_SCALING_TYPES } from "./auto-scaling";
export { BACKUP_TYPES } from "./backup";
export { COMPUTE_TYPES } from "./compute";
export { DYNAMODB_TYPES } from "./dynamodb";
export { IAM_TYPES } from "./iam";
export { LAMBDA_TYPES } from "./lambda";
export { MONITORING_TYPES } from "./monitoring";
export { NETWORK_TYPES } from "./network";
export { S3_TYPES } from "./s3";
export { SQS_TYPES } from "./sqs";
export { STEP_FUNCTIONS_TYPES } from "./step-functions";
