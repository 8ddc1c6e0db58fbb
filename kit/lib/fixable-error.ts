/** An error that its reader can do something about: `message` says cause and value, `fix` the way out. */
export abstract class FixableError extends Error {
  public constructor(
    message: string,
    public readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
