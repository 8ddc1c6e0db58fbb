import { S3ServiceException } from "@aws-sdk/client-s3";
import {
  BucketElsewhereError,
  BucketMissingError,
  ObjectAccessDeniedError,
  ObjectArchivedError,
  ObjectChangedError,
  ObjectMissingError,
} from "../ports/object-store";

/**
 * S3's answer in the words of the port; anything else is given back as it is. HEAD answers have no body, so there the status code
 * is all there is. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 *
 * @param action the IAM action of the call, for the message of a denial
 */
export function objectError(error: unknown, action: string, bucket: string, key: string): unknown {
  if (!(error instanceof S3ServiceException)) return error;
  const options = { cause: error };
  switch (error.name) {
    case "NoSuchBucket":
      return new BucketMissingError(bucket, key, options);
    case "PermanentRedirect":
      return new BucketElsewhereError(bucket, key, options);
    // an archived object that is not restored: answered with 403, yet no permission would help
    case "InvalidObjectState":
      return new ObjectArchivedError(bucket, key, options);
  }
  if (action === "s3:GetObject" && isUnusableKey(error.name)) {
    return new ObjectAccessDeniedError(bucket, key, { ...options, action: `s3:GetObject and the use of the object's key (${error.name})` });
  }
  switch (error.$metadata.httpStatusCode) {
    case 404:
      return new ObjectMissingError(bucket, key, options);
    case 412:
      return new ObjectChangedError(bucket, key, options);
    case 403:
      // the other 403s are about who we are or our clock, not about permissions on this object
      return error.name === "AccessDenied" || error.name === "Forbidden" || error.name === "403"
        ? new ObjectAccessDeniedError(bucket, key, { ...options, action })
        : error;
    default:
      return error;
  }
}

/**
 * Answers to a GET that are about the key an object is encrypted with: `InvalidRequest` wants the customer's own key (SSE-C), `KMS.…`
 * says that the KMS key is disabled, gone or elsewhere. No later attempt will do better.
 */
const isUnusableKey = (name: string): boolean => name === "InvalidRequest" || name.startsWith("KMS.");
