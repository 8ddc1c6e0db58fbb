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

/** Whether the API's answer means "not now": the group is at its minimum size, or another activity is under way. */
export const isNotNow = (code: string, message: string): boolean =>
  code.startsWith("ScalingActivityInProgress") || (code === "ValidationError" && /min(imum)? ?size/i.test(message));

/** Whether the API's answer means that no group has the instance any more. */
export const isUnknownInstance = (code: string, message: string): boolean => code === "ValidationError" && /not found/i.test(message);
