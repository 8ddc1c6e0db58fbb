/** A call that Auto Scaling refuses. */
export class ScalingRefusedError extends Error {
  public override readonly name = "ScalingRefusedError";

  /** @param code the name that Auto Scaling's API gives it */
  public constructor(
    public readonly code: "ScalingActivityInProgress" | "ValidationError",
    message: string,
  ) {
    super(message);
  }
}
