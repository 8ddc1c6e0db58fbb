import { z } from "zod";
import type { AwsEvent } from "../emulator/emulator";
import type { ServiceAnswer } from "../services/service";
import { ServiceError } from "../services/service-error";
import type { LocalScaling } from "./local-scaling";

/** Where orders come from that AWS has no call for; the emulator's launcher asks for the stack's secret there (answered.py). */
export const ORDERS = "filemill";

/** What EC2 does of itself, ordered for one of its instances. */
export const fleetOrderSchema = z.object({
  order: z.enum([
    /** Announces that it takes a spot instance back, and does it two minutes later. */
    "interrupt",
    /** Recommends to replace a spot instance. */
    "rebalance",
  ]),
  instanceId: z.string(),
});
export type FleetOrder = z.output<typeof fleetOrderSchema>;

/** Carries an order out, with the event that AWS sends of it. Never rejects. */
export function carryOutOrder(scaling: LocalScaling, tellEvent: (event: AwsEvent) => void, body: string): ServiceAnswer {
  const headers = { "content-type": "application/json" };
  try {
    const { instanceId, order } = fleetOrderSchema.parse(JSON.parse(body));
    const place = scaling.find(instanceId)?.record.arn.split(":").slice(3, 5).join(":") ?? "";
    const event = { source: "aws.ec2", resources: [`arn:aws:ec2:${place}:instance/${instanceId}`] };
    if (order === "interrupt") {
      const takenAt = scaling.interrupt(instanceId);
      // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
      const detail = { "instance-id": instanceId, "instance-action": "terminate" };
      tellEvent({ ...event, detailType: "EC2 Spot Instance Interruption Warning", detail });
      return { status: 200, headers, body: JSON.stringify({ takenAt: new Date(takenAt).toISOString() }) };
    }
    scaling.recommendRebalance(instanceId);
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
    tellEvent({ ...event, detailType: "EC2 Instance Rebalance Recommendation", detail: { "instance-id": instanceId } });
    return { status: 200, headers, body: "{}" };
  } catch (error) {
    const isRefusal = error instanceof ServiceError;
    const message = error instanceof Error ? error.message : String(error);
    return { status: isRefusal ? 400 : 500, headers, body: JSON.stringify({ error: message }) };
  }
}
