/** Whose credentials the command works with. */
export interface Caller {
  readonly account: string;
  readonly arn: string;
  /** When they run out, in milliseconds since the epoch; absent where they don't, or it can't be known. */
  readonly expiresAt?: number;
}

/** Asks the account who asks. */
export interface WhoAmI {
  /** @throws what the service or the chain of credentials says */
  ask(): Promise<Caller>;
}
