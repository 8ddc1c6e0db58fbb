/** Where simulated services are. */
export const SIMULATED_REGION = "us-east-1";
export const SIMULATED_ACCOUNT_ID = "000000000000";

export const simulatedArn = (service: string, rest: string): string =>
  `arn:aws:${service}:${SIMULATED_REGION}:${SIMULATED_ACCOUNT_ID}:${rest}`;
