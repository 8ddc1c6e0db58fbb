/** The configuration can't be used: every problem in one message, with its fix. */
export class ConfigurationError extends Error {
  public override readonly name = "ConfigurationError";
  public constructor(subject: string, problems: string, fix: string) {
    super(`${subject} is not usable:\n${problems}\n${fix}`);
  }
}
