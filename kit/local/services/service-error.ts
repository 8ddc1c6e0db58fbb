/** A call that a service refuses, as AWS does. */
export class ServiceError extends Error {
  public override readonly name = "ServiceError";

  /** @param code AWS's name for it, such as `ValidationError` */
  public constructor(
    public readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A parameter that a call can't do without. @throws ServiceError when it is not there */
export function needed<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new ServiceError("ValidationError", `the parameter ${name} is required`);
  return value;
}
