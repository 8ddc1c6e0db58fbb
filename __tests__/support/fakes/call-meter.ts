import type { CallMeter } from "../../../kit/ports/call-meter";

/** Of a process that reaches no service. */
export const uncounted: CallMeter = { take: () => 0 };
