import type { PolicyStatement } from "./statement";

/**
 * Refuses everything that doesn't come over TLS. A denial only narrows, so its wildcard is no grant.
 *
 * @param service prefix of the actions, `s3` or `sqs`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
 */
export const denyWithoutTls = (service: "s3" | "sqs", resources: readonly string[]): PolicyStatement => ({
  Sid: "DenyWithoutTls",
  Effect: "Deny",
  Principal: "*",
  Action: `${service}:*`,
  Resource: resources,
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});

/** Trust of an AWS service in a role. */
export const serviceTrust = (service: string, conditions?: PolicyStatement["Condition"]): PolicyStatement => ({
  Sid: "Assume",
  Effect: "Allow",
  Principal: { Service: service },
  Action: ["sts:AssumeRole"],
  ...(conditions === undefined ? {} : { Condition: conditions }),
});
