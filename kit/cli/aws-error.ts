/** What AWS, or its SDK, refuses: by the names of its errors. */
const KINDS: readonly { readonly code: string; readonly names: RegExp; readonly fix: string }[] = [
  {
    code: "aws-credentials",
    names:
      /^(?:CredentialsProviderError|TokenProviderError|ExpiredToken(?:Exception)?|InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignatureException|RequestExpired|RequestTimeTooSkewed|AuthFailure)$/,
    fix: "check AWS_PROFILE or the AWS_ACCESS_KEY_ID you use, and this machine's clock: `aws sts get-caller-identity` must answer",
  },
  {
    code: "aws-access-denied",
    names: /^(?:AccessDenied(?:Exception)?|UnauthorizedOperation|KMSAccessDeniedException)$/,
    fix: "let your user or role do what the message names, on the resources of this stack",
  },
  {
    code: "aws-not-found",
    names:
      /^(?:ResourceNotFoundException|NoSuchBucket|NotFound|QueueDoesNotExist|StateMachineDoesNotExist|AWS\.SimpleQueueService\.NonExistentQueue)$/,
    fix: "the stack was removed or is another one: write its outputs again with `terraform output -json > FILE`, and look at the region",
  },
  {
    code: "aws-busy",
    names:
      /^(?:Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|ProvisionedThroughputExceeded|ServiceUnavailable|InternalServerError|InternalFailure|KmsThrottled|RequestThrottled)/,
    fix: "the service is busy or has a fault: try again in some minutes",
  },
  {
    code: "aws-no-answer",
    names: /^(?:TimeoutError|RequestTimeout|NetworkingError)$/,
    fix: "check the network, the proxy settings and the region, then try again",
  },
];

/** @returns undefined for what is no error of AWS */
export function awsErrorText({
  name,
  message,
}: Error): { readonly code: string; readonly message: string; readonly fix: string } | undefined {
  const kind = KINDS.find(({ names }) => names.test(name));
  return kind === undefined ? undefined : { code: kind.code, message: `${name}: ${message}`, fix: kind.fix };
}
