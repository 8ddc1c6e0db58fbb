import { interruptionSchema, noteInterruption } from "../../../../../systems/batch/core/capacity/spot-interruption";
import { FinishWorld, MINUTE } from "../finish/finish-world";

/** As in https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
const EVENT = {
  version: "0",
  id: "12345678-1234-1234-1234-123456789012",
  "detail-type": "EC2 Spot Instance Interruption Warning",
  source: "aws.ec2",
  account: "123456789012",
  time: "2026-01-01T00:00:30Z",
  region: "us-east-1",
  resources: ["arn:aws:ec2:us-east-1b:instance/i-1234567890abcdef0"],
  detail: { "instance-id": "i-1234567890abcdef0", "instance-action": "terminate" },
};

/** A worker of that id claims a chunk and vanishes; somebody takes it over after the lease. */
async function takenOver(notice: boolean): Promise<{ spotLosses: number; deaths: number }> {
  const world = new FinishWorld();
  const ref = await world.atWork(1);
  const leaseUntil = world.clock.now() + MINUTE;
  await world.ledger.claimChunk(ref, 0, { worker: "i-1234567890abcdef0", leaseUntil });
  if (notice) await noteInterruption(world.deps, interruptionSchema.parse(EVENT));
  world.clock.advance(2 * MINUTE);
  const { row } = await world.ledger.claimChunk(ref, 0, { worker: "i-other", leaseUntil: world.clock.now() + 10 * MINUTE });
  return { spotLosses: row.spotLosses, deaths: row.deaths };
}

test("invariant 7: what the interrupted instance held is a spot loss, and without the event a death (S1.111)", async () => {
  expect(await takenOver(true)).toEqual({ spotLosses: 1, deaths: 0 });
  expect(await takenOver(false)).toEqual({ spotLosses: 0, deaths: 1 });
});

test("it is logged with instance and action", async () => {
  const world = new FinishWorld();
  await noteInterruption(world.deps, interruptionSchema.parse(EVENT));
  expect(world.logged).toEqual([{ event: "spot_interruption_noted", fields: { instanceId: "i-1234567890abcdef0", action: "terminate" } }]);
});

test.each([
  ["another event", { ...EVENT, "detail-type": "EC2 Instance Rebalance Recommendation" }],
  ["no instance", { ...EVENT, detail: { "instance-action": "terminate" } }],
  ["an empty instance id", { ...EVENT, detail: { "instance-id": "", "instance-action": "terminate" } }],
  ["no time", { ...EVENT, time: undefined }],
])("%s is refused", (_what, event) => {
  expect(interruptionSchema.safeParse(event).success).toBe(false);
});
