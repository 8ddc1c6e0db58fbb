import type { CreateResource } from "../resource-type";
import { COMPUTE_TYPES } from "./compute";
import { DYNAMODB_TYPES } from "./dynamodb";
import { IAM_TYPES } from "./iam";
import { LAMBDA_TYPES } from "./lambda";
import { MONITORING_TYPES } from "./monitoring";
import { NETWORK_TYPES } from "./network";
import { S3_TYPES } from "./s3";
import { SQS_TYPES } from "./sqs";
import { STEP_FUNCTIONS_TYPES } from "./step-functions";

/** Every resource type that the local run creates. */
export const RESOURCE_TYPES: ReadonlyMap<string, CreateResource> = new Map<string, CreateResource>(
  Object.entries({
    ...COMPUTE_TYPES,
    ...DYNAMODB_TYPES,
    ...IAM_TYPES,
    ...LAMBDA_TYPES,
    ...MONITORING_TYPES,
    ...NETWORK_TYPES,
    ...S3_TYPES,
    ...SQS_TYPES,
    ...STEP_FUNCTIONS_TYPES,
  }),
);
