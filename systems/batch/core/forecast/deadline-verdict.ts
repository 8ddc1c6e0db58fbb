import type { Work } from "../pricing/work";
import { raisesFor, slotsFor, type Bounds, type SlotLimit } from "./limits";
import type { DeadlineVerdict } from "./route-forecast";

interface Timed {
  readonly seconds: number;
  readonly fixedSeconds: number;
  /** Of a worker; 1 where slots are counted themselves. */
  readonly slotsPerUnit: number;
}

/** Whether a route is through in time, and what would have to be otherwise. @returns nothing without a deadline */
export function verdictOf(
  work: Work,
  slotLimits: readonly SlotLimit[],
  bounds: Bounds,
  { fixedSeconds, seconds, slotsPerUnit }: Timed,
  deadlineSeconds: number | undefined,
): { deadline?: DeadlineVerdict } {
  if (deadlineSeconds === undefined) return {};
  const available = deadlineSeconds - fixedSeconds;
  const slots = available > 0 ? slotsFor(work, available) : undefined;
  const size = slots === undefined ? {} : { size: Math.ceil(slots / slotsPerUnit) };
  const met = seconds <= deadlineSeconds;
  const raises = met || available <= 0 ? [] : raisesFor(work, slotLimits, bounds, available);
  return { deadline: { met, raises, fixedSeconds, ...size } };
}
