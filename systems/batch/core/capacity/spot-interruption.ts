import { z } from "zod";
import type { LogEvent } from "../../../../kit/lib/log";
import type { Ledger } from "../../ports/ledger";

/** EventBridge's word that EC2 takes a spot instance back. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
export const interruptionSchema = z.object({
  "detail-type": z.literal("EC2 Spot Instance Interruption Warning"),
  /** ISO 8601, UTC. */
  time: z.string(),
  detail: z.object({ "instance-id": z.string().min(1), "instance-action": z.string() }),
});
export type Interruption = z.output<typeof interruptionSchema>;

/** Remembers the interruption: whatever the instance's worker held is then a spot loss, also when it did not hear of it itself. */
export async function noteInterruption(
  deps: { readonly ledger: Ledger; readonly log: LogEvent },
  { detail, time }: Interruption,
): Promise<void> {
  await deps.ledger.noteSpotNotice(detail["instance-id"], time);
  deps.log("info", "spot_interruption_noted", { instanceId: detail["instance-id"], action: detail["instance-action"] });
}
