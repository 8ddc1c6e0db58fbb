/** How one service of a stack answers. */
export interface ServiceAnswer {
  /** `S3`, with what it was asked about: `S3 (bucket my-state)`. */
  readonly service: string;
  /** From the request to the answer, its tries included. */
  readonly milliseconds: number;
  /** Why it is not well; absent when it answered. */
  readonly problem?: string;
  /** The service's clock when it answered, in milliseconds since the epoch; the header has whole seconds. */
  readonly serverTime?: number;
}

/** Asks each service of a stack something cheap. */
export interface ServiceProbe {
  /** Never throws: a service that does not answer is an answer, too. */
  probe(): Promise<ServiceAnswer[]>;
}
