import type { Conditions, PolicyStatement } from "./statement";

/** One resource of an AWS service that acts in the service's name, without a role: a bucket that notifies, a rule, a topic. */
export interface ServiceSource {
  /** Letters and digits; unique among those that one resource policy allows. */
  readonly sid: string;
  /** The service's principal, such as `s3.amazonaws.com`. */
  readonly service: string;
  readonly sourceArn: string;
  /**
   * The account that has to own the source.
   *
   * @default not asked - most ARNs name their account. A bucket's doesn't: its name may be somebody else's after it was deleted
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
   */
  readonly accountId?: string;
  /** What else must be true of the request. @default nothing */
  readonly conditions?: Conditions;
}

/** Lets this source and nobody else of its service act. */
export const allowService = (
  { accountId, conditions, service, sid, sourceArn }: ServiceSource,
  actions: readonly string[],
  resources: readonly string[],
): PolicyStatement => ({
  Sid: sid,
  Effect: "Allow",
  Principal: { Service: service },
  Action: actions,
  Resource: resources,
  Condition: {
    ...conditions,
    ArnEquals: { ...conditions?.["ArnEquals"], "aws:SourceArn": sourceArn },
    ...(accountId === undefined ? {} : { StringEquals: { ...conditions?.["StringEquals"], "aws:SourceAccount": accountId } }),
  },
});
