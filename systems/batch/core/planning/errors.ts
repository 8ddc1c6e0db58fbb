/** A plan breaks a limit: the message says which, with the value and the way out. The batch is refused, nothing is retried. */
export class PlanRefusedError extends Error {
  public override readonly name = "PlanRefusedError";
  /**
   * @param limit what may not be exceeded, with its number and unit
   * @param value what the batch has
   * @param wayOut what the user can do
   */
  public constructor(limit: string, value: string, wayOut: string, options?: ErrorOptions) {
    super(`${value}; ${limit}; ${wayOut}`, options);
  }
}
