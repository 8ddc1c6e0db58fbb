const AGAIN = "put it back or make it readable, or take it out of the input, then submit again";

/** A file of this machine can't be read any more. */
export class SourceFileError extends Error {
  public override readonly name = "SourceFileError";
  public readonly fix = AGAIN;
  public constructor(
    public readonly path: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`'${path}' could not be uploaded: ${problem}`, options);
  }
}
